package reply_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
)

// beholder is a mind that notes what stands beside a question, and whose window holds so many
// parts.
type beholder struct {
	*mind
	holds int
	got   []string
}

func (m *beholder) Fits(messages []prompt.Message) error {
	if n := len(messages[len(messages)-1].Parts); n > m.holds {
		return &prompt.TooLongError{Tokens: n, Limit: m.holds}
	}
	return nil
}

func (m *beholder) Answer(ctx context.Context, req prompt.Request, kept *engine.PromptCache, emit func(string) error) (prompt.Result, error) {
	for _, part := range req.Messages[len(req.Messages)-1].Parts {
		switch part := part.(type) {
		case prompt.Caption:
			m.got = append(m.got, string(part))
		case remote.Picture:
			m.got = append(m.got, string(part.Data))
		}
	}
	return m.mind.Answer(ctx, req, kept, emit)
}

// TestAQuestionGetsTheLastSights: oldest first, each behind its time, under the leases of all. The
// trace says which they were and how old, and how many there could have been.
func TestAQuestionGetsTheLastSights(t *testing.T) {
	for name, c := range map[string]struct {
		earlier []time.Duration // how old they are
		takes   int             // pictures that could be
		holds   int             // parts that the window holds
		want    string          // what stands beside the question
		made    int             // pictures that the answer is made from
		say     string          // the ages of the earlier ones
	}{
		"two":                      {[]time.Duration{4200 * time.Millisecond}, 2, 9, "4 seconds ago:|cam/1|Now:|cam/9", 2, "[cam/1 4.2s]"},
		"three":                    {[]time.Duration{70 * time.Second, time.Second}, 3, 9, "1 minute ago:|cam/1|1 second ago:|cam/2|Now:|cam/9", 3, "[cam/1 1m10s][cam/2 1s]"},
		"fewer than agreed":        {nil, 2, 9, "cam/9", 1, ""},
		"more than a window":       {[]time.Duration{9 * time.Second, 5 * time.Second}, 3, 4, "5 seconds ago:|cam/2|Now:|cam/9", 2, "[cam/2 5s]"},
		"a window for one picture": {[]time.Duration{9 * time.Second, 5 * time.Second}, 3, 1, "cam/9", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPersona(t)
				mind := &beholder{mind: p.mind, holds: c.holds}
				p.replies.Mind = mind
				see := func(key string, age time.Duration) *engine.Sight {
					s := p.sight(t, key)
					s.Key, s.Captured, s.Picture = key, time.Now().Add(-age), &remote.Picture{Data: []byte(key)}
					return s
				}
				e := &eye{sights: []*engine.Sight{see("cam/9", 0)}}
				for i, age := range c.earlier {
					e.before = append(e.before, see(fmt.Sprintf("cam/%d", i+1), age))
				}
				p.replies.Start(question(1, "What changed?"), reply.Target{Look: reply.Look{Eye: e, Who: "ada", Pictures: c.takes}}).GiveFloor()
				p.replies.Wait()
				if got := strings.Join(mind.got, "|"); got != c.want {
					t.Errorf("beside the question stands %q, want %q", got, c.want)
				}
				trace := p.log.done[0]
				said := ""
				for _, x := range trace.Earlier {
					said += fmt.Sprintf("[%s %v]", x.Key, x.Age)
				}
				if said != c.say || trace.Sight != "cam/9" || trace.Pictures != c.takes || !trace.Picture || trace.Err != nil {
					t.Errorf("the trace says %q, %+v", said, trace)
				}
				var keys []string
				for _, artifact := range p.mind.from {
					keys = append(keys, strings.TrimPrefix(artifact, "vision.picture/"))
				}
				if len(keys) != c.made || keys[len(keys)-1] != "cam/9" || !slices.Equal(p.log.saw, keys) {
					t.Errorf("made from %q, told as %q", keys, p.log.saw)
				}
			})
		})
	}
}

// TestAnEarlierSightThatGoesIsDoneWithout: its lease ends between looking and asking; the newest is
// asked about with what is left.
func TestAnEarlierSightThatGoesIsDoneWithout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPersona(t)
		older, newest := p.sight(t, "cam/1"), p.sight(t, "cam/2")
		older.Captured = time.Now().Add(-5 * time.Second)
		e := &late{eye: eye{sights: []*engine.Sight{newest}, before: []*engine.Sight{older}}}
		p.replies.Start(question(1, "What changed?"), reply.Target{Look: reply.Look{Eye: e, Who: "ada", Pictures: 2}}).GiveFloor()
		p.replies.Wait()
		if trace := p.log.done[0]; trace.Err != nil || len(trace.Earlier) != 0 || !slices.Equal(p.mind.from, []string{"vision.picture/cam/2"}) || e.looked != 2 {
			t.Errorf("made from %q after %d looks, %+v", p.mind.from, e.looked, trace)
		}
	})
}

// late is an eye whose earlier sights go as soon as they were looked at.
type late struct {
	eye
	looked int
}

func (e *late) Before(newest *engine.Sight) []*engine.Sight {
	e.looked++
	out := e.eye.Before(newest)
	for _, s := range out {
		s.Lease.Release()
	}
	return out
}

