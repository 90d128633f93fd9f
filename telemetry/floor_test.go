package telemetry_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/telemetry"
)

// TestFloorSightAndDispatchesAreCounted: a reply without a picture has no age of one, a first reply
// no gap, and a look at all rooms is nothing that became of a dispatch.
func TestFloorSightAndDispatchesAreCounted(t *testing.T) {
	t.Parallel()
	tel, err := telemetry.New(telemetry.Config{Sources: telemetry.Sources{
		Frames: func() map[string]uint64 { return map[string]uint64{"decoded": 90, "sampled": 6, "stale": 1} },
	}})
	if err != nil {
		t.Fatal(err)
	}
	seen := answered()
	seen.PictureAge = 400 * time.Millisecond
	tel.Observe(from(), room.TurnDone{Trace: seen, Gap: 250 * time.Millisecond})
	fresh := answered()
	fresh.PictureAge = 0
	tel.Observe(from(), room.TurnDone{Trace: fresh, Overlap: 30 * time.Millisecond})
	blind := answered()
	blind.Picture, blind.PictureAge = false, time.Hour
	tel.Observe(from(), room.TurnDone{Trace: blind, Overlap: 20 * time.Millisecond})
	tel.Observe(from(), room.TurnDone{Trace: reply.Trace{}})
	for _, kind := range []reconcile.EventKind{reconcile.Redispatched, reconcile.Redispatched, reconcile.Failed, reconcile.Looked} {
		tel.Reconciled(kind)
		(*telemetry.Telemetry)(nil).Reconciled(kind)
	}
	got := scrape(t, tel, "text/plain")
	for _, want := range []string{
		"sensory_sight_age_seconds_sum 0.4\n", "sensory_sight_age_seconds_count 2\n",
		"sensory_floor_gap_seconds_sum 0.25\n", "sensory_floor_gap_seconds_count 1\n", "sensory_floor_overlap_seconds_total 0.05\n",
		`sensory_sight_frames_total{step="decoded"} 90`, `sensory_sight_frames_total{step="sampled"} 6`, `sensory_sight_frames_total{step="stale"} 1`,
		`sensory_dispatch_reconciled_total{outcome="redispatched"} 2`, `sensory_dispatch_reconciled_total{outcome="failed"} 1`,
		`sensory_dispatch_reconciled_total{outcome="raced"} 0`, `sensory_dispatch_reconciled_total{outcome="swept"} 0`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(got, "looked") {
		t.Error("looks are counted")
	}
}
