package compute_test

import (
	"context"
	"errors"
	"slices"
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
