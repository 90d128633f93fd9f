package compute_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/compute"
)

// drawRequest makes small requests in which everything happens often: few artifacts, so that
// chains, cycles and duplicates are common; small budgets; jobs of all ages.
func drawRequest(t *rapid.T) compute.Request {
	artifact := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f", "g", "h"})
	pool := rapid.SampledFrom([]compute.Pool{
		{Silicon: compute.SiliconCPU},
		{Silicon: compute.SiliconGPU},
		{Silicon: compute.SiliconDisk},
		{Silicon: compute.SiliconCloud, Provider: "x"},
		{Silicon: compute.SiliconCloud, Provider: "y"},
	})
	r := compute.Request{
		Now:   20 * time.Second,
		Ready: rapid.SliceOfNDistinct(artifact, 0, 2, rapid.ID[string]).Draw(t, "ready"),
	}
	r.Policy.ReserveAfter = time.Duration(rapid.IntRange(0, 5).Draw(t, "reserve")) * time.Second
	for _, p := range rapid.SliceOfNDistinct(pool, 1, 4, rapid.ID[compute.Pool]).Draw(t, "pools") {
		r.Budgets = append(r.Budgets, compute.Budget{
			Pool: p, Slots: rapid.Int64Range(1, 4).Draw(t, "slots"), Units: rapid.Int64Range(1, 12).Draw(t, "units"),
			Bytes: rapid.Int64Range(0, 8).Draw(t, "bytes"),
		})
	}
	station := rapid.SampledFrom([]string{"encoder", "voice", "cache"})
	for _, name := range []string{"cache", "encoder", "voice"} {
		r.Stations = append(r.Stations, compute.StationBudget{Name: name, Slots: rapid.Int64Range(1, 2).Draw(t, "station")})
	}
	at := rapid.OneOf(rapid.Just([]string(nil)), rapid.SliceOfNDistinct(station, 0, 2, rapid.ID[string]))
	for range rapid.IntRange(0, 3).Draw(t, "held") {
		r.Held = append(r.Held, compute.Held{
			Artifact: artifact.Draw(t, "artifact"), Pool: pool.Draw(t, "pool"), Cost: drawCost(t), At: at.Draw(t, "at"),
			Done: rapid.Bool().Draw(t, "done"), Pinned: rapid.Bool().Draw(t, "pinned"),
		})
	}
	for i := range rapid.IntRange(0, 14).Draw(t, "jobs") {
		job := compute.Job{
			ID: fmt.Sprintf("j%02d", i), Artifact: artifact.Draw(t, "artifact"), Pool: pool.Draw(t, "pool"),
			Class:    rapid.SampledFrom([]compute.Class{compute.GPU, compute.Media}).Draw(t, "class"),
			Holder:   rapid.SampledFrom([]string{"ada", "bob"}).Draw(t, "holder"),
			Priority: rapid.IntRange(-3, 3).Draw(t, "priority"), Cost: drawCost(t), At: at.Draw(t, "at"),
			Needs:   rapid.SliceOfN(artifact, 0, 2).Draw(t, "needs"),
			Created: time.Duration(rapid.IntRange(10, 21).Draw(t, "created")) * time.Second,
		}
		if rapid.Bool().Draw(t, "ages") {
			job.StaleAfter = time.Duration(rapid.IntRange(5, 12).Draw(t, "stale")) * time.Second
			job.Perishable = rapid.Bool().Draw(t, "perishable")
		}
		r.Jobs = append(r.Jobs, job)
	}
	return r
}

func drawCost(t *rapid.T) compute.Cost {
	return compute.Cost{Units: rapid.Int64Range(0, 9).Draw(t, "units"), Bytes: rapid.Int64Range(0, 9).Draw(t, "bytes")}
}

// TestPlanAgreesWithItsRules compares every decision with a second planner that follows the
// documentation word by word and takes no shortcut.
func TestPlanAgreesWithItsRules(t *testing.T) {
	t.Parallel()
	seen := map[compute.Bucket]int{}
	rapid.Check(t, func(t *rapid.T) {
		for range 10 {
			compareWithSlowPlan(t, seen)
		}
	})
	for _, bucket := range []compute.Bucket{
		compute.Admitted, compute.MissingDependency, compute.NoBudget, compute.Pressure, compute.Stale, compute.Superseded,
		compute.NeverFits, compute.Cycle, compute.DependencyLost,
	} {
		if seen[bucket] == 0 {
			t.Errorf("no random job landed in %v: the generator tests less than it says", bucket)
		}
	}
}

