package compute_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

// TestFence refuses results of older leases wherever they end up.
func TestFence(t *testing.T) {
	t.Parallel()
	var fence compute.Fence
	for _, step := range []struct {
		token uint64
		ok    bool
	}{{3, true}, {3, true}, {2, false}, {7, true}, {6, false}, {7, true}} {
		if err := fence.Pass(step.token); (err == nil) != step.ok || err != nil && !errors.Is(err, compute.ErrFenced) {
			t.Errorf("token %d: %v", step.token, err)
		}
	}
	var shared compute.Fence
	var group sync.WaitGroup
	for token := range uint64(200) {
		group.Go(func() { _ = shared.Pass(token) })
	}
	group.Wait()
	if shared.Pass(198) == nil || shared.Pass(199) != nil {
		t.Error("the highest of 200 tokens did not win")
	}
}

// TestFenceAcceptsLiveLeasesOnly refuses a result whose lease ended after it was made, however that
// came, and counts it.
func TestFenceAcceptsLiveLeasesOnly(t *testing.T) {
	t.Parallel()
	var now time.Duration
	broker, err := compute.NewBroker(compute.Config{
		Budgets: []compute.Budget{{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: 9, Units: 900}},
		Clock:   func() time.Duration { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	grant := func() *compute.Lease {
		d := cpuDemand("vision.texture/cam/7")
		d.Revocation, d.TTL = compute.Hard, time.Second
		lease, err := broker.TryAcquire(d)
		if err != nil {
			t.Fatal(err)
		}
		return lease
	}
	var fence compute.Fence
	older := grant()
	for name, c := range map[string]struct {
		end  func(*compute.Lease)
		want error
	}{
		"released": {func(l *compute.Lease) { l.Release() }, compute.ErrReleased},
		"revoked":  {func(l *compute.Lease) { broker.Revoke(l, "test") }, compute.ErrRevoked},
		"expired":  {func(*compute.Lease) { now += 2 * time.Second }, compute.ErrExpired},
	} {
		lease := grant()
		c.end(lease)
		if err := fence.Accept(lease); !errors.Is(err, compute.ErrFenced) || !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	older.Release()
	older = grant()
	newer := grant()
	for i, c := range []struct {
		lease *compute.Lease
		ok    bool
	}{{older, true}, {newer, true}, {older, false}, {newer, true}} {
		if err := fence.Accept(c.lease); (err == nil) != c.ok || err != nil && !errors.Is(err, compute.ErrFenced) {
			t.Errorf("step %d: %v", i, err)
		}
	}
	if n := broker.Snapshot().Pools[0].Fenced; n != 4 {
		t.Errorf("%d results counted as fenced, want 4", n)
	}
}
