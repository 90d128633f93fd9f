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

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/cognition/answer"
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
		if trace.Answer != "One. Two. Three." || trace.FirstPacket.Sub(trace.FirstPCM) < time.Minute || trace.Finish != "stop" || trace.PromptTokens != 5 || trace.Reused != 3 || trace.Lost != "evicted" {
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

// TestWhatIsNotSaidIsCut: neither the own name before an answer nor the field of what is to be
// remembered is spoken, shown or kept; the field is reported as it was written.
func TestWhatIsNotSaidIsCut(t *testing.T) {
	const field = `{"remember": ["Ada likes tea"]}`
	for name, c := range map[string]struct {
		says   []string
		spoken string
		noted  string
		err    error
	}{
		"both":      {[]string{"Iri", "s: It is red.\n{\"rem", "ember\": [\"Ada likes tea\"]}"}, "It is red.", field, nil},
		"name":      {[]string{"Iris: It is red."}, "It is red.", "", nil},
		"field":     {[]string{"It is red. " + field}, "It is red.", field, nil},
		"not ended": {[]string{"It is red.\n", `{"remember": ["Ada`}, "It is red.", `{"remember": ["Ada`, nil},
		"brace":     {[]string{"It is {"}, "It is {", "", nil},
		"only that": {[]string{"Iris: ", field}, "", field, answer.ErrEmpty},
		"only name": {[]string{"Iris: "}, "Iris: ", "", nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newPersona(t)
			p.mind.says = c.says
			p.replies.Start(question(1, "Well?"), reply.Target{}).GiveFloor()
			p.replies.Wait()
			trace := p.log.done[0]
			if trace.Answer != strings.TrimSpace(c.spoken) || !errors.Is(trace.Err, c.err) {
				t.Errorf("%s: answered %q, %v", name, trace.Answer, trace.Err)
			}
			if spoken := strings.Join(p.voice.said(), " "); spoken != strings.TrimSpace(c.spoken) {
				t.Errorf("%s: spoke %q", name, spoken)
			}
			lines := strings.Join(p.log.lines(), "\n")
			if c.noted != "" && !strings.Contains(lines, "noted 1 "+c.noted) || c.noted == "" && strings.Contains(lines, "noted") {
				t.Errorf("%s: %s", name, lines)
			}
			if c.err == nil && !strings.Contains(lines, "thought 1 "+strings.TrimSpace(c.spoken)) {
				t.Errorf("%s: %s", name, lines)
			}
		})
	}
}
