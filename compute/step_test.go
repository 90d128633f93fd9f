package compute_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

// link is a chain of a frame and what is made of it, on a clock of its own.
type link struct {
	now    time.Duration
	broker *compute.Broker
	frame  *compute.Lease
	fence  compute.Fence
	back   []string // what gave its buffers back, in order
}

func newLink(t *testing.T) *link {
	t.Helper()
	l := &link{}
	var err error
	l.broker, err = compute.NewBroker(compute.Config{
		Budgets: []compute.Budget{{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: 9, Units: 100}},
		Clock:   func() time.Duration { return l.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	l.frame = l.next(t, "frame")
	return l
}

// next is another frame that is there.
func (l *link) next(t *testing.T, name string) *compute.Lease {
	t.Helper()
	d := cpuDemand(name)
	d.Revocation, d.StaleAfter, d.Cost = compute.Hard, 2*time.Second, compute.Cost{Units: 3}
	d.OnEnd = func() { l.back = append(l.back, name) }
	lease, err := l.broker.TryAcquire(d)
	if err != nil {
		t.Fatal(err)
	}
	if err := lease.Publish(); err != nil {
		t.Fatal(err)
	}
	return lease
}

func (l *link) texture(name string) compute.Demand {
	d := cpuDemand(name)
	d.Revocation, d.Cost = compute.Hard, compute.Cost{Units: 10}
	return d
}

// held are the artifacts in the ledger and the units that count.
func (l *link) held() (artifacts []string, units int64) {
	s := l.broker.Snapshot()
	for _, lease := range s.Leases {
		artifacts = append(artifacts, lease.Artifact)
	}
	return artifacts, s.Pools[0].UsedUnits
}

// TestStepHandsOver: while work runs both leases are held, afterwards only what was made, published
// and without units.
func TestStepHandsOver(t *testing.T) {
	t.Parallel()
	l := newLink(t)
	var inside []string
	lease, err := l.broker.Step(t.Context(), l.frame, &l.fence, l.texture("texture"), func(ctx context.Context, lease *compute.Lease) error {
		var units int64
		if inside, units = l.held(); units != 10 || lease.Artifact() != "texture" || ctx.Err() != nil {
			t.Errorf("%d units under %s, %v", units, lease.Artifact(), ctx.Err())
		}
		lease.Covers(func() { l.back = append(l.back, "texture") })
		return nil
	})
	if err != nil || !slices.Equal(inside, []string{"frame", "texture"}) {
		t.Fatalf("inside %q, %v", inside, err)
	}
	if held, units := l.held(); !slices.Equal(held, []string{"texture"}) || units != 0 || !slices.Equal(l.back, []string{"frame"}) {
		t.Errorf("afterwards %q hold %d units, %q are back", held, units, l.back)
	}
	lease.Release()
	if !slices.Equal(l.back, []string{"frame", "texture"}) {
		t.Errorf("back: %q", l.back)
	}
}

// TestStepFails: however a step fails, the error says why and nothing is held; and what was made
// goes back.
func TestStepFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		before func(l *link)
		work   func(l *link, lease *compute.Lease) error
		want   []error
		not    error
		fenced uint64
	}{
		"work fails": {
			work: func(*link, *compute.Lease) error { return broken }, want: []error{broken}, not: compute.ErrRevoked,
		},
		"the source was released before": {
			before: func(l *link) { l.frame.Release() }, want: []error{compute.ErrDependencyLost, compute.ErrReleased}, not: compute.ErrStale,
		},
		"the source was stale before": {
			before: func(l *link) { l.now += 3 * time.Second }, want: []error{compute.ErrDependencyLost, compute.ErrStale},
		},
		"the source grows stale meanwhile": {
			work: func(l *link, _ *compute.Lease) error { l.now += 3 * time.Second; return nil },
			want: []error{compute.ErrFenced, compute.ErrStale}, fenced: 1,
		},
		"the source is revoked meanwhile": {
			work: func(l *link, _ *compute.Lease) error { l.broker.Revoke(l.frame, "test"); return nil },
			want: []error{compute.ErrFenced, compute.ErrRevoked}, not: compute.ErrStale, fenced: 1,
		},
		"the lease is revoked meanwhile": {
			work: func(l *link, lease *compute.Lease) error { l.broker.Revoke(lease, "test"); return nil },
			want: []error{compute.ErrRevoked}, not: compute.ErrFenced, fenced: 1,
		},
		"work gives up because its lease is revoked": {
			work: func(l *link, lease *compute.Lease) error { l.broker.Revoke(lease, "test"); return context.Canceled },
			want: []error{compute.ErrRevoked, context.Canceled},
		},
		"work gives up because its source is revoked": {
			work: func(l *link, _ *compute.Lease) error { l.broker.Revoke(l.frame, "test"); return context.Canceled },
			want: []error{compute.ErrRevoked, context.Canceled},
		},
		"a newer result has passed": {
			work: func(l *link, _ *compute.Lease) error { return l.fence.Pass(99) }, want: []error{compute.ErrFenced}, fenced: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLink(t)
			if c.before != nil {
				c.before(l)
			}
			lease, err := l.broker.Step(t.Context(), l.frame, &l.fence, l.texture("texture"), func(_ context.Context, lease *compute.Lease) error {
				lease.Covers(func() { l.back = append(l.back, "texture") })
				return c.work(l, lease)
			})
			for _, want := range c.want {
				if !errors.Is(err, want) {
					t.Errorf("got %v, want %v", err, want)
				}
			}
			if lease != nil || c.not != nil && errors.Is(err, c.not) {
				t.Errorf("lease %v with %v", lease, err)
			}
			held, units := l.held()
			if len(held) != 0 || units != 0 || !slices.Contains(l.back, "frame") || slices.Contains(l.back, "texture") != (c.work != nil) {
				t.Errorf("%q hold %d units, %q are back", held, units, l.back)
			}
			if n := l.broker.Snapshot().Pools[0].Fenced; n != c.fenced {
				t.Errorf("%d results counted as fenced, want %d", n, c.fenced)
			}
		})
	}
}

