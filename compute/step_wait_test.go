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

// TestStepWaitsWithItsContext: who gives up while it waits for a lease loses its source too.
func TestStepWaitsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broker := cpuBroker(t, 1)
		source, err := broker.TryAcquire(cpuDemand("source"))
		if err != nil {
			t.Fatal(err)
		}
		if err := source.Publish(); err != nil {
			t.Fatal(err)
		}
		busy, err := broker.TryAcquire(cpuDemand("busy"))
		if err != nil {
			t.Fatal(err)
		}
		why := errors.New("room closed")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(why) })
		_, err = broker.Step(ctx, source, nil, cpuDemand("result"), func(context.Context, *compute.Lease) error {
			t.Error("work ran without a lease")
			return nil
		})
		if !errors.Is(err, why) || !errors.Is(source.Err(), compute.ErrReleased) {
			t.Errorf("%v, source %v", err, source.Err())
		}
		busy.Release()
	})
}

// TestCoversLate: what is registered when the lease has ended goes back at once, inside Do when Do
// returns.
func TestCoversLate(t *testing.T) {
	t.Parallel()
	l := newLink(t)
	note := func(name string) func() { return func() { l.back = append(l.back, name) } }
	err := l.frame.Do(func() error {
		l.frame.Covers(note("first"))
		l.frame.Release()
		l.frame.Covers(note("second"))
		if len(l.back) != 0 {
			t.Errorf("%q are back inside Do", l.back)
		}
		return nil
	})
	l.frame.Covers(note("third"))
	if want := []string{"frame", "first", "second", "third"}; err != nil || !slices.Equal(l.back, want) {
		t.Errorf("back: %q, want %q; %v", l.back, want, err)
	}
}

// TestStepHoldsItsOwnResult: what the lease covers stays until work is done, even when the lease is
// taken back meanwhile; and the reason is told once.
func TestStepHoldsItsOwnResult(t *testing.T) {
	t.Parallel()
	l := newLink(t)
	texture := l.texture("texture")
	_, err := l.broker.Step(t.Context(), l.frame, nil, texture, func(ctx context.Context, lease *compute.Lease) error {
		lease.Covers(func() { l.back = append(l.back, "texture") })
		l.broker.Revoke(lease, "pressure")
		<-ctx.Done()
		if len(l.back) != 0 {
			t.Errorf("%q came back under work", l.back)
		}
		return context.Cause(ctx)
	})
	if want := []string{"texture", "frame"}; !errors.Is(err, compute.ErrRevoked) || !slices.Equal(l.back, want) {
		t.Errorf("%v, back: %q", err, l.back)
	}
	if n := strings.Count(err.Error(), "pressure"); n != 1 {
		t.Errorf("the reason is told %d times: %v", n, err)
	}
}

// TestStepWithoutAFence refuses what was made of something that was taken back all the same.
func TestStepWithoutAFence(t *testing.T) {
	t.Parallel()
	l := newLink(t)
	lease, err := l.broker.Step(t.Context(), l.frame, nil, l.texture("texture"), func(context.Context, *compute.Lease) error {
		l.broker.Revoke(l.frame, "test")
		return nil
	})
	if held, _ := l.held(); !errors.Is(err, compute.ErrFenced) || lease != nil || len(held) != 0 {
		t.Errorf("%v, %q are held", err, held)
	}
}

// TestDeriveLeavesTheSource: several things are made of one source, which stays the caller's; one
// of them that fails takes nothing away from the others, and the fence of each is its own.
func TestDeriveLeavesTheSource(t *testing.T) {
	t.Parallel()
	l := newLink(t)
	broken := errors.New("broken")
	if _, err := l.broker.Derive(t.Context(), l.frame, nil, l.texture("bad"), func(context.Context, *compute.Lease) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	var fences [2]compute.Fence
	for i, name := range []string{"one", "two"} {
		lease, err := l.broker.Derive(t.Context(), l.frame, &fences[i], l.texture(name), func(context.Context, *compute.Lease) error { return nil })
		if err != nil || lease.Artifact() != name {
			t.Fatalf("%s: %v", name, err)
		}
		defer lease.Release()
	}
	if held, _ := l.held(); !slices.Equal(held, []string{"frame", "one", "two"}) || len(l.back) != 0 {
		t.Errorf("held %q, %q are back", held, l.back)
	}
	l.frame.Release()
	if _, err := l.broker.Derive(t.Context(), l.frame, nil, l.texture("late"), func(context.Context, *compute.Lease) error { return nil }); !errors.Is(err, compute.ErrDependencyLost) || !errors.Is(err, compute.ErrReleased) {
		t.Errorf("after its source: %v", err)
	}
}
