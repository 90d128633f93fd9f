package compute_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

func cpuBroker(tb testing.TB, slots int64) *compute.Broker {
	tb.Helper()
	broker, err := compute.NewBroker(compute.Config{
		TTL: 10 * time.Second, Budgets: []compute.Budget{{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: slots, Units: 100}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return broker
}

func cpuDemand(artifact string) compute.Demand {
	return compute.Demand{Artifact: artifact, Class: compute.CPU, Silicon: compute.SiliconCPU, Holder: "h", Cost: compute.Cost{Units: 1}}
}

// TestRunExpiresOnTime holds a lease past its end with nobody asking: Run ends it, tells the
// holder, cancels its context, lets the one that waits in, and drops a frame that waited too long,
// each at the right moment.
func TestRunExpiresOnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broker := cpuBroker(t, 1)
		ctx, stop := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() { broker.Run(ctx) })
		start := time.Now()
		first, err := broker.Acquire(ctx, cpuDemand("first"))
		if err != nil {
			t.Fatal(err)
		}
		work, cancel := first.Context(ctx)
		defer cancel()
		group.Go(func() {
			frame := cpuDemand("frame")
			frame.StaleAfter, frame.Perishable = 3*time.Second, true
			_, err := broker.Acquire(ctx, frame)
			if waited := time.Since(start); !errors.Is(err, compute.ErrStale) || waited < 3*time.Second || waited > 3*time.Second+time.Millisecond {
				t.Errorf("the frame got %v after %v", err, waited)
			}
		})
		second, err := broker.Acquire(ctx, cpuDemand("second"))
		if waited := time.Since(start); err != nil || waited != 10*time.Second {
			t.Errorf("the second lease: %v after %v", err, waited)
		}
		<-first.Revoked()
		<-work.Done()
		if cause := context.Cause(work); !errors.Is(cause, compute.ErrExpired) || !errors.Is(first.Err(), compute.ErrExpired) {
			t.Errorf("the first lease: %v, its context: %v", first.Err(), cause)
		}
		if err := first.Publish(); !errors.Is(err, compute.ErrExpired) {
			t.Errorf("a late result: %v", err)
		}
		second.Release()
		stop()
		group.Wait()
	})
}

// TestLeaseContexts covers the ways in which a lease's context ends.
func TestLeaseContexts(t *testing.T) {
	t.Parallel()
	broker := cpuBroker(t, 5)
	acquire := func(name string) *compute.Lease {
		t.Helper()
		lease, err := broker.TryAcquire(cpuDemand(name))
		if err != nil {
			t.Fatal(err)
		}
		return lease
	}
	released := acquire("released")
	ctx, cancel := released.Context(t.Context())
	defer cancel()
	released.Release()
	if !errors.Is(context.Cause(ctx), compute.ErrReleased) {
		t.Errorf("after Release: %v", context.Cause(ctx))
	}
	late, cancelLate := released.Context(t.Context())
	defer cancelLate()
	if !errors.Is(context.Cause(late), compute.ErrReleased) {
		t.Errorf("a context of a released lease: %v", context.Cause(late))
	}
	asked := acquire("asked")
	defer asked.Release()
	ctx, cancelAsked := asked.Context(t.Context())
	defer cancelAsked()
	broker.Revoke(asked, "room is closing")
	var revoked *compute.RevokedError
	if !errors.As(context.Cause(ctx), &revoked) || revoked.Reason != "room is closing" {
		t.Errorf("after Revoke: %v", context.Cause(ctx))
	}
	after, cancelAfter := asked.Context(t.Context())
	defer cancelAfter()
	if !errors.Is(context.Cause(after), compute.ErrRevoked) {
		t.Errorf("a context of a revoked lease: %v", context.Cause(after))
	}
	free := acquire("free")
	ctx, cancelFree := free.Context(t.Context())
	cancelFree()
	if !errors.Is(ctx.Err(), context.Canceled) || free.Err() != nil {
		t.Errorf("cancel ended the lease: %v, %v", ctx.Err(), free.Err())
	}
	free.Release()
	var none *compute.Lease
	none.Release()
}

