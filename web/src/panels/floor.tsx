// The floor: who is heard, who waits and since when, and what is left of the budgets; and how to steer it.
import { call } from '../api/call';
import type { PersonaStateJson } from '../api/gen/sensory/v1/rooms_pb';
import { presence } from '../state/poll';
import { store, useView } from '../state/store';
import { nameOf } from '../state/view';
import { Act, Age, Empty, Panel, Who, words } from '../ui/parts';

const done = () => presence().catch(() => undefined);
const here = () => store.view.room;

export function Floor() {
  const floor = useView((v) => v.floor);
  const personas = useView((v) => v.state.personas);
  const people = useView((v) => v.state.participants);
  const names = useView((v) => v.names);
  const stop = (persona: string) => call('PersonaService/StopSpeaking', { room: here(), persona }).then(done);
  return (
    <Panel name="floor" title="Floor" aside={<Budgets soft={floor.soft} hard={floor.hard} />}>
      <p class="holder">
        {floor.holder ? <><Who name={floor.holder} /> {floor.audible ? 'speaks' : 'has the floor'} <Age since={floor.since} /></> : 'Nobody speaks.'}
        {floor.busy.length > 0 && <> Kept free for {floor.busy.map((b) => nameOf(names, b)).join(', ')}.</>}
      </p>
      <ol class="queue" aria-label="Who waits for the floor">
        {floor.waiting.map((w) => (
          <li key={`${w.who}${w.ready}`}><Who name={w.who} /> {w.ready ? 'waits' : 'thinks'} <Age since={w.since} /></li>
        ))}
        {floor.questions.map((q) => <li key={`q${q.who}`}>{nameOf(names, q.who)}’s question waits <Age since={q.since} /></li>)}
      </ol>
      {personas && personas.length > 0 ? (
        <ul class="personas" aria-label="Personas">
          {personas.map((p) => <Persona key={p.name} p={p} speaks={floor.holder === p.identity} waits={floor.waiting.some((w) => w.who === p.identity)} stop={stop} />)}
        </ul>
      ) : <Empty>Nobody sits here.</Empty>}
      {people && people.length > 0 && (
        <ul class="people" aria-label="People and other programs">
          {people.map((p) => (
            <li key={p.identity}><span class="who person">{p.name || p.identity}</span>{p.agent ? ' (a program)' : ''} {p.state}
              {p.audioPublished ? ' · microphone' : ''}{(p.videoPublished ?? []).map((s) => ` · ${s}`)}</li>
          ))}
        </ul>
      )}
      <Act label="Stop everybody" disabled={floor.holder === '' && floor.waiting.length === 0} does={() => stop('')} />
    </Panel>
  );
}

function Budgets({ soft, hard }: { soft: number; hard: number }) {
  return <span title="How many replies personas may still begin until a person speaks">replies left <b>{soft}</b> freely, <b>{hard}</b> at most</span>;
}

function Persona({ p, speaks, waits, stop }: { p: PersonaStateJson; speaks: boolean; waits: boolean; stop: (persona: string) => Promise<unknown> }) {
  const name = p.name ?? '';
  const state = p.error ? 'in trouble' : p.muted ? 'muted' : p.state || p.seat || '';
  return (
    <li class={speaks ? 'speaks' : ''} data-persona={name} data-state={p.state}>
      <span class="dot" data-state={p.error ? 'failed' : p.muted ? 'muted' : p.state} aria-hidden="true" />
      <Who name={p.identity ?? name} /> <span class="state">{state}</span>
      <span class="acts">
        <Act label="Next" title={`Let ${name} speak next`} disabled={!waits} does={() => call('PersonaService/SpeakNext', { room: here(), persona: name }).then(done)} />
        <Act label={p.muted ? 'Unmute' : 'Mute'} title={`${p.muted ? 'Unmute' : 'Mute'} ${name}`}
          does={() => call('PersonaService/MutePersona', { room: here(), persona: name, muted: !p.muted }).then(done)} />
        <Act label="Stop" title={`Stop ${name}`} disabled={!speaks && !waits} does={() => stop(name)} />
      </span>
      {p.error ? <small class="wrong">{p.error}</small> : p.silence && <small>silent in turn {p.silence.turn}: {words(p.silence.reason ?? '')}</small>}
    </li>
  );
}
