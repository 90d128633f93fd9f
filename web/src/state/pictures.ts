// The pictures that models got: the newest one, and those that answers were made from.
import { call } from '../api/call';
import type { ReplyTraceJson } from '../api/gen/sensory/v1/events_pb';
import type { GetRoomStateResponseJson, GetSightRequestJson, SightJson } from '../api/gen/sensory/v1/rooms_pb';
import { looked } from './looked';
import { store } from './store';
import { kept, most, type Picture } from './view';

let busy = false;

/** look fetches the newest picture of a room where it is another one than is shown. */
export function look(room: string, state: GetRoomStateResponseJson): void {
  const newest = newestOf(state.sights ?? []);
  const shown = store.view.picture?.sight;
  if (!newest) {
    if (shown && (state.sights ?? []).length === 0) show(room, undefined);
    return;
  }
  if (busy || (shown?.track === newest.track && shown?.number === newest.number && shown?.encoder === newest.encoder)) return;
  const persona = state.personas?.[0]?.identity;
  if (!persona) return;
  busy = true;
  void fetchPicture({ room, persona: seer(newest, state) ?? persona, track: newest.track }).then((p) => { if (p) show(room, p); })
    .finally(() => { busy = false; });
}

/** seer is a persona whose model has looked. */
function seer(sight: SightJson, state: GetRoomStateResponseJson): string | undefined {
  return sight.usedBy?.at(-1)?.persona ?? state.personas?.find((p) => p.ready)?.identity;
}

function newestOf(sights: SightJson[]): SightJson | undefined {
  return sights.reduce<SightJson | undefined>((a, b) => (a && (a.ageMs ?? 0) <= (b.ageMs ?? 0) ? a : b), undefined);
}

/** pin fetches the picture that an answer was made from, and keeps it with the answer. */
export async function pin(room: string, persona: string, turn: number, trace: ReplyTraceJson): Promise<void> {
  const picture = await fetchPicture({ room, persona, turn });
  if (!picture) return;
  store.change((v) => {
    if (v.room !== room) return v;
    const pins = kept(v.pins.filter((p) => p.key !== `${turn}/${persona}`), { key: `${turn}/${persona}`, persona, turn, answer: trace.answer ?? '', looked: looked(trace), picture }, most.pins);
    release(v.pins.filter((p) => !pins.includes(p)).map((p) => p.picture));
    return { ...v, pins };
  });
}

async function fetchPicture(of: GetSightRequestJson): Promise<Picture | undefined> {
  const from = Date.now();
  const got = await call('RoomService/GetSight', of).catch(() => undefined);
  if (!got?.image || !got.sight || !/^image\/(png|jpeg)$/.test(got.mediaType ?? '')) return undefined;
  const bytes = Uint8Array.from(atob(got.image), (c) => c.charCodeAt(0));
  return {
    sight: got.sight, url: URL.createObjectURL(new Blob([bytes], { type: got.mediaType })), width: got.width ?? 0, height: got.height ?? 0,
    at: from - (got.sight.ageMs ?? 0),
  };
}

function show(room: string, picture: Picture | undefined): void {
  store.change((v) => {
    if (v.room !== room) return v;
    if (v.picture) release([v.picture]);
    return { ...v, picture };
  });
}

/** release gives pictures back, when nothing shows them any more. */
function release(gone: Picture[]): void {
  setTimeout(() => gone.forEach((p) => URL.revokeObjectURL(p.url)), 1000);
}
