// Asks the service for what it does not tell by itself.
import { call, CallError } from '../api/call';
import type { FloorJson, GetRoomStateResponseJson } from '../api/gen/sensory/v1/rooms_pb';
import { look, releaseAll } from './pictures';
import { store } from './store';
import { emptyRoom, named, type Floor, type Problems } from './view';

/** every runs a task at once and then again some time after it has ended, until the signal. */
export function every(ms: number, task: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): void {
  const run = async () => {
    if (signal.aborted) return;
    if (document.visibilityState === 'visible') await task(signal).catch(() => undefined);
    if (!signal.aborted) setTimeout(run, ms);
  };
  void run();
}

/** locked are the reasons for which the page asks for a token. */
const locked = ['token_needed', 'token_wrong', 'token_changed'];

/** passing are the reasons that are gone with the next list of rooms. */
const passing = ['room_closed', 'unknown_room'];

/** failed says on the page what is wrong with what was asked. Whether the service is there, calls show: a stream may break off alone. */
export function failed(what: keyof Problems, e: unknown): void {
  const reason = e instanceof CallError ? e.reason : 'failed';
  if (passing.includes(reason)) worked(what);
  else if (locked.includes(reason)) store.set({ link: 'locked', problems: {} });
  else {
    const text = e instanceof Error ? e.message : String(e);
    store.change((v) => ({ ...v, link: reason === 'unreachable' && what !== 'events' ? 'down' : v.link, problems: { ...v.problems, [what]: text } }));
  }
}

/** worked takes back what was wrong with it. */
export function worked(...what: (keyof Problems)[]): void {
  store.change((v) => {
    if (!what.some((w) => w in v.problems)) return v;
    return { ...v, problems: Object.fromEntries(Object.entries(v.problems).filter(([w]) => !what.includes(w as keyof Problems))) };
  });
}

/** enter shows another room. */
export function enter(room: string): void {
  if (store.view.room === room) return;
  releaseAll(store.view);
  store.change((v) => ({ ...v, room, ...emptyRoom }));
  worked('room', 'events');
  history.replaceState(null, '', `#${encodeURIComponent(room)}`);
  void presence().catch(() => undefined);
}

/** rooms reads which rooms there are, and takes the first where none is shown. */
export async function rooms(signal?: AbortSignal): Promise<void> {
  if (store.view.link === 'locked') return;
  try {
    const { rooms: all = [] } = await call('RoomService/ListRooms', {}, signal);
    store.change((v) => ({ ...v, rooms: same(v.rooms, all), link: v.link === 'live' ? 'live' : 'polling' }));
    worked('rooms');
    const wanted = decodeURIComponent(location.hash.slice(1));
    if (all.some((r) => r.name === store.view.room)) return;
    enter((all.find((r) => r.name === wanted) ?? all[0])?.name ?? '');
  } catch (e) {
    if (!signal?.aborted) failed('rooms', e);
  }
}

/** presence reads who is in the room that is shown, who has the floor, and what is seen. */
export async function presence(signal?: AbortSignal): Promise<void> {
  const { room, link } = store.view;
  if (!room || link === 'locked' || link === 'down') return;
  let state: GetRoomStateResponseJson;
  try {
    state = await call('RoomService/GetRoomState', { room }, signal);
  } catch (e) {
    if (!signal?.aborted && store.view.room === room) failed('room', e);
    return;
  }
  if (store.view.room !== room) return;
  const now = Date.now();
  store.change((v) => ({
    ...v, state: same(v.state, state), names: named(v.names, state.participants ?? []), floor: same(v.floor, floorAt(state.floor ?? {}, v.floor, now)),
  }));
  worked('room');
  look(room, state);
}

/** floorAt turns times since into moments. A moment that was known before stays, so that nothing jitters. */
export function floorAt(f: FloorJson, before: Floor, now: number): Floor {
  const near = (ms: number | undefined, old: number | undefined) => {
    const at = now - (ms ?? 0);
    return old && Math.abs(old - at) < 500 ? old : at;
  };
  const holder = f.holder ?? '';
  return {
    holder, audible: f.audible ?? false,
    since: near(f.heldMs, holder === before.holder ? before.since : undefined),
    waiting: (f.replies ?? []).map((r) => {
      const old = before.waiting.find((w) => w.who === r.persona && w.ready === (r.ready ?? false));
      return { who: r.persona ?? '', ready: r.ready ?? false, since: near(r.waitingMs, old?.since) };
    }),
    questions: (f.questions ?? []).map((q) => (
      { who: q.who ?? '', since: near(q.waitingMs, before.questions.find((w) => w.who === q.who)?.since) })),
    busy: f.busy ?? [], soft: f.turnsSoftLeft ?? 0, hard: f.turnsHardLeft ?? 0,
  };
}

const shut = ['locked', 'down', 'opening'];

/** leases reads who holds what, and what was refused. */
export async function leases(signal: AbortSignal): Promise<void> {
  if (shut.includes(store.view.link)) return;
  const leases = await call('MachineService/ListLeases', {}, signal).catch(() => undefined);
  if (!leases) return;
  const refused = (leases.pools ?? []).flatMap((p) => (p.classes ?? []).flatMap((c) => Object.entries(c.refused ?? {}).map(
    ([reason, count]) => ({ silicon: p.silicon ?? '', class: c.class ?? '', reason, count: Number(count) }))));
  for (const [silicon, count] of Object.entries(leases.noBudget ?? {})) {
    refused.push({ silicon, class: 'demand', reason: 'no_budget', count: Number(count) }); // of any class: it has no pool
  }
  store.change((v) => ({ ...v, machine: same(v.machine, { ...v.machine, leases, refused }) }));
}

/** keeping reads how what is said is being kept; where it is not, nothing is shown of it. */
export async function keeping(signal: AbortSignal): Promise<void> {
  if (shut.includes(store.view.link)) return;
  const kept = await call('MachineService/GetStore', {}, signal).catch(() => undefined);
  if (kept) store.change((v) => ({ ...v, kept: same(v.kept, kept) }));
}

/** models reads what is loaded and where it came from, and what is kept of prompts. */
export async function models(signal: AbortSignal): Promise<void> {
  if (shut.includes(store.view.link)) return;
  const [all, prompts] = await Promise.all([
    call('MachineService/ListModels', {}, signal).catch(() => undefined), call('MachineService/ListPrompts', {}, signal).catch(() => undefined),
  ]);
  store.change((v) => ({ ...v, machine: same(v.machine, { ...v.machine, models: all ?? v.machine.models, prompts: prompts?.prompts ?? [] }) }));
}

/** resolve asks which models a profile gets here. */
export async function resolve(profile: string): Promise<void> {
  const answer = await call('MachineService/ResolveModel', { profile }).catch((e: unknown) => (e instanceof Error ? e.message : String(e)));
  store.change((v) => ({ ...v, machine: { ...v.machine, resolved: { ...v.machine.resolved, [profile]: answer } } }));
}

/** same is the old one where the new one says the same, so that nothing is drawn again. */
export function same<T>(old: T, now: T): T {
  return JSON.stringify(old) === JSON.stringify(now) ? old : now;
}
