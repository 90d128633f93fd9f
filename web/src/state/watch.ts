// Follows what the service tells: events, from where it left off, and levels.
import { CallError } from '../api/call';
import type { EventJson, WatchEventsRequestJson, WatchEventsResponseJson, WatchLevelsRequestJson, WatchLevelsResponseJson } from '../api/gen/sensory/v1/events_pb';
import { stream } from '../api/stream';
import { levels } from './levels';
import { pin } from './pictures';
import { failed, presence } from './poll';
import { store } from './store';
import { told } from './told';

const wait = (ms: number, signal: AbortSignal) => new Promise<void>((done) => {
  const timer = setTimeout(done, ms);
  signal.addEventListener('abort', () => { clearTimeout(timer); done(); }, { once: true });
});

let asked = false;

/** soon reads the room again when events have settled. */
function soon(): void {
  if (asked) return;
  asked = true;
  setTimeout(() => { asked = false; void presence().catch(() => undefined); }, 150);
}

/** take applies one event to the view. */
export function take(e: EventJson): void {
  store.change((v) => told(v, e));
  if (e.room !== store.view.room) return;
  if (e.reply?.source) void pin(e.room ?? '', e.persona ?? '', e.turn ?? 0, e.reply);
  if (e.kind !== 'said') soon();
}

/** events follows the events of one room, beginning with the latest ones, until the signal. */
export async function events(room: string, signal: AbortSignal): Promise<void> {
  let after: string | undefined;
  let log = '';
  while (!signal.aborted) {
    const begin: WatchEventsRequestJson = after ? { room, after, log } : { room, recent: 200 };
    try {
      await stream<WatchEventsRequestJson, WatchEventsResponseJson>('EventService/WatchEvents', begin, (m) => {
        after = m.sequence ?? after;
        log = m.log ?? log;
        if (store.view.link !== 'live') store.set({ link: 'live', problem: '' });
        m.events?.forEach(take);
      }, signal);
    } catch (e) {
      if (signal.aborted) return;
      if (store.view.link === 'live') store.set({ link: 'polling' });
      if (!(e instanceof CallError)) throw e;
      if (['sequence_gone', 'sequence_ahead', 'other_log'].includes(e.reason)) after = undefined;
      else if (e.reason !== 'unknown_call') failed(e);
    }
    await wait(1000, signal);
  }
}

/** loudness follows how loud everybody in a room is, until the signal. */
export async function loudness(room: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await stream<WatchLevelsRequestJson, WatchLevelsResponseJson>('EventService/WatchLevels', { room }, (m) => levels.add(m), signal).catch(() => undefined);
    await wait(2000, signal);
  }
}
