package floor

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/sensory-agent/sensory-agent/crowd"
)

// Table is a result as text.
func (r *Result) Table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%d personas, %d turns in %.0f s: %d open, %d named, %d everybody, %d interrupted, %d with an aside; %d sounds heard\n",
		r.Host, r.Personas, r.Turns, r.Seconds, r.Kinds[Open], r.Kinds[Named], r.Kinds[Everybody], r.Kinds[Interrupted], r.Kinds[Aside], r.Spans)
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(name string, n int, s crowd.Spread, goal string) {
		_, _ = fmt.Fprintf(table, "%s\t%d\t%.0f\t%.0f\t%.0f\t%s\n", name, n, s.P50, s.P95, s.Max, goal)
	}
	_, _ = fmt.Fprintln(table, "ms\tn\tp50\tp95\tmax\tgoal")
	row("a person speaks → quieter", r.Interruptions, r.Quieter, "")
	row("a person speaks → silence", r.Interruptions, r.Silence, fmt.Sprintf("p95 ≤ %.0f", goalSilence))
	row("known to speak → silence", r.Interruptions, r.Told, fmt.Sprintf("p95 ≤ %.0f", goalSilence))
	row("gap between two personas", r.Gaps, r.Gap, fmt.Sprintf("p50 ≤ %.0f", goalGap))
	_ = table.Flush() // into memory
	fmt.Fprintf(&b, "two personas heard at once: %.0f ms (goal 0)\n", r.OverlapMS)
	note := ""
	if r.few() {
		note = fmt.Sprintf("; it says something from %d open turns on", fewTurns*r.Personas)
	}
	fmt.Fprintf(&b, "Jain's index over %d open turns: %.3f (goal ≥ %.1f%s)\n", r.Kinds[Open], r.Jain, goalJain, note)
	for _, who := range names()[:r.Personas] {
		fmt.Fprintf(&b, "  %s %d", who, r.Shares[who])
	}
	fmt.Fprintf(&b, "\n%d turns went wrong\n", len(r.Wrong))
	for _, w := range append(r.Wrong, r.Problems...) {
		fmt.Fprintf(&b, "  %s\n", w)
	}
	return b.String()
}