func compareWithSlowPlan(t *rapid.T, seen map[compute.Bucket]int) {
	r := drawRequest(t)
	outcome, err := compute.Plan(r)
	if err != nil {
		t.Fatal(err)
	}
	if len(outcome.Decisions) != len(r.Jobs) {
		t.Fatalf("%d decisions for %d jobs", len(outcome.Decisions), len(r.Jobs))
	}
	slow := newSlowPlan(r)
	want := slow.solve()
	for i, decision := range outcome.Decisions {
		seen[decision.Bucket]++
		if decision.ID != r.Jobs[i].ID {
			t.Fatalf("decision %d is about %s, not %s", i, decision.ID, r.Jobs[i].ID)
		}
		if decision.Bucket != want[decision.ID] {
			t.Fatalf("%s is %v, by the rules %v", decision.ID, decision.Bucket, want[decision.ID])
		}
	}
	if !slices.Equal(outcome.Admitted, slow.admitted) {
		t.Fatalf("admitted %v, by the rules %v", outcome.Admitted, slow.admitted)
	}
	checkExplanations(t, r, &outcome)
}

// checkExplanations checks the budgets and that each decision carries what explains it.
func checkExplanations(t *rapid.T, r compute.Request, o *compute.Outcome) {
	used, seats := map[compute.Pool]compute.PoolUse{}, newSlowSeats(r)
	taken := maps.Clone(seats.used)
	for _, held := range r.Held {
		use := used[held.Pool]
		if !held.Done {
			use.UsedSlots++
			use.UsedUnits += held.Cost.Units
		}
		use.UsedBytes += held.Cost.Bytes
		used[held.Pool] = use
	}
	before := maps.Clone(used)
	for i, d := range o.Decisions {
		job := r.Jobs[i]
		switch d.Bucket {
		case compute.Admitted:
			use := used[job.Pool]
			use.UsedSlots, use.UsedUnits, use.UsedBytes = use.UsedSlots+1, use.UsedUnits+job.Cost.Units, use.UsedBytes+job.Cost.Bytes
			used[job.Pool] = use
			seats.take(job.At, 1, false)
			for _, need := range job.Needs {
				if !slices.Contains(r.Ready, need) {
					t.Fatalf("%s was admitted without %s", d.ID, need)
				}
			}
		case compute.MissingDependency:
			if len(d.Missing) == 0 || d.BlockedBy == "" || slices.ContainsFunc(d.Missing, func(a string) bool { return slices.Contains(r.Ready, a) }) {
				t.Fatalf("%s is missing %v, blocked by %q", d.ID, d.Missing, d.BlockedBy)
			}
		case compute.Pressure:
			if (d.By == "") == (d.Shortage == nil) || d.Shortage != nil && d.Shortage.Need <= d.Shortage.Free {
				t.Fatalf("%s: by %q, shortage %+v", d.ID, d.By, d.Shortage)
			}
		case compute.Superseded:
			if d.By == "" || d.By == d.ID {
				t.Fatalf("%s superseded by %q", d.ID, d.By)
			}
		case compute.Cycle:
			if !slices.Contains(d.Members, d.ID) {
				t.Fatalf("%s is not in its own cycle %v", d.ID, d.Members)
			}
		case compute.DependencyLost:
			if !slices.Contains(job.Needs, d.BlockedBy) {
				t.Fatalf("%s lost %q, which it does not need", d.ID, d.BlockedBy)
			}
		default:
		}
	}
	for _, s := range o.Stations {
		if s.UsedSlots != seats.used[s.Name] || s.UsedSlots > max(s.Slots, taken[s.Name]) {
			t.Fatalf("%+v, the decisions add up to %d", s, seats.used[s.Name])
		}
	}
	for _, p := range o.Pools {
		use, was := used[p.Pool], before[p.Pool]
		if p.UsedSlots != use.UsedSlots || p.UsedUnits != use.UsedUnits || p.UsedBytes != use.UsedBytes {
			t.Fatalf("%v counts %+v, the decisions add up to %+v", p.Pool, p, use)
		}
		if p.UsedSlots > max(p.Slots, was.UsedSlots) || p.UsedUnits > max(p.Units, was.UsedUnits) ||
			p.Bytes > 0 && p.UsedBytes > max(p.Bytes, was.UsedBytes) {
			t.Fatalf("%v is over its budget: %+v", p.Pool, p)
		}
	}
}

