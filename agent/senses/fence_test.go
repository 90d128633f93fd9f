package senses_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/compute"
)

// TestResultsOfRevokedLeasesAreRefused takes leases back after the work is done and before its
// result is handed over, at every step of the chain: nothing of it is shown, everything comes back,
// and the next frame goes through.
func TestResultsOfRevokedLeasesAreRefused(t *testing.T) {
	machine, models := shared.Open(t)
	for name, c := range map[string]struct {
		step   int // 0: the texture is there, 1: the features are, 2: they are about to be shown
		source bool
	}{
		"the frame, when its texture is there":    {0, true},
		"the texture, before it is published":     {0, false},
		"the texture, when its features are":      {1, true},
		"the features, before they are published": {1, false},
		"the features, before they are shown":     {2, false},
	} {
		t.Run(name, func(t *testing.T) {
			chain := senses.NewChain(models, "fence")
			before, step := fenced(machine), 0
			chain.Computed(func(b *compute.Broker, from, lease *compute.Lease) {
				if step == c.step {
					revoke(t, b, map[bool]*compute.Lease{true: from, false: lease}[c.source])
				}
				step++
			})
			err := chain.Governed(t.Context(), frame(t, chain.Pool(), 64, 48, 1), func(*compute.Broker, *compute.Lease) {})
			if !errors.Is(err, compute.ErrRevoked) {
				t.Fatalf("got %v, want ErrRevoked", err)
			}
			if what, ok := chain.Shown(); ok {
				t.Errorf("%s is shown", what)
			}
			if n := fenced(machine) - before; n != 1 {
				t.Errorf("%d results counted as fenced, want 1", n)
			}
			if chain.Pool().Outstanding() != 0 || chain.Textures() != 0 || len(machine.Compute().Leases) != 0 {
				t.Errorf("%d pictures and %d textures out, leases %+v", chain.Pool().Outstanding(), chain.Textures(), machine.Compute().Leases)
			}
			if err := chain.Governed(t.Context(), frame(t, chain.Pool(), 64, 48, 2), func(*compute.Broker, *compute.Lease) {}); err != nil {
				t.Fatal(err)
			}
			if what, ok := chain.Shown(); !ok || what != "vision.features/fence/2/calibration" {
				t.Errorf("%q is shown after the next frame", what)
			}
			chain.Close()
		})
	}
}

// revoke takes a lease back and waits out the grace period of a graceful one.
func revoke(t *testing.T, b *compute.Broker, l *compute.Lease) {
	t.Helper()
	if !b.Revoke(l, "test") {
		t.Errorf("%s could not be revoked", l.Artifact())
	}
	for l.Do(func() error { return nil }) == nil {
		<-time.After(20 * time.Millisecond)
		b.Sweep()
	}
}

func fenced(machine *engine.Machine) uint64 {
	var n uint64
	for _, p := range machine.Compute().Pools {
		n += p.Fenced
	}
	return n
}

// TestSightTakenBackIsNotAnsweredFrom: features that were taken back are no picture for an answer
// any more, and the answer that had chosen them is refused its lease.
func TestSightTakenBackIsNotAnsweredFrom(t *testing.T) {
	_, models := shared.Open(t)
	chain := senses.NewChain(models, "gone")
	defer chain.Close()
	if err := chain.Governed(t.Context(), frame(t, chain.Pool(), 64, 48, 3), func(*compute.Broker, *compute.Lease) {}); err != nil {
		t.Fatal(err)
	}
	lease, err := chain.Reply(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lease.Release()
	chain.TakeBack()
	for {
		lease, err := chain.Reply(t.Context())
		if err != nil {
			if !errors.Is(err, compute.ErrDependencyLost) {
				t.Errorf("reply: %v, want ErrDependencyLost", err)
			}
			break
		}
		lease.Release() // the grace period is not over
		<-time.After(20 * time.Millisecond)
	}
	if what, ok := chain.Shown(); ok {
		t.Errorf("%s is shown after it was taken back", what)
	}
}
