// Follows what the service tells: events, from where it left off, and levels. Nothing is followed while nobody
// looks: browsers open six connections to a service, for all tabs together.
import { CallError } from '../api/call';
import type { EventJson, ReplyTraceJson, WatchEventsRequestJson, WatchEventsResponseJson, WatchLevelsRequestJson, WatchLevelsResponseJson } from '../api/gen/sensory/v1/events_pb';
import { wait } from '../api/limit';
import { stream } from '../api/stream';
import { levels } from './levels';
import { pin } from './pictures';
import { failed, presence, worked } from './poll';
import { store } from './store';
import { partOf, reopened, told } from './told';
import { most, type Part } from './view';

let asked = false;

/** soon reads the room again when events have settled. */
function soon(): void {
  if (asked) return;
  asked = true;
  setTimeout(() => { asked = false; void presence().catch(() => undefined); }, 150);
}

/** take applies events to the view. Pictures are asked for of the latest answers only, and of none of a time when turns had other numbers. */
function take(events: EventJson[]): void {
  const answers: { of: Part; reply: ReplyTraceJson }[] = [];
  for (const e of events) {
    store.change((v) => told(v, e));
    if (e.room !== store.view.room) continue;
    if (e.reply?.source) answers.push({ of: partOf(store.view, e), reply: e.reply });
    if (e.kind !== 'said') soon();
  }
  const { room, epoch } = store.view;
  answers.filter((a) => a.of.epoch === epoch).slice(-most.pins).forEach((a) => { void pin(room, a.of, a.reply); });
}

/** hiddenMs is how long events are followed still when nobody looks: who comes back at once has missed nothing. */
const hiddenMs = 5000;

/** whileSeen runs a task again and again, and ends it when the page has been hidden for some time, in ms, until the signal. */
export async function whileSeen(ms: number, signal: AbortSignal, task: (seen: AbortSignal) => Promise<void>): Promise<void> {
  const seen = () => document.visibilityState === 'visible';
  let end = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let come = () => {};
  const stop = () => { end.abort(); come(); };
  const changed = () => {
    clearTimeout(timer);
    if (seen()) come();
    else timer = setTimeout(stop, ms);
  };
  document.addEventListener('visibilitychange', changed);
  signal.addEventListener('abort', stop);
  try {
    while (!signal.aborted) {
      if (!seen()) await new Promise<void>((done) => { come = done; });
      if (!signal.aborted && seen()) {
        end = new AbortController();
        await task(end.signal);
      }
    }
  } finally {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', changed);
    signal.removeEventListener('abort', stop);
  }
}

/** events follows the events of one room, beginning with the latest ones, until the signal. */
export async function events(room: string, signal: AbortSignal): Promise<void> {
  let after: string | undefined;
  let log = '';
  await whileSeen(hiddenMs, signal, async (seen) => {
    while (!seen.aborted) {
      const begin: WatchEventsRequestJson = after ? { room, after, log } : { room, recent: 200 };
      try {
        await stream<WatchEventsRequestJson, WatchEventsResponseJson>('EventService/WatchEvents', begin, (m) => {
          after = m.sequence ?? after;
          log = m.log ?? log;
          if (store.view.link !== 'live') store.set({ link: 'live' });
          worked('events');
          take(m.events ?? []);
        }, seen);
      } catch (e) {
        if (signal.aborted) return;
        if (store.view.link === 'live') store.set({ link: 'polling' });
        if (seen.aborted) return;
        const reason = e instanceof CallError ? e.reason : '';
        if (['sequence_gone', 'sequence_ahead', 'other_log'].includes(reason)) {
          after = undefined;
          store.change(reopened); // what is missing may be how a turn ended, or that a room began anew
        } else if (reason !== 'unknown_call') failed('events', e);
      }
      await wait(1000, seen);
    }
  });
}

/** loudness follows how loud everybody in a room is, until the signal. */
export async function loudness(room: string, signal: AbortSignal): Promise<void> {
  await whileSeen(0, signal, async (seen) => {
    while (!seen.aborted) {
      await stream<WatchLevelsRequestJson, WatchLevelsResponseJson>('EventService/WatchLevels', { room }, (m) => levels.add(m), seen).catch(() => undefined);
      await wait(2000, seen);
    }
  });
}
