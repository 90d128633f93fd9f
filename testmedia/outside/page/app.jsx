// A page of LiveKit's stock parts: nothing of it knows sensory-agent. It shows what such pages show,
// and reports what it shows to whoever drives the browser (window.report, a line of JSON each).
import {
  LiveKitRoom, RoomAudioRenderer, SessionProvider, useAgent, useChat, useRemoteParticipants, useRoomContext, useSession, useTracks,
  useTranscriptions, useVoiceAssistant, VideoTrack,
} from '@livekit/components-react';
import { AgentSession } from '@livekit/protocol';
import { ParticipantKind, Room, RoomEvent, TokenSource, Track } from 'livekit-client';
import { useEffect, useMemo, useRef } from 'react';
import { createRoot } from 'react-dom/client';

const config = window.config;
const report = (event, fields) => window.report(JSON.stringify({ event, at: performance.now(), ...fields }));

// useLoudness reports when the sound of an agent's track begins and ends.
function useLoudness(room) {
  useEffect(() => {
    const context = new AudioContext();
    const timers = new Map();
    const listen = (track, publication, participant) => {
      if (track.kind !== Track.Kind.Audio) return;
      const analyser = context.createAnalyser();
      context.createMediaStreamSource(new MediaStream([track.mediaStreamTrack])).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      let loud = false;
      let last = 0;
      timers.set(publication.trackSid, setInterval(() => {
        analyser.getFloatTimeDomainData(samples);
        const power = samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
        const now = performance.now();
        if (power > 1e-5) last = now; // −50 dBFS
        const is = last > 0 && now - last < 150;
        if (is !== loud) report('sound', { who: participant.identity, on: is });
        loud = is;
      }, 20));
    };
    const forget = (_, publication) => clearInterval(timers.get(publication.trackSid));
    room.on(RoomEvent.TrackSubscribed, listen).on(RoomEvent.TrackUnsubscribed, forget);
    return () => {
      room.off(RoomEvent.TrackSubscribed, listen).off(RoomEvent.TrackUnsubscribed, forget);
      timers.forEach(clearInterval);
      context.close();
    };
  }, [room]);
}

// useReports reports what is not shown by a component.
function useReports(room) {
  useEffect(() => {
    const packets = (segments, participant) =>
      segments.forEach((s) => report('packet', { who: participant?.identity, id: s.id, text: s.text, final: s.final }));
    const gone = (reason) => report('disconnected', { text: String(reason) });
    room.on(RoomEvent.TranscriptionReceived, packets).on(RoomEvent.Disconnected, gone);
    return () => room.off(RoomEvent.TranscriptionReceived, packets).off(RoomEvent.Disconnected, gone);
  }, [room]);
}

// ask asks an agent's session, as debug panels do.
async function ask(me, { to, text, payload }) {
  const writer = await me.streamBytes({ name: payload, topic: 'lk.agent.session', destinationIdentities: [to] });
  await writer.write(AgentSession.AgentSessionMessage.fromJson({ request: { requestId: payload, [text]: {} } }).toBinary());
  await writer.close();
}

// usePanel reports what agents' sessions say.
function usePanel(room) {
  useEffect(() => {
    room.registerByteStreamHandler('lk.agent.session', async (reader, { identity }) => {
      const chunks = await reader.readAll();
      const message = AgentSession.AgentSessionMessage.fromBinary(new Uint8Array(await new Blob(chunks).arrayBuffer()));
      report('session', { who: identity, text: message.toJsonString() });
    });
    return () => room.unregisterByteStreamHandler('lk.agent.session');
  }, [room]);
}

function useCommands(room, chat) {
  useEffect(() => {
    window.command = async (c) => {
      const me = room.localParticipant;
      if (c.do === 'microphone') await me.setMicrophoneEnabled(c.on);
      if (c.do === 'camera') await me.setCameraEnabled(c.on);
      if (c.do === 'chat') await chat(c.text);
      if (c.do === 'tell') await me.sendText(c.text, { topic: 'lk.chat', destinationIdentities: c.to.split(' ') });
      if (c.do === 'call') {
        const answer = await me.performRpc({ destinationIdentity: c.to, method: c.text, payload: c.payload }).catch((e) => `error ${e.code}: ${e.message}`);
        report('answer', { who: c.to, text: answer });
      }
      if (c.do === 'session') await ask(me, c);
      report('done', { text: c.do });
    };
  }, [room, chat]);
}

