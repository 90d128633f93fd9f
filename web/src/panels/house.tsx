// Rooms, personas and models: what is there and where it came from; add, change and remove personas.
import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../api/call';
import type { ModelJson } from '../api/gen/sensory/v1/machine_pb';
import { enter, presence, resolve } from '../state/poll';
import { store, useView } from '../state/store';
import { Act, bytes, Empty, Panel, useFocus, Who, words } from '../ui/parts';
import { Form, type Opened } from './form';

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

/** fixed says why a persona cannot be changed here; empty where it can. One of a dispatch that was seated anew would not leave with its room. */
function fixed(name: string, by = ''): string {
  switch (by) {
    case 'file': return `${name} came with the program, by its configuration file or its flags, and is changed there.`;
    case 'dispatch': return `${name} came by a dispatch, and is changed in the configuration file.`;
    default: return '';
  }
}

function Personas() {
  const personas = useView((v) => v.state.personas) ?? [];
  const room = useView((v) => v.room);
  const [form, edit] = useState<Opened | undefined>();
  const opener = useRef<HTMLElement | null>(null);
  const add = useRef<HTMLButtonElement>(null);
  const region = useFocus(personas.map((p) => p.name).join());
  const open = (o: Opened, by: HTMLElement) => {
    opener.current = by;
    edit(o);
  };
  const close = () => {
    const had = document.activeElement?.closest('form.persona');
    edit(undefined);
    if (had) (opener.current?.isConnected ? opener.current : add.current)?.focus();
  };
  const show = async (name: string, by: HTMLElement) => {
    const { persona = {}, by: seated } = await call('PersonaService/GetPersona', { room, persona: name });
    open({ room, was: name, value: persona, fixed: fixed(name, seated) }, by);
  };
  const remove = async (name: string) => {
    await call('PersonaService/RemovePersona', { room, persona: name });
    await presence();
  };
  return (
    <div ref={region}>
      <h3>Personas in {room || 'no room'}</h3>
      <ul class="plain">
        {personas.map((p) => {
          const name = p.name ?? '';
          return (
            <li key={name}>
              <Who name={p.identity ?? name} /> {p.seat}{p.ready ? ', ready' : ''}{p.muted ? ', muted' : ''}
              <span class="acts">
                <Act label="Edit" title={`Edit ${name}`} does={(by) => show(name, by)} />
                <Act label="Remove" title={`Remove ${name}`} does={() => remove(name)} />
              </span>
            </li>
          );
        })}
      </ul>
      <button type="button" ref={add} onClick={(e) => open({ room, was: '', value: {}, fixed: '' }, e.currentTarget)}>Add a persona</button>
      {form && <Form key={`${form.room}/${form.was}`} {...form} close={close} />}
    </div>
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
