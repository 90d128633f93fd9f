package turn_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// sim plays a room of personas in time that passes as fast as it is computed.
type sim struct {
	*room
	t      *testing.T
	coming []due // by time
	plays  func(id turn.Reply) part

	floorAt map[string]time.Duration // when a seat got the floor
	quiet   time.Duration            // since when nobody is heard, in a turn
	gaps    []time.Duration
	heardOf map[string]int // replies that were heard to their end
	starts  int
	planned int
	reasons map[turn.Reason]int

	accounts turn.Accounts
	over     []turn.Account
}

type due struct {
	at time.Duration
	do func()
}

// part is how a reply goes.
type part struct {
	think, speak time.Duration
	outcome      turn.Outcome
	crashes      bool // while it speaks
}

func newSim(t *testing.T, p turn.Policy, plays func(turn.Reply) part) *sim {
	s := &sim{
		room: newRoom(p, t.Fatalf), t: t, plays: plays, floorAt: map[string]time.Duration{}, heardOf: map[string]int{}, reasons: map[turn.Reason]int{},
	}
	s.watch = s.effect
	s.taken = func(e turn.Event, effects []turn.Effect) {
		s.over = append(s.over, s.accounts.Take(s.now, e, effects)...)
	}
	return s
}

func (s *sim) after(d time.Duration, do func()) {
	s.coming = append(s.coming, due{s.now + d, do})
	slices.SortStableFunc(s.coming, func(a, b due) int { return cmp.Compare(a.at, b.at) })
}

// run lets time pass until nothing is left to do.
func (s *sim) run() {
	for {
		next := due{at: s.wake, do: func() { s.step(turn.Tick{}) }}
		if len(s.coming) > 0 && (s.wake == 0 || s.coming[0].at <= s.wake) {
			next = s.coming[0]
			s.coming = s.coming[1:]
		}
		if next.at == 0 {
			return
		}
		s.now = next.at
		next.do()
	}
}

// alive tells whether a reply goes on.
func (s *sim) alive(id turn.Reply) bool { p := s.replies[id]; return p != nil && !p.cancelled }

func (s *sim) effect(e turn.Effect) {
	switch e := e.(type) {
	case turn.Planned:
		s.planned += len(e.Replies)
	case turn.Start:
		s.starts++
		p := s.plays(e.Reply)
		s.after(p.think, func() { s.thought(e.Reply, p) })
	case turn.Cancel:
		s.after(5*time.Millisecond, func() {
			if s.replies[e.Reply] != nil {
				s.step(turn.Done{Reply: e.Reply, Outcome: turn.Broken})
			}
		})
	case turn.GiveFloor:
		if s.quiet > 0 {
			s.gaps = append(s.gaps, s.now-s.quiet)
		}
		p := s.plays(e.Reply)
		s.after(20*time.Millisecond, func() { s.speak(e.Reply, p) })
	case turn.Silence:
		s.reasons[e.Why]++
	case turn.Over:
		s.quiet = 0
	}
}

func (s *sim) thought(id turn.Reply, p part) {
	switch {
	case !s.alive(id):
	case p.outcome != turn.Spoken:
		s.step(turn.Done{Reply: id, Outcome: p.outcome})
	default:
		s.step(turn.Ready{Reply: id})
		if s.alive(id) {
			s.step(turn.Thought{Reply: id, Text: "So it is."})
		}
	}
}

func (s *sim) speak(id turn.Reply, p part) {
	if !s.alive(id) {
		return
	}
	s.step(turn.Audible{Reply: id, Text: "So it is."})
	s.after(p.speak, func() {
		if !s.alive(id) {
			return
		}
		s.quiet = s.now
		if p.crashes {
			s.step(turn.Done{Reply: id, Outcome: turn.Broken})
			return
		}
		s.heardOf[id.Seat]++
		s.step(turn.Done{Reply: id, Outcome: turn.Spoken, Text: "So it is."})
	})
}
