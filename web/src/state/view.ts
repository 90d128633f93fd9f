// What the page knows. A view is never changed in place: what is the same object is the same.
import type { LeaseChangeJson, MemoryDecisionJson, ReplyTraceJson } from '../api/gen/sensory/v1/events_pb';
import type {
  GetStoreResponseJson, ListLeasesResponseJson, ListModelsResponseJson, PromptCacheJson, ResolveModelResponseJson,
} from '../api/gen/sensory/v1/machine_pb';
import type { GetRoomStateResponseJson, ParticipantStateJson, RoomJson, SightJson } from '../api/gen/sensory/v1/rooms_pb';

/** Link is how the page stands with the service. */
export type Link = 'opening' | 'live' | 'polling' | 'down' | 'locked';

/**
 * Problems are what went wrong last, by what was asked: rooms, the room that is shown, its events. What is
 * answered is none any more.
 */
export type Problems = Partial<Record<'rooms' | 'room' | 'events', string>>;

/**
 * Part is a persona's part in a turn, and when something came of it. A room counts its turns from 1 when
 * it is opened anew: epoch tells which time it is.
 */
export interface Part {
  epoch: number;
  turn: number;
  persona: string;
  at: number;
}

/** partKey is the same for one persona's part in one turn only. */
export const partKey = (p: Part) => `${p.epoch}/${p.turn}/${p.persona}`;

/** Line is one of the transcript. Times are in ms since 1970. */
export interface Line {
  id: string;
  at: number;
  who: string;
  kind: 'human' | 'persona' | 'silence';
  text: string;
  /** How much of a persona's text has been heard, in characters. */
  spoken: number;
  /** Whether nothing is added any more. */
  done: boolean;
  turn: number;
  /** Why a persona is silent, or was cut short. */
  reason: string;
}

/** Picture is one as a model got it. */
export interface Picture {
  sight: SightJson;
  /** A blob: address, and its size in pixels. */
  url: string;
  width: number;
  height: number;
  /** When it was taken, in ms since 1970. */
  at: number;
}

/** Pin is the picture that an answer was made from. */
export interface Pin {
  key: string;
  persona: string;
  turn: number;
  answer: string;
  /** How old it was, in how many squares: see looked. */
  looked: string;
  picture: Picture;
}

/** Floor is who may be heard, and who waits; since are ms since 1970. */
export interface Floor {
  holder: string;
  audible: boolean;
  since: number;
  waiting: { who: string; since: number; ready: boolean }[];
  questions: { who: string; since: number }[];
  busy: string[];
  soft: number;
  hard: number;
}

/** Turn is one persona's part of a turn, as it went. */
export interface Turn extends Part {
  key: string;
  who: string;
  error: string;
  trace: ReplyTraceJson;
}

/** Mark is something on the waveform's time line. */
export interface Mark {
  at: number;
  kind: 'interruption' | 'backchannel';
  who: string;
}

/** Memory is what became of something that a persona was to remember. */
export interface Memory extends MemoryDecisionJson {
  key: string;
  at: number;
  persona: string;
}

/** Refusal is a share of the machine that was refused. */
export interface Refusal extends LeaseChangeJson {
  key: string;
  at: number;
  why: string;
}

/** Machine is what the process runs on. */
export interface Machine {
  leases: ListLeasesResponseJson;
  /** Refusals since the process began, by silicon, class and reason. */
  refused: { silicon: string; class: string; reason: string; count: number }[];
  models: ListModelsResponseJson;
  prompts: PromptCacheJson[];
  resolved: Record<string, ResolveModelResponseJson | string>;
}

/** View is all of it. */
export interface View {
  link: Link;
  problems: Problems;
  rooms: RoomJson[];
  room: string;
  /** How often the rooms that were shown have begun anew: see Part. */
  epoch: number;
  state: GetRoomStateResponseJson;
  /** What people call themselves, by identity. */
  names: Record<string, string>;
  floor: Floor;
  lines: Line[];
  picture: Picture | undefined;
  pins: Pin[];
  turns: Turn[];
  marks: Mark[];
  memories: Memory[];
  refusals: Refusal[];
  machine: Machine;
  /** How what is said is being kept; empty where it is not. */
  kept: GetStoreResponseJson;
}

/** emptyRoom is what is known of a room that nobody has looked at. */
export const emptyRoom = {
  state: {} as GetRoomStateResponseJson,
  names: {} as Record<string, string>,
  floor: { holder: '', audible: false, since: 0, waiting: [], questions: [], busy: [], soft: 0, hard: 0 } as Floor,
  lines: [] as Line[],
  picture: undefined as Picture | undefined,
  pins: [] as Pin[],
  turns: [] as Turn[],
  marks: [] as Mark[],
  memories: [] as Memory[],
};

/** empty is what is known before anybody has answered. */
export const empty: View = {
  link: 'opening', problems: {}, rooms: [], room: '', epoch: 0, ...emptyRoom, refusals: [],
  machine: { leases: {}, refused: [], models: {}, prompts: [], resolved: {} }, kept: {},
};

/** How much is kept. */
export const most = { lines: 300, turns: 40, pins: 6, marks: 100, memories: 60, refusals: 60, names: 300 } as const;

/** kept appends to a list and lets its oldest go. */
export function kept<T>(list: readonly T[], item: T, limit: number): T[] {
  return [...list.slice(Math.max(0, list.length + 1 - limit)), item];
}

/** named are names with those of who is there now; the first ones known give way. */
export function named(names: Record<string, string>, people: ParticipantStateJson[]): Record<string, string> {
  const fresh = people.filter((p) => p.identity && p.name && names[p.identity] !== p.name);
  if (fresh.length === 0) return names;
  const all = Object.entries({ ...names, ...Object.fromEntries(fresh.map((p) => [p.identity ?? '', p.name ?? ''])) });
  return Object.fromEntries(all.slice(Math.max(0, all.length - most.names)));
}

/** nameOf is what somebody is called. Guests have identities that nobody wants to read. */
export function nameOf(names: Record<string, string>, identity: string): string {
  return names[identity] ?? identity.replace(/^guest-([0-9a-f]{4})[0-9a-f]{4}-[0-9a-f-]{27}$/, 'guest $1');
}
