package compute_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/compute"
)

// crowd is holders under random load, and who of them is at work.
type crowd struct {
	broker   *compute.Broker
	stations []*compute.Station

	mu     sync.Mutex
	units  int64                    // of those at work whose lease counts
	inside map[*compute.Station]int // those at work
	gaveUp int
	done   int
}

// TestOnlyWhoWorksHoldsUnits has many holders want models, caches and units at random, give up at
// random and lose leases at random. Whenever everything stands still, the units of the ledger are
// those of the holders at work, to the unit: nobody holds any while it waits; no station has more
// inside than slots; and all of them come to an end.
func TestOnlyWhoWorksHoldsUnits(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { crowdRuns(t, seed) })
		})
	}
}

func crowdRuns(t *testing.T, seed uint64) {
	t.Helper()
	const holders, rounds = 24, 12
	ctx, stop := context.WithCancel(t.Context())
	var sweeper, group sync.WaitGroup
	c := &crowd{broker: cpuBroker(t, 6), inside: map[*compute.Station]int{}}
	sweeper.Go(func() { c.broker.Run(ctx) })
	for i := range 4 {
		c.stations = append(c.stations, station(t, c.broker, fmt.Sprint("model ", i), 1+i%2))
	}
	for h := range holders {
		group.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(h)))
			for round := range rounds {
				c.work(t, random, fmt.Sprintf("%d/%d", h, round))
			}
		})
	}
	ended := make(chan struct{})
	go func() { group.Wait(); close(ended) }()
	for at := true; at; {
		select {
		case <-ended:
			at = false
		case <-time.After(7 * time.Millisecond):
			synctest.Wait()
			c.check(t)
		}
	}
	stop()
	sweeper.Wait()
	c.check(t)
	if c.done+c.gaveUp != holders*rounds || c.done < holders*rounds/2 || c.gaveUp == 0 {
		t.Errorf("%d done, %d gave up of %d", c.done, c.gaveUp, holders*rounds)
	}
}

// work does one piece of random work.
func (c *crowd) work(t *testing.T, random *rand.Rand, name string) {
	d := cpuDemand(name)
	d.Holder, d.Priority, d.Cost.Units = name, random.IntN(100), 1+random.Int64N(60)
	d.Revocation = compute.Hard
	for _, i := range random.Perm(len(c.stations))[:random.IntN(3)] {
		d.At = append(d.At, c.stations[i])
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+random.IntN(2000))*time.Millisecond)
	defer cancel()
	length, lost := time.Duration(random.IntN(50))*time.Millisecond, random.IntN(6) == 0
	err := c.broker.Do(ctx, d, func(_ context.Context, lease *compute.Lease) error {
		c.enter(t, &d)
		defer c.leave(&d, lost)
		time.Sleep(length)
		if lost {
			c.broker.Revoke(lease, "pressure")
			c.add(-d.Cost.Units)
			time.Sleep(length)
		}
		return nil
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err == nil, lost && errors.Is(err, compute.ErrRevoked):
		c.done++
	case errors.Is(err, context.DeadlineExceeded):
		c.gaveUp++
	default:
		t.Errorf("%s: %v", name, err)
	}
}

func (c *crowd) add(units int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.units += units
}

func (c *crowd) enter(t *testing.T, d *compute.Demand) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.units += d.Cost.Units
	for i, s := range d.At {
		c.inside[s]++
		if limit := 1 + slices.Index(c.stations, s)%2; c.inside[s] > limit {
			t.Errorf("%s: %d inside %s, station %d of %d", d.Artifact, c.inside[s], s.Name(), i, limit)
		}
	}
}

func (c *crowd) leave(d *compute.Demand, lost bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !lost {
		c.units -= d.Cost.Units
	}
	for _, s := range d.At {
		c.inside[s]--
	}
}

// check compares the ledger with who is at work. Everybody stands still.
func (c *crowd) check(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.broker.Snapshot()
	if s.Pools[0].UsedUnits != c.units {
		t.Errorf("%d units are used, %d by those at work; %d wait", s.Pools[0].UsedUnits, c.units, len(s.Waiting))
	}
	for _, info := range s.Stations {
		i := slices.IndexFunc(c.stations, func(s *compute.Station) bool { return s.Name() == info.Name })
		if int(info.UsedSlots) != c.inside[c.stations[i]] {
			t.Errorf("%+v, but %d are inside", info, c.inside[c.stations[i]])
		}
	}
	for _, w := range s.Waiting {
		if slices.ContainsFunc(s.Leases, func(l compute.LeaseInfo) bool { return l.Holder == w.Holder }) {
			t.Errorf("%s waits and holds a lease", w.Holder)
		}
	}
}

// TestNothingStarvesAtStations floods two stations and the pool with work of higher priority that
// needs one of the three each. The victim needs all of them, is admitted in time, and nothing
// passes it at a station once it is the first in order.
func TestNothingStarvesAtStations(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const step, limit = 100 * time.Millisecond, 120 * time.Second
		pool := compute.Pool{Silicon: compute.SiliconCPU}
		r := compute.Request{
			Budgets:  []compute.Budget{{Pool: pool, Slots: 4, Units: 10}},
			Stations: []compute.StationBudget{{Name: "cache", Slots: 1}, {Name: "encoder", Slots: rapid.Int64Range(1, 2).Draw(t, "slots")}},
			Jobs: []compute.Job{{
				ID: "victim", Artifact: "victim", Class: compute.Background, Pool: pool, Holder: "room", At: []string{"encoder", "cache"},
				Cost: compute.Cost{Units: rapid.Int64Range(1, 10).Draw(t, "cost")},
			}},
		}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		ends, held := map[string]time.Duration{}, map[string]compute.Held{}
		for ; ; r.Now += step {
			if r.Now > limit {
				t.Fatalf("the victim still waits after %v", limit)
			}
			maps.DeleteFunc(held, func(id string, _ compute.Held) bool { return ends[id] <= r.Now })
			for i, at := range [][]string{{"cache"}, {"encoder"}, nil} {
				id := fmt.Sprintf("flood-%v-%d", r.Now, i)
				r.Jobs = append(r.Jobs, compute.Job{
					ID: id, Artifact: id, Class: compute.GPU, Pool: pool, Holder: "room", Priority: 5 + random.IntN(6), At: at,
					Cost: compute.Cost{Units: 1 + random.Int64N(3)}, Created: r.Now, StaleAfter: 3 * time.Second, Perishable: random.IntN(2) == 0,
				})
			}
			r.Held = slices.Collect(maps.Values(held))
			outcome, err := compute.Plan(r)
			if err != nil {
				t.Fatal(err)
			}
			victim := outcome.Decisions[0]
			if victim.Bucket == compute.Admitted {
				return
			}
			rest := r.Jobs[:0:0]
			for i, d := range outcome.Decisions {
				switch {
				case d.Bucket == compute.Admitted:
					if len(r.Jobs[i].At) > 0 && victim.Rank == 1 && r.Now >= 2*time.Second {
						t.Fatalf("at %v %s of rank %d passed the victim", r.Now, d.ID, d.Rank)
					}
					held[d.ID] = compute.Held{Artifact: d.ID, Pool: pool, Cost: r.Jobs[i].Cost, At: r.Jobs[i].At}
					ends[d.ID] = r.Now + time.Duration(1+random.IntN(5))*step
				case d.Bucket.Waiting():
					rest = append(rest, r.Jobs[i])
				}
			}
			r.Jobs = rest
		}
	})
}
