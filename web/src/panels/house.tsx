// Rooms, personas and models: what is there and where it came from; add, change and remove personas.
import { useEffect, useRef, useState } from 'preact/hooks';
import { call, CallError } from '../api/call';
import type { ModelJson } from '../api/gen/sensory/v1/machine_pb';
import type { PersonaJson } from '../api/gen/sensory/v1/personas_pb';
import { enter, presence, resolve, rooms } from '../state/poll';
import { store, useView } from '../state/store';
import { Act, bytes, Empty, firstOf, Panel, useFocus, Who, words } from '../ui/parts';

export function House() {
  return (
    <Panel name="house" title="Rooms, personas, models">
      <Rooms />
      <Personas />
      <Models />
    </Panel>
  );
}

function Rooms() {
  const all = useView((v) => v.rooms);
  const shown = useView((v) => v.room);
  return (
    <>
      <h3>Rooms</h3>
      {all.length === 0 && <Empty>No persona has a seat anywhere.</Empty>}
      <ul class="plain rooms">
        {all.map((r) => (
          <li key={r.name}>
            <button type="button" class="link" aria-current={r.name === shown} onClick={() => enter(r.name ?? '')}>{r.name}</button>{' '}
            {r.open ? `${r.ready ?? 0} of ${(r.personas ?? []).length} ready` : 'not open'}: {(r.personas ?? []).join(', ')}
          </li>
        ))}
      </ul>
    </>
  );
}

const blank: PersonaJson = { name: '', profile: '', voice: '', prompt: '', greeting: '', aliases: [], remember: '' };

/** What this page has seated, by room and name: only of those it knows the whole definition. */
const seated = new Map<string, PersonaJson>();

/** Opened is a form: for the persona was in a room, or for another one where that is empty. */
interface Opened {
  room: string;
  was: string;
  value: PersonaJson;
}

function Personas() {
  const personas = useView((v) => v.state.personas) ?? [];
  const room = useView((v) => v.room);
  const [form, edit] = useState<Opened | undefined>();
  const opener = useRef<HTMLElement | null>(null);
  const add = useRef<HTMLButtonElement>(null);
  const region = useFocus(personas.map((p) => p.name).join());
  const open = (o: Opened) => (e: Event) => {
    opener.current = e.currentTarget as HTMLElement;
    edit(o);
  };
  const close = () => {
    const had = document.activeElement?.closest('form.persona');
    edit(undefined);
    if (had) (opener.current?.isConnected ? opener.current : add.current)?.focus();
  };
  const remove = async (name: string) => {
    await call('PersonaService/RemovePersona', { room, persona: name });
    seated.delete(`${room}/${name}`);
    await presence();
  };
  return (
    <div ref={region}>
      <h3>Personas in {room || 'no room'}</h3>
      <ul class="plain">
        {personas.map((p) => {
          const name = p.name ?? '';
          const value = seated.get(`${room}/${name}`);
          return (
            <li key={name}>
              <Who name={p.identity ?? name} /> {p.seat}{p.ready ? ', ready' : ''}{p.muted ? ', muted' : ''}
              <span class="acts">
                <button type="button" aria-label={`Edit ${name}`} aria-disabled={!value} title={value ? undefined : unknown}
                  onClick={value && open({ room, was: name, value })}>Edit</button>
                <Act label="Remove" title={`Remove ${name}`} does={() => remove(name)} />
              </span>
            </li>
          );
        })}
      </ul>
      {personas.some((p) => !seated.has(`${room}/${p.name}`)) && <p><small>{unknown}</small></p>}
      <button type="button" ref={add} onClick={open({ room, was: '', value: blank })}>Add a persona</button>
      {form && <Form key={`${form.room}/${form.was}`} {...form} close={close} />}
    </div>
  );
}

/** Why a persona cannot be edited: the service tells how it is, not what it is told to be. */
const unknown = 'Only what this page has seated can be edited here: of others it does not know the whole definition.';

