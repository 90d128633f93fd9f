"""Asks a persona's session with the client that LiveKit's framework for Python has for that
(RemoteSession). The first line of standard input is what it is given, each further line a command;
what it is told goes to standard output, a line each. Ends with its input."""

import asyncio
import json
import sys

from google.protobuf import json_format
from livekit import rtc
from livekit.agents.voice.remote_session import RemoteSession


def report(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


async def ask(room, to, text):
    """Asks for all that the client knows, and gives input; what happens meanwhile is reported too."""
    session = RemoteSession.from_room(room, to)
    for event in ("agent_state_changed", "conversation_item_added", "session_usage_updated"):
        session.on(event, lambda e: report("session", who=to, id="event", text=json_format.MessageToJson(e, indent=None)))
    await session.start()
    await session.wait_for_ready()
    for name in ("get_session_state", "get_framework_info", "run", "get_agent_info", "get_chat_history"):
        answer = await (session.run(text) if name == "run" else getattr(session, name)())
        report("session", who=to, id=name, text=json_format.MessageToJson(answer, indent=None))
    await session.aclose()


async def main():
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    config = json.loads(await lines.readline())
    room = rtc.Room()
    await room.connect(config["url"], config["token"])
    report("connected")
    async for line in lines:
        said = json.loads(line)
        try:
            await ask(room, said["to"], said["text"])
        except Exception as e:  # whoever drives this has to know
            report("problem", text=repr(e))
        report("done", text=said["do"])
    await room.disconnect()


asyncio.run(main())
