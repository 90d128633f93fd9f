// What of a prompt was reused, and where its prefix broke; and what was remembered, or not, and why.
import { useView } from '../state/store';
import { Bar, bytes, clock, Empty, Panel, Who, words } from '../ui/parts';

export function Context() {
  const turns = useView((v) => v.turns);
  const prompts = useView((v) => v.machine.prompts);
  const memories = useView((v) => v.memories);
  const counted = turns.filter((t) => (t.trace.promptTokens ?? 0) > 0).slice(-6).reverse();
  return (
    <Panel name="context" title="Context and memory">
      {prompts.map((p) => <Bar key={p.silicon} label={`prompts kept, ${p.silicon}`} used={Number(p.bytes ?? 0)} of={Number(p.budgetBytes ?? 0)} text={`${bytes(p.bytes)} of ${bytes(p.budgetBytes)}`} />)}
      {counted.length === 0 && <Empty>No prompt yet.</Empty>}
      <ul class="plain">
        {counted.map((t) => (
          <li key={t.key}>
            <Who name={t.persona} /> turn {t.turn}: {t.trace.reusedTokens ?? 0} of {t.trace.promptTokens} tokens reused
            {t.trace.broke && <small> {t.trace.broke}</small>}{t.trace.lost && <small> {t.trace.lost}</small>}
          </li>
        ))}
      </ul>
      <h3>Memory</h3>
      {memories.length === 0 ? <Empty>Nothing was to be remembered.</Empty> : (
        <ul class="plain">
          {[...memories].reverse().slice(0, 12).map((m) => (
            <li key={m.key}><time>{clock(m.at)}</time> <Who name={m.persona} /> <b class={`outcome ${m.outcome}`}>{words(m.outcome ?? '')}</b> <q>{m.text}</q>
              {m.reason && <small> {words(m.reason)}</small>}</li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
