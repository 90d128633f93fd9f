package compute_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

// TestWhyALeaseWasTakenBack tells work that grew too old from work that somebody wanted back:
// callers go on differently.
func TestWhyALeaseWasTakenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broker := cpuBroker(t, 3)
		frame := cpuDemand("frame")
		frame.Revocation, frame.StaleAfter, frame.TTL = compute.Hard, 2*time.Second, time.Minute
		old, err := broker.TryAcquire(frame)
		if err != nil {
			t.Fatal(err)
		}
		frame.Artifact = "wanted"
		wanted, err := broker.TryAcquire(frame)
		if err != nil {
			t.Fatal(err)
		}
		if !broker.Revoke(wanted, "somebody wants it") || broker.Revoke(wanted, "again") {
			t.Error("a lease is taken back once")
		}
		short := cpuDemand("short")
		short.TTL, short.Revocation, short.StaleAfter = time.Second, compute.Hard, time.Hour
		expired, err := broker.TryAcquire(short)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		broker.Sweep()
		for _, c := range []struct {
			name     string
			lease    *compute.Lease
			is, isNo []error
		}{
			{"too old", old, []error{compute.ErrStale, compute.ErrRevoked}, []error{compute.ErrExpired}},
			{"wanted back", wanted, []error{compute.ErrRevoked}, []error{compute.ErrStale, compute.ErrExpired}},
			{"expired", expired, []error{compute.ErrExpired}, []error{compute.ErrStale, compute.ErrRevoked}},
		} {
			ctx, cancel := c.lease.Context(t.Context())
			for _, err := range []error{c.lease.Err(), c.lease.Publish(), c.lease.Do(func() error { return nil }), c.lease.Renew(0), context.Cause(ctx)} {
				for _, want := range c.is {
					if !errors.Is(err, want) {
						t.Errorf("%s: %v is not %v", c.name, err, want)
					}
				}
				for _, other := range c.isNo {
					if errors.Is(err, other) {
						t.Errorf("%s: %v is %v too", c.name, err, other)
					}
				}
			}
			cancel()
		}
	})
}

// TestAWaiterGrowsStaleOnTime has nothing else that is due: the broker's goroutine wakes for the
// waiter alone, to the moment.
func TestAWaiterGrowsStaleOnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broker := cpuBroker(t, 1)
		ctx, stop := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() { broker.Run(ctx) })
		held := cpuDemand("held")
		held.TTL = time.Hour
		lease, err := broker.Acquire(ctx, held)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // Run sleeps until the lease ends
		start := time.Now()
		frame := cpuDemand("frame")
		frame.StaleAfter = 3 * time.Second
		_, err = broker.Acquire(ctx, frame)
		if waited := time.Since(start); !errors.Is(err, compute.ErrStale) || waited != 3*time.Second+1 {
			t.Errorf("%v after %v", err, waited)
		}
		lease.Release()
		stop()
		group.Wait()
	})
}

// TestDefaultsOfABroker states the numbers that config.go documents.
func TestDefaultsOfABroker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broker, err := compute.NewBroker(compute.Config{Budgets: []compute.Budget{{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: 1, Units: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		if broker.Now() != 0 {
			t.Errorf("the clock begins at %v", broker.Now())
		}
		time.Sleep(time.Second)
		if broker.Now() != time.Second {
			t.Errorf("a second later it is %v", broker.Now())
		}
		lease, err := broker.TryAcquire(cpuDemand("a"))
		if err != nil {
			t.Fatal(err)
		}
		ends := func() time.Duration { return broker.Snapshot().Leases[0].ExpiresIn }
		if ends() != 30*time.Second {
			t.Errorf("a lease lives for %v", ends())
		}
		if !broker.Revoke(lease, "test") || ends() != 500*time.Millisecond {
			t.Errorf("a holder has %v", ends())
		}
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for i := range 1024 {
			group.Go(func() {
				if _, err := broker.Acquire(ctx, cpuDemand(fmt.Sprint(i))); !errors.Is(err, context.Canceled) {
					t.Errorf("waiter %d: %v", i, err)
				}
			})
		}
		synctest.Wait()
		_, err = broker.Acquire(ctx, cpuDemand("c"))
		if waiting := broker.Snapshot().Pools[0].Waiting; !errors.Is(err, compute.ErrQueueFull) || waiting != 1024 {
			t.Errorf("%v with %d waiting", err, waiting)
		}
		cancel()
		group.Wait()
		for i := range 4097 {
			if err := broker.MarkReady(fmt.Sprint(i)); (err != nil) != (i == 4096) {
				t.Fatalf("artifact %d: %v", i, err)
			}
		}
	})
}
