package reply_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/compute"
)

// TestTheModelEndsBeforeItsAnswerIsHeard: its end is noted when it has generated all, whatever is
// waited for and spoken after that, and as well where it fails.
func TestTheModelEndsBeforeItsAnswerIsHeard(t *testing.T) {
	torn := errors.New("torn")
	for name, fails := range map[string]error{"as it should": nil, "with an error": torn} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPersona(t)
				p.mind.gate, p.mind.fails = make(chan struct{}), fails
				r := p.replies.Start(question(1, "Well?"), reply.Target{})
				synctest.Wait()
				time.Sleep(3 * time.Second) // the model is at work
				close(p.mind.gate)
				synctest.Wait()
				time.Sleep(time.Minute) // the floor is another persona's
				r.GiveFloor()
				p.replies.Wait()
				trace := p.log.done[0]
				if d := trace.ModelEnd.Sub(trace.LeaseGiven); d != 3*time.Second {
					t.Errorf("the model was at work for %v: %+v", d, trace)
				}
				if after := trace.Done.Sub(trace.ModelEnd); fails == nil && after != time.Minute || !errors.Is(trace.Err, fails) {
					t.Errorf("it ended %v after its model: %v", after, trace.Err)
				}
			})
		})
	}
}

// refusing is a mind that gives no lease, after a second.
type refusing struct {
	*mind
	why error
}

func (m refusing) Lease(context.Context, uint64, engine.Holder, engine.Seen, *engine.PromptCache) (*compute.Lease, error) {
	time.Sleep(time.Second)
	return nil, m.why
}

// TestARefusedLeaseWasNotGiven: such a reply has asked for one, and its model has never begun.
func TestARefusedLeaseWasNotGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPersona(t)
		refused := errors.New("no room")
		p.replies.Mind = refusing{p.mind, refused}
		p.replies.Start(question(1, "Well?"), reply.Target{}).GiveFloor()
		p.replies.Wait()
		trace := p.log.done[0]
		if !errors.Is(trace.Err, refused) || trace.LeaseAsked.IsZero() || !trace.LeaseGiven.IsZero() || !trace.ModelEnd.IsZero() {
			t.Errorf("%+v", trace)
		}
		if trace.Done.Sub(trace.LeaseAsked) != time.Second {
			t.Errorf("it ended %v after it had asked", trace.Done.Sub(trace.LeaseAsked))
		}
	})
}

// TestVoicesAreCountedByWhatTheyAreGiven: not by the answer, of which a voice is given no more than
// it prepares, and nothing where it was never reached.
func TestVoicesAreCountedByWhatTheyAreGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPersona(t)
		p.mind.says = []string{"Grün. ", "And that is all of it."}
		p.replies.Start(question(1, "Well?"), reply.Target{}).GiveFloor()
		p.replies.Wait()
		if got, want := p.log.done[0].Voiced, len([]rune(strings.Join(p.voice.said(), ""))); got != want || want < 26 {
			t.Errorf("%d characters, the voice was given %d: %q", got, want, p.voice.said())
		}
	})
	synctest.Test(t, func(t *testing.T) {
		p := newPersona(t)
		p.mind.says = nil
		for range 300 { // more than a voice prepares
			p.mind.says = append(p.mind.says, "This is one of many sentences. ")
		}
		r := p.replies.Start(question(1, "Well?"), reply.Target{})
		synctest.Wait()
		r.Cancel(errors.New("it was only written"))
		p.replies.Wait()
		given, answer := p.log.done[0].Voiced, len([]rune(p.log.done[0].Answer))
		if want := len([]rune(strings.Join(p.voice.said(), ""))); given != want || given == 0 || given >= answer {
			t.Errorf("%d characters of %d, the voice was given %d", given, answer, want)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		p := newPersona(t)
		p.mind.fails, p.mind.says = &compute.Refusal{}, nil
		p.replies.Start(question(1, "Well?"), reply.Target{}).GiveFloor()
		p.replies.Wait()
		if n := p.log.done[0].Voiced; n != 0 {
			t.Errorf("%d characters of nothing", n)
		}
	})
}
