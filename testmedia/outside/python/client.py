"""Enters a room with LiveKit's SDK for Python. The first line of standard input is what it is given,
each further line a command; what it notices goes to standard output, a line each. Ends with its
input."""

import array
import asyncio
import json
import re
import sys
import time
import urllib.request
import wave

from google.protobuf import json_format
from livekit import rtc
from livekit.protocol.agent_pb.agent_session import AgentSessionMessage

BEGAN = time.monotonic()
tasks = set()


def report(event, **fields):
    print(json.dumps({"event": event, "at": (time.monotonic() - BEGAN) * 1000, **fields}), flush=True)


def run(work):
    async def fenced():
        try:
            await work
        except Exception as e:  # whoever drives this has to know
            report("problem", text=repr(e))

    task = asyncio.get_running_loop().create_task(fenced())
    tasks.add(task)
    task.add_done_callback(tasks.discard)


def show_agents(room):
    agents = [p for p in room.remote_participants.values() if p.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT]
    listed = [
        {
            "who": p.identity,
            "name": p.name,
            "state": p.attributes.get("lk.agent.state", ""),
            "silence": p.attributes.get("sensory_agent.silence", ""),
        }
        for p in agents
    ]
    report("agents", agents=listed)
    if listed:
        report("assistant", who=listed[0]["who"], state=listed[0]["state"])


async def listen(track, who):
    loud, quiet = False, 0.0
    async for event in rtc.AudioStream(track, sample_rate=48000, num_channels=1):
        samples = array.array("h", bytes(event.frame.data))
        power = sum((x / 32768) ** 2 for x in samples) / max(1, len(samples))
        quiet = 0.0 if power > 1e-5 else quiet + len(samples) / 48  # ms; −50 dBFS
        now = quiet == 0 or (loud and quiet < 150)
        if now != loud:
            report("sound", who=who, on=now)
        loud = now


async def transcribe(reader, who):
    text = ""

    def line():
        of = reader.info.attributes or {}
        final = of.get("lk.transcription_final") == "true"
        report("transcript", who=who, id=of.get("lk.segment_id"), text=text, final=final)

    async for chunk in reader:
        text += chunk
        line()
    line()  # the trailer may have changed what is final


def admit(config):
    """Asks a token endpoint, as pages do, where there is one."""
    if not config["tokens"]:
        return config["url"], config["token"]
    wanted = {"room_name": config["room"], "participant_identity": "ada", "participant_name": "Ada"}
    request = urllib.request.Request(config["tokens"], json.dumps(wanted).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        got = json.load(answer)
    return got["server_url"], got["participant_token"]


async def ask(me, to, text, payload):
    """Asks an agent's session, as debug panels do."""
    message = json_format.ParseDict({"request": {"requestId": payload, text: {}}}, AgentSessionMessage())
    writer = await me.stream_bytes(payload, topic="lk.agent.session", destination_identities=[to])
    await writer.write(message.SerializeToString())
    await writer.aclose()


async def answered(reader, who):
    data = b"".join([chunk async for chunk in reader])
    report("session", who=who, text=json_format.MessageToJson(AgentSessionMessage.FromString(data), indent=None))


async def call(me, to, text, payload=""):
    try:
        answer = await me.perform_rpc(destination_identity=to, method=text, payload=payload)
    except rtc.RpcError as e:
        answer = f"error {e.code}: {e.message}"
    report("answer", who=to, text=answer)


async def enter(config):
    room = rtc.Room()
    for event in ("participant_connected", "participant_disconnected", "participant_attributes_changed"):
        room.on(event, lambda *_: show_agents(room))
    room.on("disconnected", lambda *why: report("disconnected", text=str(why)))

    @room.on("track_subscribed")
    def _(track, _, participant):
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            run(listen(track, participant.identity))

    @room.on("transcription_received")
    def _(segments, participant, _):
        for s in segments:
            report("packet", who=participant.identity if participant else None, id=s.id, text=s.text, final=s.final)

    room.register_text_stream_handler("lk.transcription", lambda reader, who: run(transcribe(reader, who)))
    room.register_byte_stream_handler("lk.agent.session", lambda reader, who: run(answered(reader, who)))
    await room.connect(*await asyncio.to_thread(admit, config))
    report("connected")
    show_agents(room)
    return room


async def speak(room, config):
    with wave.open(config["sound"]) as f:
        sound = f.readframes(f.getnframes())
    source = rtc.AudioSource(48000, 1)
    track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
    await room.local_participant.publish_track(track, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE))

    async def feed():
        at = 0
        while True:
            part = sound[at : at + 960].ljust(960, b"\0")  # silence behind the end
            at += 960
            await source.capture_frame(rtc.AudioFrame(part, 48000, 1, 480))

    run(feed())


async def show(room, config):
    with open(config["picture"], "rb") as f:
        width, height = map(int, re.search(rb"W(\d+) H(\d+)", f.readline()).groups())
        f.readline()  # FRAME
        picture = f.read(width * height * 3 // 2)
    source = rtc.VideoSource(width, height)
    track = rtc.LocalVideoTrack.create_video_track("camera", source)
    codec = rtc.VideoCodec.Value(config["codec"].upper())
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA, video_codec=codec)
    await room.local_participant.publish_track(track, options)

    async def feed():
        while True:
            source.capture_frame(rtc.VideoFrame(width, height, rtc.VideoBufferType.I420, picture))
            await asyncio.sleep(0.1)

    run(feed())


async def main():
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    config = json.loads(await lines.readline())
    room = await enter(config)
    async for line in lines:
        said = json.loads(line)
        if said["do"] == "microphone":
            await speak(room, config)
        elif said["do"] == "camera":
            await show(room, config)
        elif said["do"] == "chat":
            await room.local_participant.send_text(said["text"], topic="lk.chat")
        elif said["do"] == "session":
            await ask(room.local_participant, said["to"], said["text"], said["payload"])
        elif said["do"] == "call":
            await call(room.local_participant, said["to"], said["text"], said.get("payload", ""))
        report("done", text=said["do"])
    for task in tasks:
        task.cancel()
    await room.disconnect()


asyncio.run(main())
