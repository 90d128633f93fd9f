// The page as a participant of a room: a microphone, a camera or a drawn scene, and the voices of the
// others. LiveKit's library is loaded when somebody joins.
import type { DisconnectReason, LocalTrackPublication, RemoteTrack, Room } from 'livekit-client';
import { headers, request } from '../api/call';
import { height, sceneOf, width, type Scene } from './scene';

/** Show is what the page shows in the room. */
export type Show = 'nothing' | 'camera' | 'scene';

/** Session is how the page is in the room. */
export interface Session {
  state: 'out' | 'entering' | 'in';
  room: string;
  /** What others read; who it is in the room the service chooses, so that nobody takes somebody else's place. */
  name: string;
  microphone: boolean;
  show: Show;
  scene: Scene | undefined;
  /** Whether the browser plays no sound before something is pressed. */
  blocked: boolean;
  error: string;
}

const out: Session = { state: 'out', room: '', name: '', microphone: false, show: 'nothing', scene: undefined, blocked: false, error: '' };

/** Seat is the page's place in a room. One exists. */
export class Seat {
  now: Session = out;
  protected room: Room | undefined;
  private listeners = new Set<(s: Session) => void>();
  private canvas: HTMLCanvasElement | undefined;
  private shown: LocalTrackPublication | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;

  listen(l: (s: Session) => void): () => void {
    this.listeners.add(l);
    return () => this.listeners.delete(l);
  }

  protected set(part: Partial<Session>): void {
    this.now = { ...this.now, ...part };
    this.listeners.forEach((l) => l(this.now));
  }

  /** attempt runs one thing after the other, each whatever became of those before, and shows what went wrong first. */
  private async attempt(...tasks: (() => Promise<void>)[]): Promise<void> {
    this.set({ error: '' });
    for (const task of tasks) {
      try {
        await task();
      } catch (e) {
        this.set({ error: this.now.error || (e instanceof Error ? e.message : String(e)) });
      }
    }
  }

  /** enter joins a room under a name, and switches on what is asked for. */
  enter(room: string, name: string, microphone: boolean, show: Show): Promise<void> {
    const inside = () => this.now.state === 'in';
    return this.attempt(
      async () => {
        this.set({ state: 'entering', room });
        try {
          await this.connect(room, name);
        } catch (e) {
          await this.leave();
          throw e;
        }
      },
      async () => { if (microphone && inside()) await this.open(true); },
      async () => { if (show !== 'nothing' && inside()) await this.publish(show); },
    );
  }

  protected async connect(room: string, name: string): Promise<void> {
    const [{ DisconnectReason: Reason, Room: Joined, RoomEvent }, grant] = await Promise.all([
      import('livekit-client'),
      request<{ server_url: string; participant_token: string }>('/token', {
        method: 'POST', headers: headers(), body: JSON.stringify({ room_name: room, participant_name: name }),
      }),
    ]);
    const joined = new Joined({ publishDefaults: { videoCodec: 'vp8', simulcast: false, backupCodec: false } });
    this.room = joined;
    joined.on(RoomEvent.TrackSubscribed, (track: RemoteTrack) => { if (track.kind === 'audio') document.body.append(track.attach()); })
      .on(RoomEvent.TrackUnsubscribed, (track: RemoteTrack) => track.detach().forEach((e) => e.remove()))
      .on(RoomEvent.AudioPlaybackStatusChanged, () => this.set({ blocked: !joined.canPlaybackAudio }))
      .on(RoomEvent.Disconnected, (why?: DisconnectReason) => { if (this.room === joined) void this.leave(lost(why === undefined ? '' : Reason[why])); });
    await joined.connect(grant.server_url, grant.participant_token);
    this.set({ state: 'in', name, blocked: !joined.canPlaybackAudio });
  }

  /** hear lets the browser play what the others say. It is called when something was pressed. */
  hear(): Promise<void> {
    return this.attempt(async () => { await this.room?.startAudio(); });
  }

  speak(on: boolean): Promise<void> {
    return this.attempt(() => this.open(on));
  }

  private async open(on: boolean): Promise<void> {
    await this.room?.localParticipant.setMicrophoneEnabled(on);
    this.set({ microphone: on });
  }

  /** present shows the camera, a drawn scene, or nothing any more. */
  present(show: Show): Promise<void> {
    return this.attempt(() => this.publish(show));
  }

  private async publish(show: Show): Promise<void> {
    await this.hide();
    if (show === 'camera') this.shown = await this.room?.localParticipant.setCameraEnabled(true);
    if (show === 'scene') await this.publishScene();
    this.set({ show });
  }

  /** another draws another scene; of a given seed, that one. */
  another(seed = Math.floor(Math.random() * 2 ** 31)): void {
    const scene = sceneOf(seed);
    const to = this.canvas?.getContext('2d');
    if (to) scene.draw(to);
    this.set({ scene });
  }

  protected async publishScene(): Promise<void> {
    const { Track } = await import('livekit-client');
    this.canvas = Object.assign(document.createElement('canvas'), { width, height });
    this.another(this.now.scene?.seed);
    const [track] = this.canvas.captureStream(10).getVideoTracks();
    if (!track) throw new Error('this browser makes no video of a drawing');
    // A drawing that stands still makes no frames: it is drawn again, as a camera would see it.
    this.timer = setInterval(() => {
      const to = this.canvas?.getContext('2d');
      if (to) this.now.scene?.draw(to);
    }, 100);
    this.shown = await this.room?.localParticipant.publishTrack(track, { source: Track.Source.Camera, name: 'scene', simulcast: false });
  }

  private async hide(): Promise<void> {
    clearInterval(this.timer);
    const { shown } = this;
    this.canvas = this.shown = undefined;
    this.set({ show: 'nothing' });
    if (shown?.track) await this.room?.localParticipant.unpublishTrack(shown.track, true);
  }

  /** write says something in the chat of the room. */
  async write(text: string): Promise<void> {
    await this.room?.localParticipant.sendText(text, { topic: 'lk.chat' });
  }

  /** leave goes out of the room; error is why, where nobody asked for it. */
  async leave(error = ''): Promise<void> {
    const { room } = this;
    clearInterval(this.timer);
    this.room = this.canvas = this.shown = undefined;
    room?.removeAllListeners();
    room?.remoteParticipants.forEach((p) => p.audioTrackPublications.forEach((t) => t.track?.detach().forEach((e) => e.remove())));
    await room?.disconnect();
    this.set({ ...out, error, scene: this.now.scene });
  }
}

/** lost says why a room was left that nobody wanted to leave, in the words of LiveKit. */
export function lost(reason: string): string {
  return `You are not in the room any more${reason && `: ${reason.toLowerCase().replaceAll('_', ' ')}`}.`;
}

export const seat = new Seat();