// TestPlanIgnoresInputOrder shuffles every list of a request.
func TestPlanIgnoresInputOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		first, err := compute.Plan(r)
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		other := r
		other.Jobs, other.Ready = shuffled(random, r.Jobs), shuffled(random, r.Ready)
		other.Stations = shuffled(random, r.Stations)
		other.Held, other.Budgets = shuffled(random, r.Held), shuffled(random, r.Budgets)
		second, err := compute.Plan(other)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(first.Admitted, second.Admitted) || !slices.Equal(first.Pools, second.Pools) || !slices.Equal(first.Stations, second.Stations) {
			t.Fatalf("admitted %v and %v, pools %v and %v", first.Admitted, second.Admitted, first.Pools, second.Pools)
		}
		byID := func(a, b compute.Decision) int { return cmp.Compare(a.ID, b.ID) }
		slices.SortFunc(first.Decisions, byID)
		slices.SortFunc(second.Decisions, byID)
		for i := range first.Decisions {
			if a, b := fmt.Sprintf("%+v", flat(first.Decisions[i])), fmt.Sprintf("%+v", flat(second.Decisions[i])); a != b {
				t.Fatalf("%s\n%s", a, b)
			}
		}
	})
}

// flat replaces the pointer, so that decisions print by content.
func flat(d compute.Decision) any {
	short := compute.Shortage{}
	if d.Shortage != nil {
		short = *d.Shortage
	}
	d.Shortage = nil
	return []any{d, short}
}

func shuffled[T any](random *rand.Rand, list []T) []T {
	out := slices.Clone(list)
	random.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// TestNothingStarves floods a pool with work of higher priority, more than it can do, and plans
// again and again as a caller would. The victim may cost the whole pool. It must be admitted in
// time, and once it has waited for ReserveAfter nothing that comes after it in order may be
// admitted before it.
func TestNothingStarves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const step = 100 * time.Millisecond
		budget := compute.Budget{Pool: compute.Pool{Silicon: compute.SiliconGPU}, Slots: rapid.Int64Range(1, 4).Draw(t, "slots"), Units: 10}
		victim := compute.Job{
			ID: "victim", Artifact: "victim", Class: compute.Background, Pool: budget.Pool, Holder: "room",
			Cost: compute.Cost{Units: rapid.Int64Range(1, 10).Draw(t, "cost")},
		}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		jobs := []compute.Job{victim}
		ends := map[string]time.Duration{}
		held := map[string]compute.Held{}
		const limit = 120 * time.Second
		for now := time.Duration(0); ; now += step {
			if now > limit {
				t.Fatalf("the victim still waits after %v", limit)
			}
			for id, end := range ends {
				if end <= now {
					delete(ends, id)
					delete(held, id)
				}
			}
			for range 1 + random.IntN(2) {
				id := fmt.Sprintf("flood-%v-%d", now, len(jobs))
				jobs = append(jobs, compute.Job{
					ID: id, Artifact: id, Class: compute.GPU, Pool: budget.Pool, Holder: "room", Priority: 5 + random.IntN(6),
					Cost: compute.Cost{Units: 1 + random.Int64N(3)}, Created: now, StaleAfter: 3 * time.Second, Perishable: random.IntN(2) == 0,
				})
			}
			outcome, err := compute.Plan(compute.Request{Now: now, Budgets: []compute.Budget{budget}, Jobs: jobs, Held: slices.Collect(maps.Values(held))})
			if err != nil {
				t.Fatal(err)
			}
			rank := outcome.Decisions[0].Rank
			if outcome.Decisions[0].Bucket == compute.Admitted {
				return
			}
			rest := jobs[:0:0]
			for i, d := range outcome.Decisions {
				switch {
				case d.Bucket == compute.Admitted:
					if d.Rank > rank && now >= 2*time.Second {
						t.Fatalf("at %v %s of rank %d passed the victim of rank %d", now, d.ID, d.Rank, rank)
					}
					held[d.ID] = compute.Held{Artifact: d.ID, Pool: budget.Pool, Cost: jobs[i].Cost}
					ends[d.ID] = now + time.Duration(1+random.IntN(5))*step
				case d.Bucket.Waiting():
					rest = append(rest, jobs[i])
				}
			}
			jobs = rest
		}
	})
}
