package reply_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/reply"
)

// eye shows sights, one after another as each is replaced.
type eye struct {
	sights []*engine.Sight
	after  time.Duration // until the first is there
	asked  []time.Duration
	gone   []*engine.Sight
	wanted int // requests
	before []*engine.Sight
}

func (e *eye) Before(newest *engine.Sight) []*engine.Sight {
	if len(e.sights) == 0 || newest != e.sights[0] {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(e.before), func(s *engine.Sight) bool { return s.Lease.Err() != nil })
}

// Request takes a picture at once.
func (e *eye) Request() {
	e.wanted++
	if len(e.sights) > 0 {
		e.sights[0].Captured = time.Now()
	}
}

func (e *eye) Newest(ctx context.Context, since time.Time) *engine.Sight {
	begin := time.Now()
	defer func() { e.asked = append(e.asked, time.Since(begin)) }()
	for e.after > 0 {
		step := time.NewTimer(10 * time.Millisecond)
		select {
		case <-step.C:
			e.after -= 10 * time.Millisecond
		case <-ctx.Done():
			step.Stop()
			return nil
		}
	}
	if len(e.sights) == 0 || e.sights[0].Captured.Before(since) {
		<-ctx.Done()
	}
	if len(e.sights) == 0 {
		return nil
	}
	return e.sights[0]
}

func (e *eye) Replaced(s *engine.Sight) bool {
	if len(e.sights) > 1 {
		e.gone, e.sights = append(e.gone, e.sights[0]), e.sights[1:]
	}
	return slices.Contains(e.gone, s)
}

func TestHowLongAPictureIsWaitedFor(t *testing.T) {
	old, fresh := -time.Hour, time.Hour
	for name, c := range map[string]struct {
		captured *time.Duration // of the newest picture
		after    time.Duration  // until it is there
		dark     bool
		waits    time.Duration
		picture  bool
		trouble  bool
	}{
		"a fresh one is there":              {&fresh, 0, false, 0, true, false},
		"an old one is there":               {&old, 0, false, 300 * time.Millisecond, true, false},
		"the first one comes in time":       {&fresh, time.Second, false, time.Second, true, false},
		"none comes":                        {nil, 0, false, 2300 * time.Millisecond, false, true},
		"none comes of one that is dark":    {nil, 0, true, 300 * time.Millisecond, false, true},
		"the first one comes soon, of dark": {&fresh, 200 * time.Millisecond, true, 200 * time.Millisecond, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPersona(t)
				e := &eye{after: c.after}
				if c.captured != nil {
					seen := p.sight(t, "cam/1")
					seen.Captured = time.Now().Add(*c.captured)
					e.sights = append(e.sights, seen)
				}
				q := question(1, "What is it?")
				q.Timing.SpeechStart = time.Now()
				p.replies.Start(q, reply.Target{Look: reply.Look{Eye: e, Who: "ada", Dark: c.dark}}).GiveFloor()
				p.replies.Wait()
				trace := p.log.done[0]
				if took := trace.Features.Sub(trace.Begin); took != c.waits || trace.Picture != c.picture || trace.Err != nil {
					t.Errorf("waited %v for a picture, want %v; trace %+v", took, c.waits, trace)
				}
				if got := slices.Contains(p.log.lines(), "trouble 1 looking ada: no picture could be decoded"); got != c.trouble {
					t.Errorf("reported %q", p.log.lines())
				}
			})
		})
	}
}

// TestWhatAdaptersSeeEarlyIsWaitedFor: what the quick ones see of the first picture is there while
// an answer still waits for one, also of a track that shows its first frame somewhat later.
func TestWhatAdaptersSeeEarlyIsWaitedFor(t *testing.T) {
	if room := reply.FirstPicture - engine.EarlyAfter; room < 500*time.Millisecond {
		t.Errorf("%v are left of what an answer waits for the first picture", room)
	}
}

