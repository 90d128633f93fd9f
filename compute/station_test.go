package compute_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

func station(tb testing.TB, b *compute.Broker, name string, slots int) *compute.Station {
	tb.Helper()
	s, err := b.Station(name, slots)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// seated is a demand that needs stations.
func seated(artifact string, priority int, stations ...*compute.Station) compute.Demand {
	d := cpuDemand(artifact)
	d.Priority, d.At, d.Cost.Units = priority, stations, 10
	return d
}

// TestNobodyHoldsWhileQueueing: of three that want one slot one holds units, the others hold
// nothing and say what they wait for, and what needs no slot passes them.
func TestNobodyHoldsWhileQueueing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broker := cpuBroker(t, 9)
		encoder := station(t, broker, "encoder", 1)
		first, err := broker.TryAcquire(seated("first", 0, encoder))
		if err != nil {
			t.Fatal(err)
		}
		order := make(chan string, 3)
		for _, w := range []struct {
			name     string
			priority int
		}{{"background", -5}, {"reply", 90}} {
			go func() {
				err := broker.Do(t.Context(), seated(w.name, w.priority, encoder), func(context.Context, *compute.Lease) error {
					order <- w.name
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}()
			synctest.Wait()
		}
		if err := broker.Do(t.Context(), seated("plain", -9), func(context.Context, *compute.Lease) error { return nil }); err != nil {
			t.Errorf("what needs no station: %v", err)
		}
		s := broker.Snapshot()
		if s.Pools[0].UsedUnits != 10 || s.Pools[0].Waiting != 2 || len(s.Leases) != 1 || !slices.Equal(s.Leases[0].At, []string{"encoder"}) {
			t.Errorf("%d units are used, %d wait, leases %+v", s.Pools[0].UsedUnits, s.Pools[0].Waiting, s.Leases)
		}
		want := compute.StationInfo{StationUse: compute.StationUse{StationBudget: compute.StationBudget{Name: "encoder", Slots: 1}, UsedSlots: 1}, Waiting: 2}
		if len(s.Stations) != 1 || s.Stations[0] != want || !slices.Equal(s.Waiting[0].At, []string{"encoder"}) {
			t.Errorf("stations %+v, waiting %+v", s.Stations, s.Waiting)
		}
		var refusal *compute.Refusal
		if _, err := broker.TryAcquire(seated("try", 100, encoder)); !errors.As(err, &refusal) || refusal.Decision.Shortage.Station != "encoder" ||
			!strings.Contains(err.Error(), "needs a slot of encoder, 0 of 1 free") {
			t.Errorf("refused with %v", err)
		}
		first.Release()
		if a, b := <-order, <-order; a != "reply" || b != "background" {
			t.Errorf("%s before %s", a, b)
		}
		synctest.Wait()
		if s := broker.Snapshot(); len(s.Stations) != 0 || len(s.Leases) != 0 {
			t.Errorf("afterwards %+v, %+v", s.Stations, s.Leases)
		}
	})
}

// TestSlotsComeBack however a lease or a wait ends: by release, publication, expiry, revocation,
// and a context that ends in the queue.
func TestSlotsComeBack(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(b *compute.Broker, l *compute.Lease){
		"release":    func(_ *compute.Broker, l *compute.Lease) { l.Release() },
		"publish":    func(_ *compute.Broker, l *compute.Lease) { _ = l.Publish() },
		"revocation": func(b *compute.Broker, l *compute.Lease) { b.Revoke(l, "test") },
		"expiry":     func(b *compute.Broker, _ *compute.Lease) { time.Sleep(11 * time.Second); b.Sweep() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				broker := cpuBroker(t, 9)
				voice, cache := station(t, broker, "voice", 2), station(t, broker, "cache", 1)
				d := seated("first", 0, voice, cache)
				d.Revocation = compute.Hard
				lease, err := broker.TryAcquire(d)
				if err != nil {
					t.Fatal(err)
				}
				next := make(chan error, 1)
				go func() {
					lease, err := broker.Acquire(t.Context(), seated("next", 0, cache, voice))
					lease.Release()
					next <- err
				}()
				synctest.Wait()
				ctx, cancel := context.WithCancel(t.Context())
				gave := make(chan error, 1)
				go func() {
					_, err := broker.Acquire(ctx, seated("gave up", 5, cache))
					gave <- err
				}()
				synctest.Wait()
				cancel()
				if err := <-gave; !errors.Is(err, context.Canceled) {
					t.Errorf("gave up with %v", err)
				}
				if s := broker.Snapshot().Stations; len(s) != 2 || s[0].Waiting != 1 || s[0].UsedSlots != 1 || s[1].UsedSlots != 1 {
					t.Errorf("stations %+v", s)
				}
				end(broker, lease)
				if err := <-next; err != nil {
					t.Errorf("next: %v", err)
				}
				lease.Release()
				if s := broker.Snapshot().Stations; len(s) != 0 {
					t.Errorf("stations %+v", s)
				}
			})
		})
	}
}

