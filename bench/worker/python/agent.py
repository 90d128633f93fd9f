"""A worker of LiveKit Agents for Python with parts that cost nothing, for the race (../README.md).

Real are WebRTC, Opus, the voice detector and the turns of the framework. What is heard is always the
same text, there as soon as somebody speaks; what is answered always the same sentence; its voice a
tone at full level, there at once. Run: python agent.py start"""

import asyncio
import math
import os
from array import array

from livekit import rtc
from livekit.agents import Agent, AgentServer, AgentSession, JobContext, JobExecutorType, JobProcess, cli, inference, llm, stt, tts
from livekit.agents.voice import room_io

HEARD = "canned: somebody said something"
SAYS = "This answer is canned."
SILENCE = 0.55  # s
RATE = 24000  # Hz
TONE = float(os.environ.get("RACE_TONE", "2"))  # s
PIECE = RATE // 10


def tone():
    """The tone, in frames of 100 ms."""
    samples = array("h", (round(16384 * math.cos(2 * math.pi * 440 * i / RATE)) for i in range(round(RATE * TONE))))
    return [rtc.AudioFrame(samples[i : i + PIECE].tobytes(), RATE, 1, PIECE) for i in range(0, len(samples), PIECE)]


class Ears(stt.STT):
    def __init__(self):
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=False))

    async def _recognize_impl(self, *_, **__):
        raise NotImplementedError("the agent's stt_node hears")


class Mind(llm.LLM):
    def chat(self, **_):
        raise NotImplementedError("the agent's llm_node answers")


class Voice(tts.TTS):
    def __init__(self):
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=RATE, num_channels=1)

    def synthesize(self, *_, **__):
        raise NotImplementedError("the agent's tts_node speaks")


class Canned(Agent):
    def __init__(self, frames):
        super().__init__(instructions="Answer.")
        self._frames = frames

    async def stt_node(self, audio, model_settings):
        heard = asyncio.Queue()

        def changed(event):
            if event.new_state == "speaking":
                heard.put_nowait(True)

        async def drain():
            async for _ in audio:
                pass
            heard.put_nowait(False)

        self.session.on("user_state_changed", changed)
        draining = asyncio.create_task(drain())
        try:
            while await heard.get():
                said = stt.SpeechData(language="en", text=HEARD, confidence=1.0)
                yield stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[said])
        finally:
            draining.cancel()
            self.session.off("user_state_changed", changed)

    async def llm_node(self, chat_ctx, tools, model_settings):
        yield SAYS

    async def tts_node(self, text, model_settings):
        async for _ in text:
            pass
        for frame in self._frames:
            yield frame


def prewarm(process: JobProcess):
    process.userdata["frames"] = tone()


async def entry(ctx: JobContext):
    session = AgentSession(
        stt=Ears(),
        llm=Mind(),
        tts=Voice(),
        vad=inference.VAD(model="silero", min_silence_duration=SILENCE),
        turn_handling={
            "turn_detection": "vad",
            "endpointing": {"min_delay": SILENCE, "max_delay": SILENCE},
            "interruption": {"mode": "vad"},
        },
    )
    # Opus takes a steady tone for noise and leaves it out (DTX).
    sent = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False)
    output = room_io.AudioOutputOptions(sample_rate=RATE, track_publish_options=sent)
    await session.start(agent=Canned(ctx.proc.userdata["frames"]), room=ctx.room, room_options=room_io.RoomOptions(audio_output=output))


# No load is reported: by default a worker takes nothing while the machine's processors are 70 % busy,
# which a race on a small machine makes them.
server = AgentServer(
    host="127.0.0.1",
    port=int(os.environ["RACE_PORT"]),
    load_fnc=lambda _: 0.0,
    setup_fnc=prewarm,
    job_executor_type=JobExecutorType.THREAD if os.environ.get("RACE_EXECUTOR") == "thread" else JobExecutorType.PROCESS,
)
server.rtc_session(entry, agent_name=os.environ["RACE_AGENT"])

if __name__ == "__main__":
    cli.run_app(server)