// TestPicturesAreAsOldAsTheyAreWhenTheModelIsThere: the lease of an answer is waited for. How old
// the pictures are is said as of then, in the trace as in the prompt; and those that are kept are
// asked about, also where a newer one has come, since the model is not given back for it.
func TestPicturesAreAsOldAsTheyAreWhenTheModelIsThere(t *testing.T) {
	for name, c := range map[string]struct {
		newer bool // another picture comes while the lease is waited for
		wait  time.Duration
		want  string // beside the question
		say   string // the trace
	}{
		"nothing new":    {false, 5 * time.Second, "9 seconds ago:|cam/1|5 seconds ago:|cam/2", "[cam/1 9s][cam/2 5s]"},
		"a newer one":    {true, 5 * time.Second, "9 seconds ago:|cam/1|5 seconds ago:|cam/2", "[cam/1 9s][cam/2 5s]"},
		"without a wait": {false, 0, "4 seconds ago:|cam/1|Now:|cam/2", "[cam/1 4s][cam/2 0s]"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPersona(t)
				mind := &beholder{mind: p.mind, holds: 9}
				p.replies.Mind = mind
				see := func(n int, age time.Duration) *engine.Sight {
					key := fmt.Sprintf("cam/%d", n)
					s := p.sight(t, key)
					s.Key, s.Captured, s.Picture = key, time.Now().Add(-age), &remote.Picture{Data: []byte(key)}
					return s
				}
				e := &eye{before: []*engine.Sight{see(1, 4*time.Second)}, sights: []*engine.Sight{see(2, 0)}}
				waits := 0
				p.mind.waits = func() {
					waits++
					time.Sleep(c.wait)
					if c.newer {
						e.before, e.sights = e.sights, []*engine.Sight{see(3, 0)}
						e.gone = append(e.gone, e.before...)
					}
				}
				p.replies.Start(question(1, "What changed?"), reply.Target{Look: reply.Look{Eye: e, Who: "ada", Pictures: 2}}).GiveFloor()
				p.replies.Wait()
				trace := p.log.done[0]
				said := ""
				for _, x := range trace.Earlier {
					said += fmt.Sprintf("[%s %v]", x.Key, x.Age)
				}
				said += fmt.Sprintf("[%s %v]", trace.Sight, trace.PictureAge)
				if got := strings.Join(mind.got, "|"); got != c.want || said != c.say || waits != 1 || trace.LeaseGiven.Sub(trace.LeaseAsked) != c.wait || trace.Err != nil {
					t.Errorf("beside the question stands %q, want %q; the trace says %q, want %q; %d waits, %v", got, c.want, said, c.say, waits, trace.Err)
				}
				for _, held := range p.broker.Snapshot().Leases {
					if !strings.HasPrefix(held.Artifact, "vision.picture/") {
						t.Errorf("still held: %+v", held)
					}
				}
			})
		})
	}
}

// sightless is a mind without eyes, whose window has so many tokens, one for each byte.
type sightless struct {
	*mind
	window int
}

func (m *sightless) Told() prompt.Room {
	return prompt.Room{Tokens: m.window / 4, Count: func(text string) int { return len(text) }}
}

func (m *sightless) Fits(messages []prompt.Message) error {
	total := 0
	for _, message := range messages {
		total += len(message.Text)
	}
	if total > m.window {
		return &prompt.TooLongError{Tokens: total, Limit: m.window}
	}
	return nil
}

// TestAPageOfDigitsSilencesNobody: what stands in a picture has a share of the window, and less
// beside a long question, as far as there is room for the question; that there is more is said.
func TestAPageOfDigitsSilencesNobody(t *testing.T) {
	page := &prompt.Perceived{Looked: []prompt.PerceptKind{prompt.SeenText}}
	for range 40 {
		page.List = append(page.List, prompt.Percept{Kind: prompt.SeenText, What: strings.Repeat("0123456789", 12), Where: "at the top left", Sure: 1})
	}
	page.List = append(page.List, prompt.Percept{Kind: prompt.SeenColour, What: "white", Sure: 1})
	for name, c := range map[string]struct {
		question int // bytes
		lines    int
		answers  bool
	}{"short": {20, 1, true}, "long": {1650, 0, true}, "too long": {2000, 0, false}} {
		synctest.Test(t, func(t *testing.T) {
			p := newPersona(t)
			p.replies.Mind = &sightless{p.mind, 2048}
			s := p.sight(t, "cam/1")
			s.Picture, s.Perceived = nil, page
			words := strings.Repeat("?", c.question)
			p.replies.Start(question(1, words), reply.Target{Look: reply.Look{Eye: &eye{sights: []*engine.Sight{s}}, Who: "ada", Assisted: true}}).GiveFloor()
			p.replies.Wait()
			asked := strings.Join(p.mind.questions(), "")
			if err := p.log.done[0].Err; (err == nil) != c.answers || !c.answers {
				if c.answers || !errors.Is(err, prompt.ErrTooLong) {
					t.Errorf("%s: %v", name, err)
				}
				return
			}
			if got := strings.Count(asked, `: "0123`); got != c.lines || !strings.Contains(asked, "more text that is in the picture") ||
				!strings.Contains(asked, "\nColour: white (100 %).\n") || !strings.HasSuffix(asked, "]\n"+words) || len(asked) > 2048 {
				t.Errorf("%s: %d lines of %d: %.600q", name, got, c.lines, asked)
			}
		})
	}
}