// TestSlotStaysWithWhoIsInside: a lease that was taken back frees its units at once, and its slot
// when its work has left.
func TestSlotStaysWithWhoIsInside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broker := cpuBroker(t, 9)
		voice := station(t, broker, "voice", 1)
		d := seated("clause", 0, voice)
		d.Revocation = compute.Hard
		lease, err := broker.TryAcquire(d)
		if err != nil {
			t.Fatal(err)
		}
		leave, left := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(left)
			_ = lease.Do(func() error { <-leave; return nil })
		}()
		synctest.Wait()
		broker.Revoke(lease, "pressure")
		inside := make(chan error, 1)
		go func() {
			inside <- broker.Do(t.Context(), seated("next", 0, voice), func(context.Context, *compute.Lease) error {
				select {
				case <-left:
				default:
					t.Error("two are inside")
				}
				return nil
			})
		}()
		synctest.Wait()
		if s := broker.Snapshot(); s.Pools[0].UsedUnits != 0 || s.Stations[0].UsedSlots != 1 || s.Stations[0].Waiting != 1 {
			t.Errorf("%d units, stations %+v", s.Pools[0].UsedUnits, s.Stations)
		}
		if _, err := broker.TryAcquire(seated("third", 9, voice)); !errors.Is(err, compute.ErrPressure) {
			t.Errorf("third: %v", err)
		}
		close(leave)
		<-left
		if err := <-inside; err != nil {
			t.Error(err)
		}
	})
}

// TestBadStations names what is wrong with a station or a demand for one.
func TestBadStations(t *testing.T) {
	t.Parallel()
	broker, other := cpuBroker(t, 9), cpuBroker(t, 9)
	for _, c := range []struct {
		name  string
		slots int
		field string
	}{{"", 1, "station.name"}, {strings.Repeat("n", 513), 1, "station.name"}, {"voice", 0, "station.slots"}, {"voice", -1, "station.slots"}} {
		var wrong *compute.FieldError
		if _, err := broker.Station(c.name, c.slots); !errors.As(err, &wrong) || wrong.Field != c.field {
			t.Errorf("%.9q with %d slots: %v", c.name, c.slots, err)
		}
	}
	voice := station(t, broker, strings.Repeat("n", 512), 1)
	var many []*compute.Station
	for range 9 {
		many = append(many, station(t, broker, "many", 1))
	}
	for name, stations := range map[string][]*compute.Station{
		"none": {nil}, "twice": {voice, voice}, "of another broker": {station(t, other, "theirs", 1)}, "too many": many,
	} {
		var wrong *compute.FieldError
		if _, err := broker.TryAcquire(seated("a", 0, stations...)); !errors.As(err, &wrong) || wrong.Field != "demand.at" {
			t.Errorf("%s: %v", name, err)
		}
	}
	lease, err := broker.TryAcquire(seated("a", 0, many[:8]...))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(broker.Snapshot().Stations); n != 8 {
		t.Errorf("%d stations of one name, want 8", n)
	}
	lease.Release()
}
