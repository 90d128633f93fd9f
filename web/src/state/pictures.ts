// The pictures that models got: the newest one, and those that answers were made from.
import { call, CallError } from '../api/call';
import type { ReplyTraceJson } from '../api/gen/sensory/v1/events_pb';
import type { GetRoomStateResponseJson, GetSightRequestJson, SightJson } from '../api/gen/sensory/v1/rooms_pb';
import { looked } from './looked';
import { store } from './store';
import { kept, most, partKey, type Part, type Picture, type View } from './view';

let busy = false;

/** look fetches the newest picture of a room where it is another one than is shown. */
export function look(room: string, state: GetRoomStateResponseJson): void {
  const newest = newestOf(state.sights ?? []);
  const shown = store.view.picture?.sight;
  if (!newest) {
    if (shown && (state.sights ?? []).length === 0) show(room, undefined);
    return;
  }
  if (busy || (shown && sameEye(shown, newest) && shown.number === newest.number)) return;
  busy = true;
  void find(room, newest, state).then((p) => { if (p) show(room, p); }).finally(() => { busy = false; });
}

/** sameEye tells whether two pictures are of the same track, as the same model takes it. */
const sameEye = (a: SightJson, b: SightJson) => a.track === b.track && a.encoder === b.encoder;

/** counted is a picture with what has been counted of its track meanwhile. */
export const counted = (sight: SightJson, sights: SightJson[]): SightJson => sights.find((s) => sameEye(s, sight)) ?? sight;

/** blind are personas that do not look with an encoder, and until when they are not asked again, in ms since 1970. */
const blind = new Map<string, number>();
const blindMs = 10_000;

/** find fetches a picture as its encoder took it, from a persona whose model looks with that. */
async function find(room: string, newest: SightJson, state: GetRoomStateResponseJson): Promise<Picture | undefined> {
  const key = (persona: string) => `${room}/${persona} ${newest.encoder}`;
  const named = [...(newest.usedBy ?? []).map((u) => u.persona).reverse(), ...(state.personas ?? []).map((p) => p.identity)];
  for (const persona of new Set(named.filter((p) => p !== undefined))) {
    if ((blind.get(key(persona)) ?? 0) > Date.now()) continue;
    const got = await fetchPicture({ room, persona, track: newest.track });
    if (got && got !== 'none' && got.sight.encoder === newest.encoder) return got;
    if (!got) return undefined; // the service could not say
    blind.set(key(persona), Date.now() + blindMs);
    if (got !== 'none') release([got]);
  }
  return undefined;
}

function newestOf(sights: SightJson[]): SightJson | undefined {
  return sights.reduce<SightJson | undefined>((a, b) => (a && (a.ageMs ?? 0) <= (b.ageMs ?? 0) ? a : b), undefined);
}

/** pin fetches the picture that an answer was made from, and keeps it as long as the answer is shown. */
export async function pin(room: string, of: Part, trace: ReplyTraceJson): Promise<void> {
  const picture = await fetchPicture({ room, persona: of.persona, turn: of.turn });
  if (!picture || picture === 'none') return;
  const key = partKey(of);
  store.change((v) => {
    if (v.room !== room || v.epoch !== of.epoch || !v.turns.some((t) => t.key === key)) return late(v, picture);
    const fresh = { key, persona: of.persona, turn: of.turn, answer: trace.answer ?? '', looked: looked(trace), picture };
    const pins = kept(v.pins.filter((p) => p.key !== key), fresh, most.pins);
    release(v.pins.filter((p) => !pins.includes(p)).map((p) => p.picture));
    return { ...v, pins };
  });
}

/** none are the reasons that say that a persona has no such picture. */
const none = ['no_sight', 'unknown_persona'];

/** fetchPicture asks for a picture: none where there is no such one, undefined where that is not known. */
async function fetchPicture(of: GetSightRequestJson): Promise<Picture | 'none' | undefined> {
  const from = Date.now();
  const got = await call('RoomService/GetSight', of).catch((e: unknown) => (e instanceof CallError && none.includes(e.reason) ? 'none' : undefined));
  if (!got || got === 'none') return got;
  if (!got.image || !got.sight || !/^image\/(png|jpeg)$/.test(got.mediaType ?? '')) return 'none';
  const bytes = Uint8Array.from(atob(got.image), (c) => c.charCodeAt(0));
  return {
    sight: got.sight, url: URL.createObjectURL(new Blob([bytes], { type: got.mediaType })), width: got.width ?? 0, height: got.height ?? 0,
    at: from - (got.sight.ageMs ?? 0),
  };
}

function show(room: string, picture: Picture | undefined): void {
  store.change((v) => {
    if (v.room !== room) return picture ? late(v, picture) : v;
    if (v.picture) release([v.picture]);
    return { ...v, picture };
  });
}

/** late gives a picture back whose room or answer is not shown any more. */
function late(v: View, picture: Picture): View {
  release([picture]);
  return v;
}

/** releaseAll gives the pictures of a room back that is left. */
export function releaseAll(v: View): void {
  release([...(v.picture ? [v.picture] : []), ...v.pins.map((p) => p.picture)]);
}

/** release gives pictures back, when nothing shows them any more. */
function release(gone: Picture[]): void {
  setTimeout(() => gone.forEach((p) => URL.revokeObjectURL(p.url)), 1000);
}
