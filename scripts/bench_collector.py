"""A stand-in for an OpenTelemetry collector on loopback: it takes what is sent over OTLP and HTTP, and counts it.

Writes its address to the first file once it listens, and at SIGTERM to the second what has come: requests, bytes,
and replies (spans named agent_turn).
"""
import http.server
import json
import pathlib
import signal
import sys

address, result = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
came = {"requests": 0, "bytes": 0, "replies": 0}


class Take(http.server.BaseHTTPRequestHandler):
    """Answers as a collector that has taken everything."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        came["requests"] += 1
        came["bytes"] += len(body)
        came["replies"] += body.count(b"agent_turn")
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def end(*_):
    result.write_text(json.dumps(came))
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
server = http.server.HTTPServer(("127.0.0.1", 0), Take)
address.write_text(f"http://127.0.0.1:{server.server_port}")
server.serve_forever()