function Form({ was, value, room, close }: Opened & { close: () => void }) {
  const [p, set] = useState(value);
  const [where, choose] = useState(room);
  const [state, tell] = useState({ busy: false, error: '' });
  const removed = useRef(false);
  const there = useRef(true); // a form that was left meanwhile closes no other one
  const region = useRef<HTMLFormElement>(null);
  useEffect(() => {
    firstOf(region.current)?.focus();
    return () => { there.current = false; };
  }, []);
  const field = (key: 'name' | 'profile' | 'voice' | 'greeting', label: string, hint: string, needed = false) => (
    <label>{label}<input type="text" name={key} value={p[key] ?? ''} placeholder={hint} required={needed} maxLength={500} autocomplete="off"
      onInput={(e) => set({ ...p, [key]: e.currentTarget.value })} /></label>
  );
  const submit = async (e: Event) => {
    e.preventDefault();
    if (state.busy) return;
    tell({ busy: true, error: '' });
    try {
      // A persona is changed by seating it anew: who is in the middle of a sentence says its clause first.
      if (was && !removed.current) await leave(where, was);
      removed.current = true;
      seated.delete(`${where}/${was}`);
      await call('PersonaService/SpawnPersona', { room: where, persona: p });
      seated.set(`${where}/${p.name}`, p);
      await Promise.all([rooms(), presence()]);
      if (there.current) close();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      tell({ busy: false, error: was && removed.current ? `${was} has left its seat, and this one is not seated: ${why}` : why });
    }
  };
  return (
    <form class="persona" ref={region} onSubmit={submit} aria-label={was ? `Edit ${was} in ${room}` : 'Add a persona'}>
      {field('name', 'Name', 'iris', true)}
      {was ? <p>In {room}</p> : (
        <label>Room<input type="text" name="room" value={where} placeholder="lobby" required maxLength={500} autocomplete="off" onInput={(e) => choose(e.currentTarget.value)} /></label>
      )}
      {field('profile', 'Profile', 'embedded')}
      {field('voice', 'Voice', 'the profile’s, or piper:en_US-joe-medium')}
      {field('greeting', 'Greeting', 'said once, to the first person')}
      <label>Prompt<textarea rows={3} maxLength={16000} value={p.prompt ?? ''} onInput={(e) => set({ ...p, prompt: e.currentTarget.value })} /></label>
      <label>Remembers<select value={p.remember ?? ''} onChange={(e) => set({ ...p, remember: e.currentTarget.value })}>
        <option value="">as the program does</option><option value="never">never</option><option value="on_request">on request</option><option value="auto">by itself</option>
      </select></label>
      <div class="acts">
        <button type="submit" aria-disabled={state.busy} aria-busy={state.busy}>{was ? 'Seat it anew' : 'Seat it'}</button>
        <button type="button" onClick={close}>Cancel</button>
      </div>
      {state.busy && <small role="status">Models are loaded; this may take a while.</small>}
      {state.error && <p class="wrong" role="alert">{state.error}</p>}
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

function Models() {
  const { models = [], loaded = [], places = [] } = useView((v) => v.machine.models);
  return (
    <>
      <h3>Models</h3>
      <Resolver />
      {places.map((p) => <p key={p.name} class="place">{p.name}: {bytes(p.usedBytes)}{Number(p.limitBytes ?? 0) > 0 ? ` of ${bytes(p.limitBytes)}` : ''}, {loaded.filter((l) => l.place === p.name).length} graphs</p>)}
      <ul class="plain models">{models.map((m) => <Model key={m.id} m={m} />)}</ul>
      {loaded.length > 0 && (
        <details><summary>{loaded.length} graphs in memory</summary>
          <ul class="plain">{loaded.map((l) => <li key={`${l.place}${l.name}`}>{l.name}: {l.state}, {bytes(l.bytes)}, {l.holders ?? 0} holders</li>)}</ul>
        </details>
      )}
    </>
  );
}

function Model({ m }: { m: ModelJson }) {
  return (
    <li>
      <details>
        <summary><b>{m.id}</b> <small>{m.licence}</small></summary>
        <dl>
          <div><dt>family</dt><dd>{m.family}</dd></div>
          <div><dt>from</dt><dd>{m.source}{m.revision ? ` at ${m.revision}` : ''}</dd></div>
          <div><dt>plays for</dt><dd>{(m.personas ?? []).join(', ') || 'nobody'}</dd></div>
          {m.unverified && <div><dt>not tried</dt><dd>{m.unverified}</dd></div>}
          {(m.files ?? []).map((f) => <div key={f.name}><dt>{f.name}</dt><dd>{bytes(f.bytes)} {f.sha256 ? <code>{f.sha256.slice(0, 12)}…</code> : 'not seen'}</dd></div>)}
        </dl>
      </details>
    </li>
  );
}

function Resolver() {
  const [profile, choose] = useState('embedded');
  const link = useView((v) => v.link);
  const answer = useView((v) => v.machine.resolved[profile]);
  useEffect(() => {
    if ((link === 'live' || link === 'polling') && !store.view.machine.resolved[profile]) void resolve(profile);
  }, [link]);
  return (
    <form class="resolver" onSubmit={(e) => { e.preventDefault(); void resolve(profile); }}>
      <label>Profile <input type="text" value={profile} maxLength={100} autocomplete="off" onInput={(e) => choose(e.currentTarget.value)} /></label>
      <button type="submit">What does it get here?</button>
      {typeof answer === 'string' && <p class="wrong">{answer}</p>}
      {answer && typeof answer !== 'string' && (
        <p class="answer"><b>{answer.base}</b> on {answer.silicon} {answer.device}; hears with {words(answer.ear ?? 'nothing')}, speaks with {answer.voice || 'nothing'}. {answer.why}</p>
      )}
    </form>
  );
}
