package reply_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/playout"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/hearing/usm"
)

// TestAnswersUnderOldLeasesAreNotSpoken: what the model said goes no further once the lease of its
// answer has ended or a newer answer has begun.
func TestAnswersUnderOldLeasesAreNotSpoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPersona(t)
		grant := func(turn uint64) *compute.Lease {
			lease, err := p.mind.Lease(t.Context(), turn, lab, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			return lease
		}
		older, newer, ended := grant(1), grant(2), grant(3)
		ended.Release()
		defer older.Release()
		defer newer.Release()
		if said, err := p.replies.Think(t.Context(), ended, "Well?"); !errors.Is(err, compute.ErrFenced) || len(said) != 0 {
			t.Errorf("under an ended lease: %q, %v", said, err)
		}
		for i, c := range []struct {
			lease *compute.Lease
			ok    bool
		}{{older, true}, {newer, true}, {older, false}} {
			said, err := p.replies.Think(t.Context(), c.lease, "Well?")
			if (err == nil) != c.ok || (len(said) > 0) != c.ok || err != nil && !errors.Is(err, compute.ErrFenced) {
				t.Errorf("step %d: %q, %v", i, said, err)
			}
		}
	})
}

// Where a question looks is in look_test.go.
func TestASightIsPartOfThePromptAndOfTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPersona(t)
		seen := p.sight(t, "cam/1")
		eye := &eye{sights: []*engine.Sight{seen}}
		p.replies.Start(question(1, "What is it?"), reply.Target{Look: reply.Look{Eye: eye, Who: "ada"}}).GiveFloor()
		p.replies.Wait()
		if p.mind.pictures != 1 || !p.log.done[0].Picture {
			t.Errorf("%d pictures in the prompt, trace %+v", p.mind.pictures, p.log.done[0])
		}
		if from := p.mind.from; len(from) != 1 || from[0] != "vision.picture/cam/1" {
			t.Errorf("the reply is made from %q", from)
		}
	})
}

// TestTheNextReplyThinksAfterOneThatPanicked: wherever it was.
func TestTheNextReplyThinksAfterOneThatPanicked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPersona(t)
		p.mind.unsound = "torn"
		p.replies.Start(question(1, "One?"), reply.Target{}).GiveFloor()
		synctest.Wait()
		p.mind.unsound = nil
		p.replies.Start(question(2, "Two?"), reply.Target{}).GiveFloor()
		p.replies.Wait()
		if got := p.log.lines(); !slices.Equal(got, []string{"done 1 panic: torn", "ready 2", "thought 2 Yes.", "audible 2 Yes.", "done 2 <nil>"}) &&
			!slices.Equal(got, []string{"done 1 panic: torn", "thought 2 Yes.", "ready 2", "audible 2 Yes.", "done 2 <nil>"}) {
			t.Errorf("reported %q", got)
		}
		if p.player.finished != 1 {
			t.Errorf("the player was told %d times that speech is complete", p.player.finished)
		}
	})
}

// TestSoundIsHeardUpToItsLimit: a longer question is answered from its transcript.
func TestSoundIsHeardUpToItsLimit(t *testing.T) {
	longest := int(usm.MaxClip.Seconds()) * 16000
	synctest.Test(t, func(t *testing.T) {
		p := newPersona(t)
		q := question(1, "Well?")
		q.PCM = make([]float32, 1)
		p.replies.Start(q, reply.Target{}).GiveFloor()
		p.replies.Wait()
		if p.mind.heard != 0 || p.log.done[0].Sound {
			t.Error("a model that takes no sound was given some")
		}
	})
	for samples, heard := range map[int]bool{0: false, 1: true, longest: true, longest + 1: false} {
		synctest.Test(t, func(t *testing.T) {
			p := newPersona(t)
			p.mind.listens = true
			q := question(1, "Well?")
			q.PCM = make([]float32, samples)
			p.replies.Start(q, reply.Target{}).GiveFloor()
			p.replies.Wait()
			if trace := p.log.done[0]; trace.Sound != heard || (p.mind.heard == 1) != heard || (p.mind.pictures == 1) != heard {
				t.Errorf("%d samples: heard %d times, %d parts in the prompt, %+v", samples, p.mind.heard, p.mind.pictures, trace)
			}
		})
	}
}

// TestALeaseThatIsTakenBackEndsTheThinking: what was prepared is spoken, and the reply says what
// became of the rest.
func TestALeaseThatIsTakenBackEndsTheThinking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPersona(t)
		p.mind.says = nil
		for range 300 { // more than may be prepared
			p.mind.says = append(p.mind.says, "This is one of many sentences. ")
		}
		r := p.replies.Start(question(1, "Well?"), reply.Target{})
		synctest.Wait()
		held := p.broker.Snapshot().Leases
		if len(held) != 1 {
			t.Fatalf("leases %+v", held)
		}
		if !p.broker.Revoke(p.mind.lease, "test") {
			t.Fatal("the lease cannot be taken back")
		}
		synctest.Wait()
		r.GiveFloor()
		p.replies.Wait()
		if trace := p.log.done[0]; !errors.Is(trace.Err, compute.ErrRevoked) || trace.FirstPacket.IsZero() {
			t.Errorf("ended with %v: %+v", trace.Err, trace)
		}
		if got := len(p.log.lines()); got > 150 {
			t.Errorf("%d reports", got)
		}
	})
}

// TestAllOfASpeechIsPlayedOrTheReplyFails: of a voice at another rate the resampler holds the last
// bit back, which is played too.
func TestAllOfASpeechIsPlayedOrTheReplyFails(t *testing.T) {
	for refuses, want := range []int{playout.SampleRate / 10, 0, -1} {
		synctest.Test(t, func(t *testing.T) {
			p := newPersona(t)
			p.voice.rate, p.player.refuses = 16000, refuses
			p.replies.Start(question(1, "Well?"), reply.Target{}).GiveFloor()
			p.replies.Wait()
			err, played := p.log.done[0].Err, p.player.samples()
			switch {
			case refuses == 0 && (err != nil || played < want-1 || played > want+1 || p.player.writes != 2):
				t.Errorf("%d of %d samples in %d writes, %v", played, want, p.player.writes, err)
			case refuses > 0 && !errors.Is(err, errRefused):
				t.Errorf("write %d was refused, the reply ended with %v", refuses, err)
			case refuses > 0 && p.player.finished != 0:
				t.Errorf("write %d was refused, and speech is complete", refuses)
			}
		})
	}
}