// TestBrokerConfig names what is wrong.
func TestBrokerConfig(t *testing.T) {
	t.Parallel()
	good := []compute.Budget{{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: 1, Units: 1}}
	for field, cfg := range map[string]compute.Config{
		"budgets":              {},
		"budgets[0].silicon":   {Budgets: []compute.Budget{{Slots: 1, Units: 1}}},
		"budgets[1].silicon":   {Budgets: append(good, good...)},
		"budgets[0].units":     {Budgets: []compute.Budget{{Pool: good[0].Pool, Slots: 1}}},
		"ttl":                  {Budgets: good, TTL: -1},
		"grace":                {Budgets: good, Grace: -1},
		"queue_limit":          {Budgets: good, QueueLimit: -1},
		"policy.aging_step_ms": {Budgets: good, Policy: compute.Policy{AgingStep: -1}},
	} {
		_, err := compute.NewBroker(cfg)
		var wrong *compute.FieldError
		if !errors.As(err, &wrong) || !errors.Is(err, compute.ErrInvalid) || wrong.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// TestMarkReadyIsBounded refuses more artifacts than the limit, and takes them again once some
// retired.
func TestMarkReadyIsBounded(t *testing.T) {
	t.Parallel()
	broker, err := compute.NewBroker(compute.Config{
		MaxReady: 2, Budgets: []compute.Budget{{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: 1, Units: 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b", "a"} {
		if err := broker.MarkReady(name); err != nil {
			t.Error(err)
		}
	}
	if err := broker.MarkReady("c"); !errors.Is(err, compute.ErrTooManyArtifacts) {
		t.Errorf("third artifact: %v", err)
	}
	if err := broker.MarkReady(""); !errors.Is(err, compute.ErrInvalid) {
		t.Errorf("no name: %v", err)
	}
	broker.Retire("a")
	if err := broker.MarkReady("c"); err != nil {
		t.Error(err)
	}
}

// TestCloseLetsGo refuses waiters, keeps leases and ends Run once the last lease is gone.
func TestCloseLetsGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broker := cpuBroker(t, 1)
		var group sync.WaitGroup
		group.Go(func() { broker.Run(t.Context()) })
		lease, err := broker.TryAcquire(cpuDemand("held"))
		if err != nil {
			t.Fatal(err)
		}
		group.Go(func() {
			if _, err := broker.Acquire(t.Context(), cpuDemand("waits")); !errors.Is(err, compute.ErrClosed) {
				t.Errorf("the waiter got %v", err)
			}
		})
		synctest.Wait()
		for range 2 {
			if err := broker.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := lease.Publish(); err != nil {
			t.Errorf("a lease held during Close: %v", err)
		}
		lease.Release()
		if err := broker.Close(); err != nil {
			t.Error(err)
		}
		group.Wait()
	})
}

// TestSnapshotAsJSON is what an operator reads.
func TestSnapshotAsJSON(t *testing.T) {
	t.Parallel()
	broker := cpuBroker(t, 1)
	lease, err := broker.TryAcquire(cpuDemand("vision.texture/cam/1"))
	if err != nil {
		t.Fatal(err)
	}
	defer lease.Release()
	if _, err := broker.TryAcquire(cpuDemand("second")); !errors.Is(err, compute.ErrPressure) {
		t.Fatal(err)
	}
	text, err := json.Marshal(broker.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"silicon":"CPU"`, `"slots":1`, `"used_slots":1`, `"held":1`, `"refused":{"pressure":1}`, `"artifact":"vision.texture/cam/1"`,
		`"class":"CPU"`, `"token":1`, `"revocation":"GRACEFUL"`, `"tier":"normal"`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is not in %s", want, text)
		}
	}
	if _, err := broker.Level(compute.Pool{Silicon: compute.SiliconGPU}); !errors.Is(err, compute.ErrNoBudget) {
		t.Errorf("the level of a pool without a budget: %v", err)
	}
	if level, err := broker.Level(compute.Pool{Silicon: compute.SiliconCPU}); err != nil || level != 0.01 {
		t.Errorf("level %v, %v", level, err)
	}
}

// TestFromFollowsTheLease needs the artifact of a lease by its handle: ready, being made, gone,
// gone while waiting, and of another broker.
func TestFromFollowsTheLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broker := cpuBroker(t, 3)
		frame, err := broker.TryAcquire(cpuDemand("frame"))
		if err != nil {
			t.Fatal(err)
		}
		texture := cpuDemand("texture")
		texture.From = []*compute.Lease{frame}
		var refusal *compute.Refusal
		if _, err := broker.TryAcquire(texture); !errors.As(err, &refusal) || refusal.Decision.Missing[0] != "frame" {
			t.Errorf("while the frame is being made: %v", err)
		}
		if err := frame.Publish(); err != nil {
			t.Fatal(err)
		}
		lease, err := broker.TryAcquire(texture)
		if err != nil {
			t.Errorf("with the frame published: %v", err)
		}
		var group sync.WaitGroup
		group.Go(func() {
			waits := cpuDemand("features")
			waits.From = []*compute.Lease{frame, lease}
			if _, err := broker.Acquire(t.Context(), waits); !errors.Is(err, compute.ErrDependencyLost) || !strings.Contains(err.Error(), "texture") {
				t.Errorf("the texture was released unpublished, its user got %v", err)
			}
		})
		synctest.Wait()
		lease.Release()
		group.Wait()
		frame.Release()
		if _, err := broker.Acquire(t.Context(), texture); !errors.Is(err, compute.ErrDependencyLost) {
			t.Errorf("after the frame's release: %v", err)
		}
		for _, from := range [][]*compute.Lease{{nil}, {frame}} {
			demand := cpuDemand("x")
			demand.From = from
			if _, err := cpuBroker(t, 1).TryAcquire(demand); !errors.Is(err, compute.ErrInvalid) {
				t.Errorf("from %v: %v", from, err)
			}
		}
	})
}
