package compute_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/compute"
)

// TestLeasesEndInTheirOrder takes, renews and releases leases of many lengths at random. After each
// sweep exactly those have expired whose time is over, and the broker knows when it has to look
// again.
func TestLeasesEndInTheirOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var now time.Duration
		broker, err := compute.NewBroker(compute.Config{
			Clock:   func() time.Duration { return now },
			Budgets: []compute.Budget{{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: 1000, Units: 1000}},
		})
		if err != nil {
			t.Fatal(err)
		}
		type held struct {
			lease *compute.Lease
			ends  time.Duration
		}
		var live []held
		some := rapid.IntRange(1, 40)
		for step := range rapid.IntRange(1, 60).Draw(t, "steps") {
			ttl := time.Duration(some.Draw(t, "ttl")) * time.Second
			switch action := rapid.IntRange(0, 5).Draw(t, "action"); {
			case action < 3 || len(live) == 0:
				d := cpuDemand(fmt.Sprint(step))
				d.TTL = ttl
				lease, err := broker.TryAcquire(d)
				if err != nil {
					t.Fatal(err)
				}
				live = append(live, held{lease, now + ttl})
			case action == 3:
				i := rapid.IntRange(0, len(live)-1).Draw(t, "renewed")
				if err := live[i].lease.Renew(ttl); err != nil {
					t.Fatal(err)
				}
				live[i].ends = now + ttl
			case action == 4:
				i := rapid.IntRange(0, len(live)-1).Draw(t, "released")
				live[i].lease.Release()
				live = append(live[:i:i], live[i+1:]...)
			default:
				now += time.Duration(rapid.IntRange(0, 15).Draw(t, "later")) * time.Second
			}
			next := broker.Sweep()
			want := time.Duration(-1)
			kept := live[:0:0]
			for _, h := range live {
				if h.ends <= now {
					if !errors.Is(h.lease.Err(), compute.ErrExpired) {
						t.Fatalf("at %v a lease that ended at %v is %v", now, h.ends, h.lease.Err())
					}
					continue
				}
				if h.lease.Err() != nil {
					t.Fatalf("at %v a lease that ends at %v is %v", now, h.ends, h.lease.Err())
				}
				if want < 0 || h.ends-now < want {
					want = h.ends - now
				}
				kept = append(kept, h)
			}
			live = kept
			if next != want {
				t.Fatalf("at %v the next look is due in %v, want %v", now, next, want)
			}
		}
	})
}

func TestLevelOfAPoolThatNobodyConfigured(t *testing.T) {
	t.Parallel()
	broker := cpuBroker(t, 1)
	if level, err := broker.Level(compute.Pool{Silicon: compute.SiliconDisk}); !errors.Is(err, compute.ErrNoBudget) || level != 0 {
		t.Errorf("level %v, %v", level, err)
	}
	if level, err := broker.Level(compute.Pool{Silicon: compute.SiliconCPU}); err != nil || level != 0 {
		t.Errorf("level %v, %v", level, err)
	}
	lease, err := broker.TryAcquire(cpuDemand("a"))
	if err != nil {
		t.Fatal(err)
	}
	if level, err := broker.Level(compute.Pool{Silicon: compute.SiliconCPU}); err != nil || level != 0.01 {
		t.Errorf("level %v, %v", level, err)
	}
	lease.Release()
}
