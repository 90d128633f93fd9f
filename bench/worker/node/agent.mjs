// A worker of LiveKit Agents for Node.js with parts that cost nothing, for the race (../README.md).
// Real are WebRTC, Opus, the voice detector and the turns of the framework. What is heard is always
// the same text, there as soon as somebody speaks; what is answered always the same sentence; its
// voice a tone at full level, there at once. Run: node agent.mjs start
import { ReadableStream } from 'node:stream/web';
import { fileURLToPath } from 'node:url';
import { cli, defineAgent, inference, llm, ServerOptions, stt, tts, voice } from '@livekit/agents';
import { AudioFrame, TrackPublishOptions, TrackSource } from '@livekit/rtc-node';

const HEARD = 'canned: somebody said something';
const SAYS = 'This answer is canned.';
const SILENCE = 550; // ms
const RATE = 24000; // Hz
const TONE = Number(process.env.RACE_TONE ?? 2); // s
const PIECE = RATE / 10;

/** The tone, in frames of 100 ms. */
function tone() {
  const frames = [];
  for (let at = 0; at < RATE * TONE; at += PIECE) {
    const samples = Int16Array.from({ length: PIECE }, (_, i) => Math.round(16384 * Math.cos((2 * Math.PI * 440 * (at + i)) / RATE)));
    frames.push(new AudioFrame(samples, RATE, 1, PIECE));
  }
  return frames;
}

class Ears extends stt.STT {
  label = 'canned';

  constructor() {
    super({ streaming: true, interimResults: false });
  }

  async _recognize() {
    throw new Error("the agent's sttNode hears");
  }

  stream() {
    throw new Error("the agent's sttNode hears");
  }
}

class Mind extends llm.LLM {
  label() {
    return 'canned';
  }

  chat() {
    throw new Error("the agent's llmNode answers");
  }
}

class Voice extends tts.TTS {
  label = 'canned';

  constructor() {
    super(RATE, 1, { streaming: false });
  }

  synthesize() {
    throw new Error("the agent's ttsNode speaks");
  }

  stream() {
    throw new Error("the agent's ttsNode speaks");
  }
}

class Canned extends voice.Agent {
  constructor(frames) {
    super({ instructions: 'Answer.' });
    this.frames = frames;
  }

  async sttNode(audio) {
    const { session } = this;
    let changed;
    return new ReadableStream({
      start(out) {
        changed = ({ newState }) => {
          if (newState === 'speaking') {
            out.enqueue({
              type: stt.SpeechEventType.FINAL_TRANSCRIPT,
              alternatives: [{ language: 'en', text: HEARD, startTime: 0, endTime: 0, confidence: 1 }],
            });
          }
        };
        session.on(voice.AgentSessionEventTypes.UserStateChanged, changed);
        (async () => {
          for await (const _ of audio); // nobody listens to it
          session.off(voice.AgentSessionEventTypes.UserStateChanged, changed);
          out.close();
        })().catch(() => {}); // the session has ended
      },
      cancel() {
        session.off(voice.AgentSessionEventTypes.UserStateChanged, changed);
      },
    });
  }

  async llmNode() {
    return ReadableStream.from([SAYS]);
  }

  async ttsNode(text) {
    for await (const _ of text); // the sentence is always the same
    return ReadableStream.from(this.frames);
  }
}

export default defineAgent({
  prewarm: async (process) => {
    process.userData.frames = tone();
  },
  entry: async (ctx) => {
    const session = new voice.AgentSession({
      stt: new Ears(),
      llm: new Mind(),
      tts: new Voice(),
      vad: new inference.VAD({ model: 'silero', minSilenceDuration: SILENCE }),
      turnHandling: {
        turnDetection: 'vad',
        endpointing: { minDelay: SILENCE, maxDelay: SILENCE },
        interruption: { mode: 'vad' },
      },
    });
    const sent = new TrackPublishOptions();
    sent.source = TrackSource.SOURCE_MICROPHONE;
    sent.dtx = false; // Opus takes a steady tone for noise and leaves it out
    await session.start({ agent: new Canned(ctx.proc.userData.frames), room: ctx.room, outputOptions: { audioPublishOptions: sent } });
    await ctx.connect();
  },
});

// No load is reported: by default a worker takes nothing while the machine's processors are 70 %
// busy, which a race on a small machine makes them.
cli.runApp(new ServerOptions({
  agent: fileURLToPath(import.meta.url),
  agentName: process.env.RACE_AGENT,
  host: '127.0.0.1',
  port: Number(process.env.RACE_PORT),
  loadFunc: async () => 0,
}));
