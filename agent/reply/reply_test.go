package reply_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/playout"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/hearing/usm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSpeechIsPreparedBeforeItMayBeHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPersona(t)
		p.mind.says = []string{"One. ", "Two. ", "Three."}
		r := p.replies.Start(question(1, "Count."), reply.Target{})
		synctest.Wait()
		if got := p.log.lines(); !slices.Equal(got, []string{"ready 1", "thought 1 One. Two. Three."}) && !slices.Equal(got, []string{"thought 1 One. Two. Three.", "ready 1"}) {
			t.Errorf("before the floor is given: %q", got)
		}
		if n := p.player.samples(); n != 0 {
			t.Errorf("%d samples were played without the floor", n)
		}
		if len(p.voice.said()) != 2 {
			t.Errorf("prepared %q", p.voice.said())
		}
		if held := p.broker.Snapshot().Leases; len(held) != 0 {
			t.Errorf("the lease is held while the persona waits to speak: %+v", held)
		}
		time.Sleep(time.Minute)
		r.GiveFloor()
		r.GiveFloor()
		p.replies.Wait()
		got := p.log.lines()[2:]
		want := []string{"audible 1 One. Two.", "audible 1 Three.", "done 1 <nil>"}
		if !slices.Equal(got, want) {
			t.Errorf("then %q, want %q", got, want)
		}
		trace := p.log.done[0]
		if trace.Answer != "One. Two. Three." || trace.FirstPacket.Sub(trace.FirstPCM) < time.Minute || trace.Finish != "stop" || trace.PromptTokens != 5 {
			t.Errorf("trace %+v", trace)
		}
	})
}

func TestACancelledReplyIsSilent(t *testing.T) {
	why := errors.New("somebody spoke")
	for name, act := range map[string]func(*persona, *reply.Reply){
		"while it thinks": func(p *persona, r *reply.Reply) { r.Cancel(why); close(p.mind.gate) },
		"before it has the floor": func(p *persona, r *reply.Reply) {
			close(p.mind.gate)
			synctest.Wait()
			r.Cancel(why)
		},
		"and then gets the floor": func(p *persona, r *reply.Reply) {
			close(p.mind.gate)
			synctest.Wait()
			r.Cancel(why)
			synctest.Wait()
			r.GiveFloor()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPersona(t)
				p.mind.gate = make(chan struct{})
				r := p.replies.Start(question(7, "Well?"), reply.Target{})
				synctest.Wait()
				act(p, r)
				p.replies.Wait()
				if n := p.player.samples(); n != 0 {
					t.Errorf("%d samples were played", n)
				}
				if len(p.log.done) != 1 || !errors.Is(p.log.done[0].Err, why) {
					t.Errorf("ended %+v", p.log.done)
				}
				if held := p.broker.Snapshot().Leases; len(held) != 0 {
					t.Errorf("leases held: %+v", held)
				}
			})
		})
	}
}

// TestAReplyThinksWhenTheOneBeforeHasGivenItsLeaseBack: a persona does not compete with itself.
func TestAReplyThinksWhenTheOneBeforeHasGivenItsLeaseBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPersona(t)
		p.mind.gate, p.mind.deaf = make(chan struct{}), true // it does not look at its context
		first := p.replies.Start(question(1, "One?"), reply.Target{})
		synctest.Wait()
		first.Cancel(context.Canceled)
		second := p.replies.Start(question(2, "Two?"), reply.Target{})
		second.GiveFloor()
		synctest.Wait()
		if asked := p.mind.questions(); !slices.Equal(asked, []string{"One?"}) || len(p.broker.Snapshot().Leases) != 1 {
			t.Errorf("asked %q, leases %+v", asked, p.broker.Snapshot().Leases)
		}
		close(p.mind.gate)
		p.replies.Wait()
		if asked := p.mind.questions(); !slices.Equal(asked, []string{"One?", "Two?"}) {
			t.Errorf("asked %q", asked)
		}
		if got := p.log.lines(); !slices.Contains(got, "audible 2 Yes.") || slices.Contains(got, "audible 1 Yes.") {
			t.Errorf("reported %q", got)
		}
	})
}

