package compute_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

// TestPlanScripts replays testdata/plan/*.txt. The one command is plan; its lines change the
// request, which is kept from case to case:
//
//	reset                                     start again with an empty request
//	now 5s · policy aging=1s reserve=2s
//	budget POOL slots=1 units=100 bytes=0     POOL is SILICON or CLOUD/provider
//	station NAME slots=1
//	ready ARTIFACT… · unready ARTIFACT…
//	held ARTIFACT on=POOL units=1 bytes=0 at=S,T [done] [pinned] · free ARTIFACT
//	job ID makes=A class=C on=POOL holder=H prio=0 units=1 bytes=0 at=S,T needs=A,B created=0s stale=0s [perishable] · remove ID
func TestPlanScripts(t *testing.T) {
	t.Parallel()
	eachScript(t, "testdata/plan/*.txt", func(t *testing.T, s script) {
		t.Helper()
		var r compute.Request
		s.play(t, func(t *testing.T, input []string) string {
			t.Helper()
			if input[0] != "plan" {
				t.Fatalf("unknown command %q", input[0])
			}
			for _, line := range input[1:] {
				edit(&r, split(t, line))
			}
			outcome, err := compute.Plan(r)
			if err != nil {
				return "error: " + err.Error()
			}
			return printOutcome(&outcome)
		})
	})
}

func edit(r *compute.Request, w words) {
	switch w.plain[0] {
	case "reset":
		*r = compute.Request{}
	case "now":
		r.Now = at(w, w.plain[1])
	case "policy":
		r.Policy = compute.Policy{AgingStep: w.time("aging"), ReserveAfter: w.time("reserve")}
	case "budget":
		r.Budgets = append(r.Budgets, w.budget())
	case "station":
		r.Stations = append(r.Stations, compute.StationBudget{Name: w.plain[1], Slots: w.number("slots", 1)})
	case "ready":
		r.Ready = append(r.Ready, w.plain[1:]...)
	case "unready":
		r.Ready = slices.DeleteFunc(r.Ready, func(a string) bool { return slices.Contains(w.plain[1:], a) })
	case "held":
		r.Held = append(r.Held, compute.Held{
			Artifact: w.plain[1], Pool: w.pool(w.pairs["on"]), Cost: w.cost(), At: w.list("at"), Done: w.has("done"), Pinned: w.has("pinned"),
		})
	case "free":
		r.Held = slices.DeleteFunc(r.Held, func(h compute.Held) bool { return h.Artifact == w.plain[1] })
	case "job":
		r.Jobs = append(r.Jobs, w.job())
	case "remove":
		r.Jobs = slices.DeleteFunc(r.Jobs, func(j compute.Job) bool { return j.ID == w.plain[1] })
	default:
		w.t.Fatalf("unknown line %q", w.line)
	}
}

func at(w words, text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		w.t.Fatalf("%s: %v", w.line, err)
	}
	return d
}

func (w words) job() compute.Job {
	holder := w.pairs["holder"]
	if holder == "" {
		holder = "room"
	}
	return compute.Job{
		ID: w.plain[1], Artifact: w.pairs["makes"], Class: w.class(), Pool: w.pool(w.pairs["on"]), Holder: holder,
		Priority: int(w.number("prio", 0)), Cost: w.cost(), At: w.list("at"), Needs: w.list("needs"),
		Created: w.time("created"), StaleAfter: w.time("stale"), Perishable: w.has("perishable"),
	}
}

func printOutcome(o *compute.Outcome) string {
	var b strings.Builder
	for i := range o.Decisions {
		d := &o.Decisions[i]
		fmt.Fprintf(&b, "%s: %v", d.ID, d.Bucket)
		if d.Rank > 0 {
			fmt.Fprintf(&b, " rank=%d", d.Rank)
		}
		if len(d.Missing) > 0 {
			fmt.Fprintf(&b, " missing=%s", strings.Join(d.Missing, ","))
		}
		if d.BlockedBy != "" {
			fmt.Fprintf(&b, " blocked_by=%s", d.BlockedBy)
		}
		if d.By != "" {
			fmt.Fprintf(&b, " by=%s", d.By)
		}
		if s := d.Shortage; s != nil {
			what := string(s.Resource)
			if s.Station != "" {
				what = s.Station + " " + what
			}
			fmt.Fprintf(&b, " %s: needs %d, %d of %d free", what, s.Need, s.Free, s.Limit)
		}
		if len(d.Members) > 0 {
			fmt.Fprintf(&b, " members=%s", strings.Join(d.Members, ","))
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "admitted: %s\n", strings.Join(o.Admitted, " "))
	for _, p := range o.Pools {
		fmt.Fprintf(&b, "%v: %d/%d slots %d/%d units", p.Pool, p.UsedSlots, p.Slots, p.UsedUnits, p.Units)
		if p.Bytes > 0 {
			fmt.Fprintf(&b, " %d/%d bytes", p.UsedBytes, p.Bytes)
		}
		b.WriteString("\n")
	}
	for _, s := range o.Stations {
		fmt.Fprintf(&b, "%s: %d/%d slots\n", s.Name, s.UsedSlots, s.Slots)
	}
	return b.String()
}