function Conversation({ written }) {
  const lines = useTranscriptions();
  const shown = useRef(new Map());
  useEffect(() => {
    for (const l of lines) {
      const final = l.streamInfo.attributes?.['lk.transcription_final'] ?? '';
      const is = `${l.text}|${final}`;
      if (shown.current.get(l.streamInfo.id) === is) continue;
      shown.current.set(l.streamInfo.id, is);
      report('transcript', {
        who: l.participantInfo.identity, id: l.streamInfo.attributes?.['lk.segment_id'], text: l.text, final: final === 'true',
      });
    }
  }, [lines]);
  const all = lines.map((l) => ({ id: l.streamInfo.id, at: l.streamInfo.timestamp, who: l.participantInfo.identity, text: l.text }));
  for (const m of written) {
    if (m.from?.isLocal) all.push({ id: m.id, at: m.timestamp, who: m.from.identity, text: m.message });
  }
  all.sort((a, b) => a.at - b.at);
  return <ol>{all.map((l) => <li key={l.id}><b>{l.who}</b> {l.text}</li>)}</ol>;
}

function Agents() {
  const agents = useRemoteParticipants().filter((p) => p.kind === ParticipantKind.AGENT);
  const list = agents.map((p) => ({ who: p.identity, name: p.name, worker: p.attributes['lk.agent_name'] ?? '', state: p.attributes['lk.agent.state'] ?? '', silence: p.attributes['sensory_agent.silence'] ?? '' }));
  const now = JSON.stringify(list);
  useEffect(() => { report('agents', { agents: JSON.parse(now) }); }, [now]);
  return <ul>{list.map((a) => <li key={a.who} className={a.state}><b>{a.name || a.who}</b> {a.state} <i>{a.silence}</i></li>)}</ul>;
}

// Camera shows what one's own camera sees, while it is on.
function Camera() {
  const camera = useTracks([Track.Source.Camera], { onlySubscribed: false }).find((t) => t.participant.isLocal);
  return camera ? <VideoTrack trackRef={camera} /> : null;
}

function Page() {
  const room = useRoomContext();
  const { agent, state } = useVoiceAssistant();
  const { chatMessages, send } = useChat();
  useLoudness(room);
  useReports(room);
  usePanel(room);
  useCommands(room, send);
  useEffect(() => { report('assistant', { who: agent?.identity, state }); }, [agent, state]);
  useEffect(() => {
    const m = chatMessages.at(-1);
    if (m) report('chat', { who: m.from?.identity, text: m.message });
  }, [chatMessages]);
  return <main><h1>{config.title}</h1><Camera /><Agents /><Conversation written={chatMessages} /><RoomAudioRenderer /></main>;
}

const options = { publishDefaults: { videoCodec: config.codec, backupCodec: false } };

// AgentState reports what the hook of starter apps makes of the agent.
function AgentState() {
  const { identity, state, failureReasons } = useAgent();
  useEffect(() => { report('agent', { who: identity, state, text: failureReasons?.join(' ') }); }, [identity, state, failureReasons]);
  return null;
}

// Starter enters as LiveKit's starter apps do: with a token of an endpoint, while the microphone records
// already. The token comes late, so that somebody can have said something before.
function Starter() {
  const source = useMemo(() => TokenSource.custom(async (wanted) => {
    await new Promise((done) => { setTimeout(done, Number(config.pause)); });
    return TokenSource.endpoint(config.tokens).fetch(wanted);
  }), []);
  const where = config.agent ? { agentName: config.agent } : { roomName: config.room };
  // That the microphone is to be recorded is an option of the session, too, which livekit-client 2.23.0 does not take note of.
  const room = useMemo(() => new Room({ publishDefaults: { ...options.publishDefaults, preConnectBuffer: true } }), []);
  const session = useSession(source, { ...where, room, participantIdentity: 'ada', participantName: 'Ada' });
  useEffect(() => {
    session.start().then(() => report('connected', {})).catch((e) => report('error', { text: String(e) }));
  }, []);
  return <SessionProvider session={session}><AgentState /><Page /></SessionProvider>;
}

function Entrance() {
  if (config.tokens) return <Starter />;
  return (
    <LiveKitRoom
      serverUrl={config.url} token={config.token} connect video={false} audio={false} options={options}
      onConnected={() => report('connected', {})}
      onError={(e) => report('error', { text: String(e) })}
      onMediaDeviceFailure={(e) => report('error', { text: `device: ${e}` })}
    >
      <Page />
    </LiveKitRoom>
  );
}

createRoot(document.getElementById('root')).render(<Entrance />);
