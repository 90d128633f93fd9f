package senses_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/compute"
)

// held counts the leases and the waiting demands of artifacts that begin alike, and the units of
// the former.
func held(s compute.Snapshot, prefix string) (leases, waiting int, units int64) {
	for _, l := range s.Leases {
		if strings.HasPrefix(l.Artifact, prefix) && !l.Published {
			leases++
			units += l.Cost.Units
		}
	}
	for _, w := range s.Waiting {
		if strings.HasPrefix(w.Artifact, prefix) {
			waiting++
		}
	}
	return leases, waiting, units
}

// TestQueueingForTheEncoderHoldsNoUnits: of two tracks whose textures are there one has its
// features made, and the ledger has no units of the other until then.
func TestQueueingForTheEncoderHoldsNoUnits(t *testing.T) {
	machine, models := shared.Open(t)
	inside, leave := make(chan struct{}), make(chan struct{})
	first, second := senses.NewChain(models, "queue-a"), senses.NewChain(models, "queue-b")
	defer first.Close()
	defer second.Close()
	nothing := func(*compute.Broker, *compute.Lease) {}
	first.Computed(func(_ *compute.Broker, _, lease *compute.Lease) {
		if lease.Artifact() == "vision.features/queue-a/1/calibration" {
			select {
			case <-inside: // shown, after that
			default:
				close(inside)
				<-leave
			}
		}
	})
	ended := make(chan error, 2)
	go func() { ended <- first.Governed(t.Context(), frame(t, first.Pool(), 64, 48, 71), nothing) }()
	<-inside
	go func() { ended <- second.Governed(t.Context(), frame(t, second.Pool(), 64, 48, 72), nothing) }()
	leases, waiting, units := 0, 0, int64(0)
	for limit := time.Now().Add(time.Minute); leases+waiting < 2 && time.Now().Before(limit); <-time.After(time.Millisecond) {
		leases, waiting, units = held(machine.Compute(), "vision.features/queue-")
	}
	if leases != 1 || waiting != 1 || units != models.Eyes().Price(400) {
		t.Errorf("%d are at work and %d wait, %d units are held", leases, waiting, units)
	}
	close(leave)
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if what, ok := second.Shown(); !ok || what != "vision.features/queue-b/1/calibration" {
		t.Errorf("shown: %q", what)
	}
}
