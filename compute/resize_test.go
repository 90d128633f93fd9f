package compute_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

// TestLeasesGrowAndShrink: what a lease holds changes while it lives, published or not; the ledger
// follows, who waits for what becomes free gets it, and what ends gives back what it holds then.
func TestLeasesGrowAndShrink(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broker, err := compute.NewBroker(compute.Config{Budgets: []compute.Budget{
			{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: 2, Units: 100, Bytes: 1000},
		}})
		if err != nil {
			t.Fatal(err)
		}
		held := func(want int64) {
			t.Helper()
			if pool := broker.Snapshot().Pools[0]; pool.UsedBytes != want {
				t.Errorf("%d bytes are used, want %d", pool.UsedBytes, want)
			}
		}
		kept := cpuDemand("kept")
		kept.Class, kept.Cost, kept.TTL, kept.Revocation = compute.Memory, compute.Cost{}, time.Hour, compute.Pinned
		lease, err := broker.TryAcquire(kept)
		if err != nil {
			t.Fatal(err)
		}
		grow := func(bytes int64) {
			t.Helper()
			if err := lease.Resize(bytes); err != nil {
				t.Fatal(err)
			}
			held(bytes)
		}
		grow(300)
		if err := lease.Publish(); err != nil {
			t.Fatal(err)
		}
		grow(600)
		var slots []*compute.Lease // growing needs none
		for _, name := range []string{"a", "b"} {
			d := cpuDemand(name)
			d.TTL = time.Hour
			l, err := broker.TryAcquire(d)
			if err != nil {
				t.Fatal(err)
			}
			slots = append(slots, l)
		}
		grow(1000)
		err = lease.Resize(1001)
		var no *compute.Refusal
		if !errors.As(err, &no) || !errors.Is(err, compute.ErrPressure) || *no.Decision.Shortage != (compute.Shortage{Resource: compute.Bytes, Need: 1, Limit: 1000}) {
			t.Errorf("more than there is: %v", err)
		}
		held(1000)
		for _, l := range slots {
			l.Release()
		}
		large := cpuDemand("large")
		large.Cost.Bytes = 400
		got := make(chan error, 1)
		go func() {
			l, err := broker.Acquire(context.Background(), large)
			got <- err
			l.Release()
		}()
		synctest.Wait()
		grow(601)
		synctest.Wait()
		select {
		case err := <-got:
			t.Fatalf("399 bytes are free, and somebody got 400: %v", err)
		default:
		}
		if err := lease.Resize(600); err != nil {
			t.Fatal(err)
		}
		if err := <-got; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		held(600)
		for _, bytes := range []int64{-1, 1<<50 + 1} {
			var wrong *compute.FieldError
			if err := lease.Resize(bytes); !errors.As(err, &wrong) {
				t.Errorf("%d bytes: %v", bytes, err)
			}
		}
		time.Sleep(time.Hour)
		if err := lease.Resize(1); !errors.Is(err, compute.ErrExpired) {
			t.Errorf("after its end: %v", err)
		}
		held(0)
	})
}

// TestLeasesGrowWithoutABound where the pool has none.
func TestLeasesGrowWithoutABound(t *testing.T) {
	t.Parallel()
	lease, err := cpuBroker(t, 1).TryAcquire(cpuDemand("kept"))
	if err != nil {
		t.Fatal(err)
	}
	if err := lease.Resize(1 << 50); err != nil {
		t.Error(err)
	}
	lease.Release()
	if err := lease.Resize(1); !errors.Is(err, compute.ErrReleased) {
		t.Errorf("after its end: %v", err)
	}
}
