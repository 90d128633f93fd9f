package reply_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/compute"
)

// TestAGuessWaitsForNoPlace: where others think, it ends; where nobody does, it is prepared like
// any answer, and nothing of it is heard before the floor is given.
func TestAGuessWaitsForNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPersona(t)
		guess := question(1, "Well?")
		guess.Guess = true
		var held []*compute.Lease
		for i := range 8 { // all places
			lease, err := p.broker.TryAcquire(compute.Demand{
				Artifact: fmt.Sprint("cognition.reply/other/", i), Class: compute.LocalGeneration, Silicon: compute.SiliconCPU, Holder: "other", Cost: compute.Cost{Units: 1},
			})
			if err != nil {
				t.Fatal(err)
			}
			held = append(held, lease)
		}
		begun := time.Now()
		p.replies.Start(guess, reply.Target{})
		p.replies.Wait()
		if done := p.log.done[0]; !errors.Is(done.Err, reply.ErrNoPlace) || done.Answer != "" || time.Since(begun) > time.Second {
			t.Errorf("after %v: %+v", time.Since(begun), done)
		}
		for _, l := range held {
			l.Release()
		}
		guess.Turn = 2
		r := p.replies.Start(guess, reply.Target{})
		synctest.Wait()
		if got := p.log.lines(); !slices.Contains(got, "ready 2") || !slices.Contains(got, "thought 2 Yes.") || p.player.samples() != 0 {
			t.Errorf("%q, %d samples", got, p.player.samples())
		}
		r.GiveFloor()
		p.replies.Wait()
		if done := p.log.done[1]; done.Err != nil || done.Answer != "Yes." || p.player.samples() == 0 {
			t.Errorf("%+v", done)
		}
	})
}
