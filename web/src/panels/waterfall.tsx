// Where the time of each answer went, and the command that replays its conversation.
import { useState } from 'preact/hooks';
import { useView } from '../state/store';
import type { Turn } from '../state/view';
import { Act, Empty, Panel, seconds, Who } from '../ui/parts';

interface Stage { name: string; start: number; took: number }

/** stagesOf are the bars of an answer, with the waits that are none of its stages. */
export function stagesOf(t: Turn): Stage[] {
  const stages = (t.trace.stages ?? []).map((s) => ({ name: s.name ?? '', start: s.startMs ?? 0, took: s.tookMs ?? 0 }));
  const has = (name: string) => stages.some((s) => s.name === name);
  const latency = t.trace.latencyMs ?? 0;
  const floor = t.trace.floorWaitMs ?? 0;
  const lease = t.trace.leaseWaitMs ?? 0;
  const begin = stages.find((s) => /token/.test(s.name))?.start ?? 0;
  if (lease > 0 && !has('lease wait')) stages.push({ name: 'lease wait', start: Math.max(0, begin), took: lease });
  if (floor > 0 && !has('floor wait')) stages.push({ name: 'floor wait', start: Math.max(0, latency - floor), took: floor });
  return stages.sort((a, b) => a.start - b.start);
}

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

function Bars({ turn: t }: { turn: Turn }) {
  const stages = stagesOf(t);
  const span = Math.max(1, ...stages.map((s) => s.start + s.took));
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
              <th scope="row">{s.name}</th>
              <td class="track"><span class={/wait/.test(s.name) ? 'wait' : ''}
                style={{ marginLeft: `${(100 * Math.max(0, s.start)) / span}%`, width: `${Math.max(0.5, (100 * s.took) / span)}%` }}>
                <span class="hidden">from {s.start}</span></span></td>
              <td class="ms">{s.took}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {t.trace.replay && <p class="replay"><code>{t.trace.replay}</code> <Act label="Copy" title="Copy the replay command" does={() => navigator.clipboard.writeText(t.trace.replay ?? '')} /></p>}
    </>
  );
}