// TestStepEndsWithItsSource: the context of work ends when the source is taken back, and the
// source's buffers stay until work is done.
func TestStepEndsWithItsSource(t *testing.T) {
	t.Parallel()
	l := newLink(t)
	_, err := l.broker.Step(t.Context(), l.frame, nil, l.texture("texture"), func(ctx context.Context, _ *compute.Lease) error {
		l.broker.Revoke(l.frame, "test")
		<-ctx.Done()
		if len(l.back) != 0 {
			t.Errorf("%q came back under work", l.back)
		}
		return ctx.Err()
	})
	if !errors.Is(err, compute.ErrRevoked) || !slices.Equal(l.back, []string{"frame"}) {
		t.Errorf("%v, %q are back", err, l.back)
	}
}

// TestStepFencesBySource: a result made of something older than one that has passed is refused, and
// without a source its own token counts.
func TestStepFencesBySource(t *testing.T) {
	t.Parallel()
	l := newLink(t)
	older, newer := l.frame, l.next(t, "newer")
	nothing := func(context.Context, *compute.Lease) error { return nil }
	lease, err := l.broker.Step(t.Context(), newer, &l.fence, l.texture("second"), nothing)
	if err != nil {
		t.Fatal(err)
	}
	lease.Release()
	if _, err := l.broker.Step(t.Context(), older, &l.fence, l.texture("first"), nothing); !errors.Is(err, compute.ErrFenced) {
		t.Errorf("older source: %v", err)
	}
	lease, err = l.broker.Step(t.Context(), nil, &l.fence, l.texture("third"), nothing)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.fence.Pass(lease.Token() - 1); !errors.Is(err, compute.ErrFenced) {
		t.Errorf("after token %d its forerunner passed: %v", lease.Token(), err)
	}
	lease.Release()
	if held, _ := l.held(); len(held) != 0 {
		t.Errorf("held: %q", held)
	}
}

// TestStepPanics: a panic of work leaves nothing behind and goes on.
func TestStepPanics(t *testing.T) {
	t.Parallel()
	l := newLink(t)
	func() {
		defer func() {
			if v := recover(); v != "kernel" {
				t.Errorf("recovered %v", v)
			}
		}()
		_, _ = l.broker.Step(t.Context(), l.frame, &l.fence, l.texture("texture"), func(_ context.Context, lease *compute.Lease) error {
			lease.Covers(func() { l.back = append(l.back, "texture") })
			panic("kernel")
		})
	}()
	if held, units := l.held(); len(held) != 0 || units != 0 || !slices.Equal(l.back, []string{"texture", "frame"}) {
		t.Errorf("%q hold %d units, %q are back", held, units, l.back)
	}
}

// TestBrokerDo gives its lease back, whatever came of it, and refuses what was made under one that
// ended.
func TestBrokerDo(t *testing.T) {
	t.Parallel()
	l := newLink(t)
	l.frame.Release()
	ran := 0
	for i, c := range []struct {
		work func(lease *compute.Lease) error
		want error
	}{
		{func(*compute.Lease) error { return nil }, nil},
		{func(*compute.Lease) error { return errors.ErrUnsupported }, errors.ErrUnsupported},
		{func(lease *compute.Lease) error { l.broker.Revoke(lease, "test"); return nil }, compute.ErrRevoked},
	} {
		err := l.broker.Do(t.Context(), l.texture("transcript"), func(_ context.Context, lease *compute.Lease) error {
			ran++
			if _, units := l.held(); units != 10 {
				t.Errorf("%d units are held", units)
			}
			return c.work(lease)
		})
		if !errors.Is(err, c.want) {
			t.Errorf("%d: got %v, want %v", i, err, c.want)
		}
		if held, _ := l.held(); len(held) != 0 {
			t.Errorf("%d: %q are held", i, held)
		}
	}
	never := l.texture("never")
	never.Cost.Units = 101
	err := l.broker.Do(t.Context(), never, func(context.Context, *compute.Lease) error { ran++; return nil })
	if !errors.Is(err, compute.ErrNeverFits) || ran != 3 {
		t.Errorf("%v after %d runs", err, ran)
	}
}
