// Enters a room with LiveKit's SDK for Node.js. The first line of standard input is what it is
// given, each further line a command; what it notices goes to standard output, a line each. Ends
// with its input.
import { readFile } from 'node:fs/promises';
import readline from 'node:readline';
import { AgentSession } from '@livekit/protocol';
import {
  AudioFrame, AudioSource, AudioStream, dispose, LocalAudioTrack, LocalVideoTrack, ParticipantKind, Room, RoomEvent, TrackKind,
  TrackPublishOptions, TrackSource, VideoBufferType, VideoCodec, VideoFrame, VideoSource,
} from '@livekit/rtc-node';

const began = performance.now();
const report = (event, fields = {}) => process.stdout.write(`${JSON.stringify({ event, at: performance.now() - began, ...fields })}\n`);
const problem = (e) => report('problem', { text: String(e?.stack ?? e) });
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

const agents = (room) => [...room.remoteParticipants.values()].filter((p) => p.kind === ParticipantKind.AGENT || p.info.kind === 4);

function showAgents(room) {
  const list = agents(room).map((p) => ({
    who: p.identity, name: p.name ?? '', state: p.attributes['lk.agent.state'] ?? '', silence: p.attributes['sensory_agent.silence'] ?? '',
  }));
  report('agents', { agents: list });
  if (list.length > 0) report('assistant', { who: list[0].who, state: list[0].state });
}

async function listen(track, who) {
  let loud = false;
  let quiet = 0; // ms
  for await (const frame of new AudioStream(track, 48000, 1)) {
    let power = 0;
    for (const x of frame.data) power += (x / 32768) ** 2;
    quiet = power / frame.data.length > 1e-5 ? 0 : quiet + (frame.samplesPerChannel / 48); // −50 dBFS
    const is = quiet === 0 || (loud && quiet < 150);
    if (is !== loud) report('sound', { who, on: is });
    loud = is;
  }
}

async function transcribe(reader, { identity }) {
  let text = '';
  const line = () => report('transcript', {
    who: identity, id: reader.info.attributes?.['lk.segment_id'], text, final: reader.info.attributes?.['lk.transcription_final'] === 'true',
  });
  for await (const chunk of reader) {
    text += chunk;
    line();
  }
  line(); // the trailer may have changed what is final
}

// admit asks a token endpoint, as pages do, where there is one.
async function admit(config) {
  if (!config.tokens) return config;
  const answer = await fetch(config.tokens, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ room_name: config.room, participant_identity: 'ada', participant_name: 'Ada' }),
  });
  const { server_url: url, participant_token: token } = await answer.json();
  if (!token) throw new Error(`no token: ${answer.status}`);
  return { url, token };
}

// ask asks an agent's session, as debug panels do.
async function ask(me, { to, text, payload }) {
  const writer = await me.streamBytes({ name: payload, topic: 'lk.agent.session', destinationIdentities: [to] });
  await writer.write(AgentSession.AgentSessionMessage.fromJson({ request: { requestId: payload, [text]: {} } }).toBinary());
  await writer.close();
}

async function answered(reader, { identity }) {
  const chunks = await reader.readAll();
  const message = AgentSession.AgentSessionMessage.fromBinary(new Uint8Array(Buffer.concat(chunks)));
  report('session', { who: identity, text: message.toJsonString() });
}

async function call(me, { to, text, payload }) {
  const answer = await me.performRpc({ destinationIdentity: to, method: text, payload: payload ?? '' }).catch((e) => `error ${e.code}: ${e.message}`);
  report('answer', { who: to, text: answer });
}

async function enter(config) {
  const room = new Room();
  const change = () => showAgents(room);
  room.on(RoomEvent.ParticipantConnected, change).on(RoomEvent.ParticipantDisconnected, change);
  room.on(RoomEvent.ParticipantAttributesChanged, change);
  room.on(RoomEvent.TrackSubscribed, (track, _, participant) => {
    if (track.kind === TrackKind.KIND_AUDIO) listen(track, participant.identity).catch(problem);
  });
  room.on(RoomEvent.Disconnected, (why) => report('disconnected', { text: String(why) }));
  room.registerTextStreamHandler('lk.transcription', (reader, from) => transcribe(reader, from).catch(problem));
  room.registerByteStreamHandler('lk.agent.session', (reader, from) => answered(reader, from).catch(problem));
  const { url, token } = await admit(config);
  await room.connect(url, token, { autoSubscribe: true, dynacast: true });
  report('connected');
  change();
  return room;
}

async function speak(room, config) {
  const wav = await readFile(config.sound);
  const samples = new Int16Array(wav.buffer.slice(wav.byteOffset + 44, wav.byteOffset + wav.length - (wav.length % 2)));
  const source = new AudioSource(48000, 1);
  const options = new TrackPublishOptions();
  options.source = TrackSource.SOURCE_MICROPHONE;
  await room.localParticipant.publishTrack(LocalAudioTrack.createAudioTrack('microphone', source), options);
  (async () => {
    for (let i = 0; !room.over; i += 480) {
      const frame = new Int16Array(480);
      frame.set(samples.subarray(i, i + 480)); // silence behind the end
      await source.captureFrame(new AudioFrame(frame, 48000, 1, 480));
    }
  })().catch(problem);
}

async function show(room, config) {
  const video = await readFile(config.picture);
  const begin = video.indexOf(10) + 1;
  const [, width, height] = video.subarray(0, begin).toString().match(/W(\d+) H(\d+)/).map(Number);
  const data = new Uint8Array(video.subarray(begin + 6, begin + 6 + (width * height * 3) / 2)); // behind "FRAME\n"
  const source = new VideoSource(width, height);
  const options = new TrackPublishOptions();
  options.source = TrackSource.SOURCE_CAMERA;
  options.videoCodec = VideoCodec[config.codec.toUpperCase()];
  await room.localParticipant.publishTrack(LocalVideoTrack.createVideoTrack('camera', source), options);
  (async () => {
    for (; !room.over; await pause(100)) source.captureFrame(new VideoFrame(data, width, height, VideoBufferType.I420));
  })().catch(problem);
}

let room;
let given;
try {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const said = JSON.parse(line);
    if (!room) {
      given = said;
      room = await enter(given);
      continue;
    }
    if (said.do === 'microphone') await speak(room, given);
    if (said.do === 'camera') await show(room, given);
    if (said.do === 'chat') await room.localParticipant.sendText(said.text, { topic: 'lk.chat' });
    if (said.do === 'session') await ask(room.localParticipant, said);
    if (said.do === 'call') await call(room.localParticipant, said);
    report('done', { text: said.do });
  }
} catch (e) {
  problem(e);
}
if (room) {
  room.over = true;
  await room.disconnect();
}
await dispose();
process.exit(0);
