// Where the time of each answer went, and the command that replays its conversation.
import { useState } from 'preact/hooks';
import { looked } from '../state/looked';
import { useView } from '../state/store';
import type { ReplyTraceJson } from '../api/gen/sensory/v1/events_pb';
import type { Turn } from '../state/view';
import { Act, Empty, Panel, seconds, Who } from '../ui/parts';

/** waits are the stages in which nothing is done for an answer. */
const waits = ['lease', 'floor', 'end of turn'];

export function Waterfall() {
  const turns = useView((v) => v.turns);
  const [chosen, choose] = useState('');
  const shown = turns.find((t) => t.key === chosen) ?? turns.at(-1);
  return (
    <Panel name="waterfall" title="Where the time went">
      {!shown && <Empty>No answer yet.</Empty>}
      {turns.length > 1 && (
        <label class="pick">Answer <select value={shown?.key} onChange={(e) => choose(e.currentTarget.value)}>
          {[...turns].reverse().map((t) => <option key={t.key} value={t.key}>{t.persona}, turn {t.turn}</option>)}
        </select></label>
      )}
      {shown && <Bars turn={shown} />}
    </Panel>
  );
}

function Looked({ trace }: { trace: ReplyTraceJson }) {
  const text = looked(trace);
  return text ? <p class="looked"><b>Looked at</b> {text} <small>{trace.source}</small></p> : null;
}

function Bars({ turn: t }: { turn: Turn }) {
  const stages = (t.trace.stages ?? []).map((s) => ({ name: s.name ?? '', start: s.startMs ?? 0, took: s.tookMs ?? 0 }));
  const span = Math.max(1, ...stages.map((s) => s.start + s.took));
  const label = (name: string) => (name === 'lease' || name === 'floor' ? `${name} wait` : name);
  return (
    <>
      <p class="question"><Who name={t.persona} /> <q>{t.trace.question}</q> {t.trace.latencyMs ? <b>{seconds(t.trace.latencyMs)} to the first sound</b> : null}
        {t.error && <em class="wrong"> {t.error}</em>}</p>
      <table class="bars">
        <caption class="hidden">Stages of the answer, in milliseconds</caption>
        <thead class="hidden"><tr><th scope="col">stage</th><th scope="col">when</th><th scope="col">ms</th></tr></thead>
        <tbody>
          {stages.map((s) => (
            <tr key={s.name}>
              <th scope="row">{label(s.name)}</th>
              <td class="track"><span class={waits.includes(s.name) ? 'wait' : ''}
                style={{ marginLeft: `${(100 * Math.max(0, s.start)) / span}%`, width: `${Math.max(0.5, (100 * s.took) / span)}%` }}>
                <span class="hidden">from {s.start}</span></span></td>
              <td class="ms">{s.took}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Looked trace={t.trace} />
      {t.trace.replay && <p class="replay"><code>{t.trace.replay}</code> <Act label="Copy" title="Copy the replay command" does={() => navigator.clipboard.writeText(t.trace.replay ?? '')} /></p>}
    </>
  );
}
