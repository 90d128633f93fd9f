// The ledger: what of each silicon is used, who holds it, who waits, and what was refused and why.
import type { PoolJson } from '../api/gen/sensory/v1/machine_pb';
import { useView } from '../state/store';
import { Bar, bytes, clock, Empty, Panel, seconds, words } from '../ui/parts';

export function Leases() {
  const { pools = [], leases = [], waiting = [] } = useView((v) => v.machine.leases);
  const refused = useView((v) => v.machine.refused);
  const refusals = useView((v) => v.refusals);
  return (
    <Panel name="leases" title="Leases" aside={`${leases.length} held, ${waiting.length} wait`}>
      {pools.length === 0 && <Empty>No ledger yet.</Empty>}
      {pools.map((p) => <Use key={`${p.silicon} ${p.provider}`} pool={p} />)}
      {(leases.length > 0 || waiting.length > 0) && (
        <div class="scroll" role="region" aria-label="Leases that are held or waited for" tabIndex={0}>
          <table>
            <thead><tr><th scope="col">what</th><th scope="col">who</th><th scope="col">on</th><th scope="col">since</th></tr></thead>
            <tbody>
              {waiting.map((d, i) => <tr key={`w${i}`} class="waits"><td>{d.artifact}</td><td>{d.holder}</td><td>{d.silicon}</td><td>waits {seconds(d.waitingMs ?? 0)}</td></tr>)}
              {leases.map((l) => <tr key={l.token}><td>{l.artifact}</td><td>{l.holder}</td><td>{l.silicon}</td><td>{seconds(l.heldForMs ?? 0)}</td></tr>)}
            </tbody>
          </table>
        </div>
      )}
      <h3>Refused</h3>
      {refused.length + refusals.length === 0 ? <Empty>Nothing was refused.</Empty> : (
        <ul class="plain">
          {refused.map((r) => <li key={`${r.silicon}${r.class}${r.reason}`}>{r.count}× {r.class} on {r.silicon}: {words(r.reason)}</li>)}
          {refusals.slice(-5).reverse().map((r) => <li key={r.key}><time>{clock(r.at)}</time> {r.holder}: {r.why}</li>)}
        </ul>
      )}
    </Panel>
  );
}

/** Use is a pool by what of it is used most; the rest stands beside it. */
function Use({ pool: p }: { pool: PoolJson }) {
  const parts = [
    { used: p.usedUnits ?? 0, of: p.units ?? 0, text: `${((p.usedUnits ?? 0) / 1000).toFixed(1)}/${((p.units ?? 0) / 1000).toFixed(1)} units` },
    { used: p.usedSlots ?? 0, of: p.slots ?? 0, text: `${p.usedSlots ?? 0}/${p.slots ?? 0} places` },
    { used: Number(p.usedBytes ?? 0), of: Number(p.bytes ?? 0), text: `${bytes(p.usedBytes)}/${bytes(p.bytes)}` },
  ].filter((part) => part.of > 0);
  const fullest = parts.reduce((a, b) => (b.used / b.of > a.used / a.of ? b : a), parts[0] ?? { used: 0, of: 1, text: '' });
  return <Bar label={[p.silicon, p.provider].filter(Boolean).join(' ').toLowerCase()} used={fullest.used} of={fullest.of} text={parts.map((part) => part.text).join(' · ')} />;
}
