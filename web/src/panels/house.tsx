// Rooms, personas and models: what is there and where it came from; add, change and remove personas.
import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../api/call';
import type { ModelJson } from '../api/gen/sensory/v1/machine_pb';
import type { PersonaJson } from '../api/gen/sensory/v1/personas_pb';
import { enter, presence, resolve } from '../state/poll';
import { store, useView } from '../state/store';
import { Act, bytes, Empty, Panel, Who, words } from '../ui/parts';

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
  const rooms = useView((v) => v.rooms);
  const shown = useView((v) => v.room);
  return (
    <>
      <h3>Rooms</h3>
      {rooms.length === 0 && <Empty>No persona has a seat anywhere.</Empty>}
      <ul class="plain rooms">
        {rooms.map((r) => (
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

/** What this page has seated: only of those it knows the whole definition. */
const seated = new Map<string, PersonaJson>();

function Personas() {
  const personas = useView((v) => v.state.personas);
  const room = useView((v) => v.room);
  const [form, edit] = useState<{ was: string; value: PersonaJson } | undefined>();
  return (
    <>
      <h3>Personas in {room || 'no room'}</h3>
      <ul class="plain">
        {(personas ?? []).map((p) => {
          const name = p.name ?? '';
          return (
            <li key={name}>
              <Who name={p.identity ?? name} /> {p.seat}{p.ready ? ', ready' : ''}{p.muted ? ', muted' : ''}
              <span class="acts">
                <button type="button" aria-label={`Edit ${name}`} onClick={() => edit({ was: name, value: seated.get(`${room}/${name}`) ?? { ...blank, name } })}>Edit</button>
                <Act label="Remove" title={`Remove ${name}`} does={() => call('PersonaService/RemovePersona', { room, persona: name }).then(() => presence())} />
              </span>
            </li>
          );
        })}
      </ul>
      {form ? <Form key={form.was} {...form} room={room} close={() => edit(undefined)} />
        : <button type="button" disabled={!room} onClick={() => edit({ was: '', value: blank })}>Add a persona</button>}
    </>
  );
}

function Form({ was, value, room, close }: { was: string; value: PersonaJson; room: string; close: () => void }) {
  const [p, set] = useState(value);
  const [state, tell] = useState({ busy: false, error: '' });
  const there = useRef(true); // a form that was left meanwhile closes no other one
  useEffect(() => () => { there.current = false; }, []);
  const field = (key: 'name' | 'profile' | 'voice' | 'greeting', label: string, hint: string, needed = false) => (
    <label>{label}<input type="text" value={p[key] ?? ''} placeholder={hint} required={needed} maxLength={500} autocomplete="off"
      onInput={(e) => set({ ...p, [key]: e.currentTarget.value })} /></label>
  );
  const submit = async (e: Event) => {
    e.preventDefault();
    tell({ busy: true, error: '' });
    try {
      // A persona is changed by seating it anew: who is in the middle of a sentence says its clause first.
      if (was) await call('PersonaService/RemovePersona', { room, persona: was });
      seated.set(`${room}/${p.name}`, p);
      await call('PersonaService/SpawnPersona', { room, persona: p });
      await presence();
      if (there.current) close();
    } catch (error) {
      tell({ busy: false, error: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <form class="persona" onSubmit={submit} aria-label={was ? `Edit ${was}` : 'Add a persona'}>
      {field('name', 'Name', 'iris', true)}
      {field('profile', 'Profile', 'embedded')}
      {field('voice', 'Voice', 'the profile’s, or piper:en_US-joe-medium')}
      {field('greeting', 'Greeting', 'said once, to the first person')}
      <label>Prompt<textarea rows={3} maxLength={16000} value={p.prompt ?? ''} onInput={(e) => set({ ...p, prompt: e.currentTarget.value })} /></label>
      <label>Remembers<select value={p.remember ?? ''} onChange={(e) => set({ ...p, remember: e.currentTarget.value })}>
        <option value="">as the program does</option><option value="never">never</option><option value="on_request">on request</option><option value="auto">by itself</option>
      </select></label>
      <div class="acts">
        <button type="submit" disabled={state.busy} aria-busy={state.busy}>{was ? 'Seat it anew' : 'Seat it'}</button>
        <button type="button" onClick={close}>Cancel</button>
      </div>
      {state.busy && <small role="status">Models are loaded; this may take a while.</small>}
      {state.error && <p class="wrong" role="alert">{state.error}</p>}
    </form>
  );
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