// TestSlowEyesAreWaitedFor: as long as a picture takes, beside the usual wait; and where they rest,
// something written is answered by a picture that is taken for it. The trace says how old the
// picture is, and what it is to the model.
func TestSlowEyesAreWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		look   reply.Look
		spoken bool
		waits  time.Duration
		wanted int
		age    time.Duration
	}{
		"quick, spoken":  {reply.Look{}, true, 300 * time.Millisecond, 0, time.Hour + 300*time.Millisecond},
		"slow, spoken":   {reply.Look{Takes: 2 * time.Second, Rests: true}, true, 2300 * time.Millisecond, 0, time.Hour + 2300*time.Millisecond},
		"quick, written": {reply.Look{Takes: 20 * time.Millisecond}, false, 0, 0, time.Hour},
		"slow, written":  {reply.Look{Takes: 2 * time.Second, Rests: true}, false, 0, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPersona(t)
				seen := p.sight(t, "cam/1")
				seen.Captured, seen.Key = time.Now().Add(-time.Hour), "cam/1"
				e := &eye{sights: []*engine.Sight{seen}}
				look := c.look
				look.Eye, look.Who = e, "ada"
				q := question(1, "What is it?")
				if q.Timing.SpeechStart = (time.Time{}); c.spoken {
					q.Timing.SpeechStart = time.Now()
				}
				p.replies.Start(q, reply.Target{Look: look}).GiveFloor()
				p.replies.Wait()
				trace := p.log.done[0]
				if took := trace.Features.Sub(trace.Begin); took != c.waits || e.wanted != c.wanted || trace.PictureAge != c.age || trace.Sight != "cam/1" {
					t.Errorf("waited %v, asked %d times, %v old, trace %+v", took, e.wanted, trace.PictureAge, trace)
				}
			})
		})
	}
}

// TestASightThatIsReplacedIsFollowed: the lease of a picture that another one has replaced is
// refused, and the newer one is taken.
func TestASightThatIsReplacedIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPersona(t)
		first, second := p.sight(t, "cam/1"), p.sight(t, "cam/2")
		first.Lease.Release()
		e := &eye{sights: []*engine.Sight{first, second}}
		p.replies.Start(question(1, "What is it?"), reply.Target{Look: reply.Look{Eye: e, Who: "ada"}}).GiveFloor()
		p.replies.Wait()
		if trace := p.log.done[0]; trace.Err != nil || !trace.Picture || !slices.Equal(p.mind.from, []string{"vision.picture/cam/2"}) {
			t.Errorf("made from %q, %+v", p.mind.from, trace)
		}
	})
}

func TestATrackThatIsOnItsWayIsWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		settle func(*reply.Promise, reply.Look)
		from   string
		waits  time.Duration
	}{
		"it comes": {func(p *reply.Promise, own reply.Look) {
			time.Sleep(500 * time.Millisecond)
			p.Settle(own)
		}, "vision.picture/own/1", 500 * time.Millisecond},
		"it goes away": {func(p *reply.Promise, _ reply.Look) {
			time.Sleep(200 * time.Millisecond)
			p.Settle(reply.Look{})
		}, "vision.picture/other/1", 200 * time.Millisecond},
		"it does not come": {func(*reply.Promise, reply.Look) {}, "vision.picture/other/1", time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPersona(t)
				own := reply.Look{Eye: &eye{sights: []*engine.Sight{p.sight(t, "own/1")}}, Who: "ada"}
				other := reply.Look{Eye: &eye{sights: []*engine.Sight{p.sight(t, "other/1")}}, Who: "bob"}
				soon := reply.NewPromise()
				p.replies.Start(question(1, "What is it?"), reply.Target{Look: other, Soon: soon, Wait: time.Second}).GiveFloor()
				c.settle(soon, own)
				p.replies.Wait()
				trace := p.log.done[0]
				if !slices.Equal(p.mind.from, []string{c.from}) || trace.Features.Sub(trace.Begin) != c.waits {
					t.Errorf("made from %q after %v", p.mind.from, trace.Features.Sub(trace.Begin))
				}
			})
		})
	}
}

// traces are those of the replies that have ended.
func (r *reports) traces() []reply.Trace {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.done)
}
