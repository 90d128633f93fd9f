// The form of a persona: one that is to be seated, one that is changed, or one that can only be read.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { call, CallError } from '../api/call';
import type { PersonaJson } from '../api/gen/sensory/v1/personas_pb';
import { draftOf, fieldOf, personaOf, type Draft, type Field } from '../state/definition';
import { presence, rooms } from '../state/poll';
import { firstOf } from '../ui/parts';

/** Opened is a form: for the persona was in a room, or for another one where that is empty. */
export interface Opened {
  room: string;
  was: string;
  value: PersonaJson;
  /** Why it can only be read; empty where it can be changed. */
  fixed: string;
}

/** Told is what went wrong, and where. */
interface Told {
  text: string;
  field: Field | undefined;
}

/** Line is a field of a form, with what is wrong with it. */
function Line(p: { label: string; wrong: string; of: (a: Aria) => ComponentChildren }) {
  const id = useId();
  return (
    <div class="field">
      <label>{p.label}{p.of(p.wrong ? { 'aria-invalid': true, 'aria-describedby': id } : {})}</label>
      {p.wrong && <p class="wrong" role="alert" id={id}>{p.wrong}</p>}
    </div>
  );
}

interface Aria { 'aria-invalid'?: boolean; 'aria-describedby'?: string }

const kinds = { history: { room: 'what was said since it came', off: 'nothing', stored: 'what was said in the room, also before' },
  remember: { '': 'as the program does', never: 'never', on_request: 'on request', auto: 'by itself' } } as const;

export function Form({ was, value, room, fixed, close }: Opened & { close: () => void }) {
  const [d, set] = useState<Draft>(() => draftOf(room, value));
  const [busy, work] = useState(false);
  const [told, tell] = useState<Told | undefined>();
  const removed = useRef(false);
  const there = useRef(true); // a form that was left meanwhile closes no other one
  const region = useRef<HTMLFormElement>(null);
  useEffect(() => {
    firstOf(region.current)?.focus();
    return () => { there.current = false; };
  }, []);
  useEffect(() => {
    if (told?.field) region.current?.querySelector<HTMLElement>(`[name=${told.field}]`)?.focus();
  }, [told]);

  const wrong = (of: Field) => (told?.field === of ? told.text : '');
  const write = (of: Field) => (e: { currentTarget: { value: string } }) => set({ ...d, [of]: e.currentTarget.value });
  const text = (of: Field, label: string, hint: string, more: object = {}) => (
    <Line label={label} wrong={wrong(of)} of={(aria) => (
      <input type="text" name={of} value={d[of]} placeholder={fixed ? undefined : hint} maxLength={128} autocomplete="off" readOnly={Boolean(fixed)} {...more} {...aria} onInput={write(of)} />)} />
  );
  const long = (of: Field, label: string, rows: number, most: number) => (
    <Line label={label} wrong={wrong(of)} of={(aria) => (
      <textarea name={of} rows={rows} maxLength={most} readOnly={Boolean(fixed)} value={d[of]} {...aria} onInput={write(of)} />)} />
  );
  const choice = (of: 'history' | 'remember', label: string) => (
    <Line label={label} wrong={wrong(of)} of={(aria) => (
      <select name={of} value={d[of]} disabled={Boolean(fixed)} {...aria} onChange={write(of)}>
        {Object.entries(kinds[of]).map(([v, words]) => <option key={v} value={v}>{words}</option>)}
      </select>)} />
  );

  const submit = async (e: Event) => {
    e.preventDefault();
    if (busy || fixed) return;
    work(true);
    tell(undefined);
    try {
      // A persona is changed by seating it anew: who is in the middle of a sentence says its clause first.
      if (was && !removed.current) await leave(room, was);
      removed.current = true;
      await call('PersonaService/SpawnPersona', { room: d.room, persona: personaOf(d) });
      await Promise.all([rooms(), presence()]);
      if (there.current) close();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      tell({
        text: was && removed.current ? `${was} has left its seat, and this one is not seated: ${why}` : why,
        field: error instanceof CallError ? fieldOf(error.field) : undefined,
      });
      work(false);
    }
  };
  return (
    <form class="persona" ref={region} onSubmit={submit} aria-label={was ? `${fixed ? 'Definition of' : 'Edit'} ${was} in ${room}` : 'Add a persona'}>
      {fixed && <p role="note">{fixed}</p>}
      {text('name', 'Name', 'iris', { required: true })}
      {was ? <p>In {room}</p> : text('room', 'Room', 'lobby', { required: true })}
      {text('identity', 'Who it is in the room', 'its name')}
      {long('aliases', 'Other names, one a line', 2, 2200)}
      {text('profile', 'Profile', 'embedded')}
      {text('voice', 'Voice', 'the profile’s, or piper:en_US-joe-medium')}
      {long('prompt', 'Prompt', 3, 32768)}
      {long('greeting', 'Greeting, said once, to the first person', 2, 1024)}
      {long('specialty', 'What it knows about, one thing a line', 2, 2200)}
      {text('answer', 'Tokens of an answer, at most', 'the program’s', { type: 'number', min: 0, max: 32768, step: 1 })}
      {choice('history', 'Knows of before')}
      {choice('remember', 'Remembers')}
      {long('say', 'Says in a silence, if not what the room’s policy has', 2, 1024)}
      {text('after', 'of so many seconds', '30', { type: 'number', min: 0, max: 86400, step: 'any' })}
      <div class="acts">
        {!fixed && <button type="submit" aria-disabled={busy} aria-busy={busy}>{was ? 'Seat it anew' : 'Seat it'}</button>}
        <button type="button" onClick={close}>{fixed ? 'Close' : 'Cancel'}</button>
      </div>
      {busy && <small role="status">Models are loaded; this may take a while.</small>}
      {told && !told.field && <p class="wrong" role="alert">{told.text}</p>}
    </form>
  );
}

/** leave has a persona leave its seat, which may have happened meanwhile. */
async function leave(room: string, persona: string): Promise<void> {
  try {
    await call('PersonaService/RemovePersona', { room, persona });
  } catch (e) {
    if (!(e instanceof CallError) || !['unknown_persona', 'unknown_room'].includes(e.reason)) throw e;
  }
}