func TestTroubleOfAPartIsReported(t *testing.T) {
	broken := errors.New("torn")
	for name, c := range map[string]struct {
		prepare func(*persona)
		ends    func(error) bool
		reports string
	}{
		"an answer that was cut off": {
			func(p *persona) { p.mind.fails = &answer.Error{Kind: answer.ErrCutOff, Partial: true} },
			func(err error) bool { return err == nil }, "thinking",
		},
		"no answer": {
			func(p *persona) { p.mind.says, p.mind.fails = nil, answer.ErrEmpty },
			func(err error) bool { return errors.Is(err, answer.ErrEmpty) }, "",
		},
		"a prompt that is too long": {
			func(p *persona) { p.mind.unfit = broken }, func(err error) bool { return errors.Is(err, broken) }, "",
		},
		"sound that cannot be encoded": {
			func(p *persona) { p.mind.listens, p.mind.mute = true, broken },
			func(err error) bool { return err == nil }, "listening",
		},
		"a voice that fails": {
			func(p *persona) { p.voice.fails = broken },
			func(err error) bool { return errors.Is(err, broken) && strings.Contains(err.Error(), "voice: ") }, "",
		},
		"a voice that fails while the mind goes on": {
			func(p *persona) {
				p.voice.fails, p.mind.stays = broken, true
				p.mind.says = []string{"This is a whole sentence. ", "And this is another one. "}
			},
			func(err error) bool { return errors.Is(err, broken) }, "",
		},
		"a player that cannot send": {
			func(p *persona) { p.player.drains = broken }, func(err error) bool { return errors.Is(err, broken) }, "",
		},
		"a voice that panics": {
			func(p *persona) { p.voice.panics = "torn" },
			func(err error) bool { return errors.As(err, new(*fence.PanicError)) }, "",
		},
		"a mind that panics": {
			func(p *persona) { p.mind.panics = "torn" },
			func(err error) bool { return errors.As(err, new(*fence.PanicError)) }, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPersona(t)
				c.prepare(p)
				q := question(3, "Well?")
				q.PCM = make([]float32, 16000)
				p.replies.Start(q, reply.Target{}).GiveFloor()
				p.replies.Wait()
				if len(p.log.done) != 1 || !c.ends(p.log.done[0].Err) {
					t.Fatalf("ended %+v", p.log.done)
				}
				trouble := ""
				for _, line := range p.log.lines() {
					if word, ok := strings.CutPrefix(line, "trouble 3 "); ok {
						trouble = word
					}
				}
				if !strings.HasPrefix(trouble, c.reports) || (trouble == "") != (c.reports == "") {
					t.Errorf("reported %q, want %q", trouble, c.reports)
				}
				if held := p.broker.Snapshot().Leases; len(held) != 0 {
					t.Errorf("leases held: %+v", held)
				}
			})
		})
	}
}

func TestWhatNobodyHearsIsReportedAsUnheard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPersona(t)
		p.deaf.Store(true)
		p.replies.Start(question(1, "Well?"), reply.Target{}).GiveFloor()
		p.replies.Wait()
		if got := p.log.lines(); !slices.Contains(got, "unheard 1") || slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "audible") }) {
			t.Errorf("reported %q", got)
		}
		if !p.log.done[0].FirstPacket.IsZero() {
			t.Errorf("a first packet that nobody heard: %+v", p.log.done[0])
		}
	})
}

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

// TestALeaseThatIsTakenBackEndsTheThinking: what was prepared is spoken, and the reply says what became of
// the rest.
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

// TestAllOfASpeechIsPlayedOrTheReplyFails: of a voice at another rate the resampler holds the last bit
// back, which is played too.
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
