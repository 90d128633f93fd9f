// Calls of the service's API: Connect's protocol in JSON, over fetch. Types come from the contract
// (npm run generate); nothing of a protobuf library is in the page.
import type {
  GetStoreRequestJson, GetStoreResponseJson, ListLeasesRequestJson, ListLeasesResponseJson, ListModelsRequestJson, ListModelsResponseJson,
  ListPromptsRequestJson, ListPromptsResponseJson, ResolveModelRequestJson, ResolveModelResponseJson,
} from './gen/sensory/v1/machine_pb';
import type {
  GetPersonaRequestJson, GetPersonaResponseJson, MutePersonaRequestJson, MutePersonaResponseJson, RemovePersonaRequestJson, RemovePersonaResponseJson,
  SpawnPersonaRequestJson, SpawnPersonaResponseJson, SpeakNextRequestJson, SpeakNextResponseJson, StopSpeakingRequestJson, StopSpeakingResponseJson,
} from './gen/sensory/v1/personas_pb';
import type {
  GetRoomStateRequestJson, GetRoomStateResponseJson, GetSightRequestJson, GetSightResponseJson, ListRoomsRequestJson, ListRoomsResponseJson,
  PublishStimulusRequestJson, PublishStimulusResponseJson,
} from './gen/sensory/v1/rooms_pb';
import { Limit } from './limit';

/** What is asked and what is answered, by call. */
export interface Calls {
  'RoomService/ListRooms': [ListRoomsRequestJson, ListRoomsResponseJson];
  'RoomService/GetRoomState': [GetRoomStateRequestJson, GetRoomStateResponseJson];
  'RoomService/PublishStimulus': [PublishStimulusRequestJson, PublishStimulusResponseJson];
  'RoomService/GetSight': [GetSightRequestJson, GetSightResponseJson];
  'PersonaService/GetPersona': [GetPersonaRequestJson, GetPersonaResponseJson];
  'PersonaService/SpawnPersona': [SpawnPersonaRequestJson, SpawnPersonaResponseJson];
  'PersonaService/RemovePersona': [RemovePersonaRequestJson, RemovePersonaResponseJson];
  'PersonaService/MutePersona': [MutePersonaRequestJson, MutePersonaResponseJson];
  'PersonaService/SpeakNext': [SpeakNextRequestJson, SpeakNextResponseJson];
  'PersonaService/StopSpeaking': [StopSpeakingRequestJson, StopSpeakingResponseJson];
  'MachineService/ListLeases': [ListLeasesRequestJson, ListLeasesResponseJson];
  'MachineService/ListModels': [ListModelsRequestJson, ListModelsResponseJson];
  'MachineService/ListPrompts': [ListPromptsRequestJson, ListPromptsResponseJson];
  'MachineService/GetStore': [GetStoreRequestJson, GetStoreResponseJson];
  'MachineService/ResolveModel': [ResolveModelRequestJson, ResolveModelResponseJson];
}

/** CallError is what a call ends with: reason is a stable word of docs/api.md. */
export class CallError extends Error {
  constructor(message: string, readonly code: string, readonly reason: string, readonly field = '') {
    super(message);
  }
}

interface Problem {
  code?: string;
  message?: string;
  error?: string;
  details?: { debug?: { reason?: string; field?: string } }[];
}

/** problemOf reads an error as the service writes it. */
export function problemOf(p: Problem, status: number): CallError {
  const debug = p.details?.find((d) => d.debug?.reason)?.debug;
  const reason = debug?.reason ?? (status === 401 ? 'token_needed' : 'failed');
  return new CallError(p.message ?? p.error ?? `the service answered with ${status}`, p.code ?? String(status), reason, debug?.field);
}

const tokenKey = 'sensory-agent.token';

/** token is the API's, kept until the tab is closed. */
export const token = {
  get: () => sessionStorage.getItem(tokenKey) ?? '',
  set: (value: string) => (value ? sessionStorage.setItem(tokenKey, value) : sessionStorage.removeItem(tokenKey)),
};

/** headers are those of every request. */
export function headers(type = 'application/json'): Record<string, string> {
  const h: Record<string, string> = { 'Content-Type': type, 'Connect-Protocol-Version': '1' };
  if (token.get()) h.Authorization = `Bearer ${token.get()}`;
  return h;
}

/** How long a call may take, in ms: longer than the service itself lets it take. */
const usualMs = 15_000;
const seatMs = 150_000; // models are loaded; who leaves says its clause first

/**
 * request sends one and reads the answer as JSON. Errors: CallError; reason "unreachable" where nobody
 * answers in ms. What ends by the signal of init throws what fetch does.
 */
export async function request<T>(path: string, init: RequestInit, ms = usualMs): Promise<T> {
  const limit = new Limit(ms, init.signal);
  try {
    const response = await fetch(path, { cache: 'no-store', credentials: 'omit', redirect: 'error', ...init, signal: limit.signal });
    if (!response.ok) throw problemOf(await response.json().catch(() => ({})) as Problem, response.status);
    return await response.json() as T;
  } catch (e) {
    if (e instanceof CallError || init.signal?.aborted) throw e;
    throw new CallError('the service does not answer', 'unavailable', 'unreachable');
  } finally {
    limit.done();
  }
}

/** call asks the service. */
export function call<M extends keyof Calls>(method: M, body: Calls[M][0], signal?: AbortSignal): Promise<Calls[M][1]> {
  const ms = method === 'PersonaService/SpawnPersona' || method === 'PersonaService/RemovePersona' ? seatMs : usualMs;
  return request(`/sensory.v1.${method}`, { method: 'POST', headers: headers(), body: JSON.stringify(body), signal: signal ?? null }, ms);
}
