package turn_test

import (
	"cmp"
	"fmt"
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

// TestTenPersonasTwoHundredTurns: with a slow lane, a dead provider, one that crashes, one that
// passes and one that is muted now and then, every persona is accounted for in every turn, nobody
// is starved, nobody storms, two are never heard at once, and the gaps are short. The room holds
// the table to the rest.
func TestTenPersonasTwoHundredTurns(t *testing.T) {
	p := turn.Default()
	p.Mode, p.Context, p.Capacity, p.LaneCap = turn.ModeAll, turn.Parallel, 2, 1
	s := newSim(t, p, func(id turn.Reply) part {
		switch id.Seat {
		case "p3":
			return part{think: 12 * time.Second, speak: time.Second, outcome: turn.Spoken}
		case "p5":
			return part{think: 100 * time.Millisecond, outcome: turn.Broken}
		case "p7":
			return part{think: time.Second, speak: time.Second, outcome: turn.Spoken, crashes: id.Turn%10 == 0}
		case "p9":
			return part{think: 300 * time.Millisecond, outcome: turn.Passed}
		}
		return part{think: 700 * time.Millisecond, speak: 2 * time.Second, outcome: turn.Spoken}
	})
	for i := range 10 {
		s.step(turn.Seated{Seat: fmt.Sprintf("p%d", i), Lane: map[int]string{3: "slow", 5: "dead"}[i]})
	}
	const turns = 200
	for i := range turns {
		s.now += 10 * time.Second
		s.step(turn.SeatMuted{Seat: "p8", On: i%20 == 0})
		s.step(turn.Typed{Who: "ada", Text: "What is this?"})
		s.run()
	}
	for seat, want := range map[string]int{"p0": turns, "p1": turns, "p3": turns, "p5": 0, "p7": turns - turns/10, "p8": turns - turns/20, "p9": 0} {
		if s.heardOf[seat] != want {
			t.Errorf("%s was heard %d times, want %d", seat, s.heardOf[seat], want)
		}
	}
	for why, want := range map[turn.Reason]int{turn.ReasonFailed: turns, turn.ReasonPassed: turns, turn.ReasonMuted: turns / 20} {
		if s.reasons[why] != want {
			t.Errorf("%d were silent: %s; want %d", s.reasons[why], why, want)
		}
	}
	if s.starts != s.planned || s.starts != 10*turns-turns/20 {
		t.Errorf("%d replies begun, %d planned", s.starts, s.planned)
	}
	slices.Sort(s.gaps)
	if middle := s.gaps[len(s.gaps)/2]; middle > 300*time.Millisecond || s.gaps[0] < 150*time.Millisecond || len(s.gaps) < 5*turns {
		t.Errorf("%d gaps, from %v, in the middle %v", len(s.gaps), s.gaps[0], middle)
	}
	if len(s.turns) != turns {
		t.Errorf("%d turns", len(s.turns))
	}
}

// TestTurnsAreFair: where one of all answers, each does as often.
func TestTurnsAreFair(t *testing.T) {
	p := turn.Default()
	p.Mode, p.Responders.Otherwise = turn.ModeAll, 1
	s := newSim(t, p, func(turn.Reply) part { return part{think: time.Second, speak: time.Second, outcome: turn.Spoken} })
	for i := range 10 {
		s.step(turn.Seated{Seat: fmt.Sprintf("p%d", i)})
	}
	for range 200 {
		s.now += 10 * time.Second
		s.step(turn.Typed{Who: "ada", Text: "What is this?"})
		s.run()
	}
	sum, squares := 0.0, 0.0
	for _, n := range s.heardOf {
		sum += float64(n)
		squares += float64(n) * float64(n)
	}
	if jain := sum * sum / (10 * squares); jain < 0.9 || sum != 200 {
		t.Errorf("%v replies, Jain's index %.3f: %v", sum, jain, s.heardOf)
	}
}

// TestWhoIsNotWokenIsNotAnswered: a turn in which nobody may reply is none that was begun.
func TestWhoIsNotWokenIsNotAnswered(t *testing.T) {
	p := turn.Default()
	p.Hops = 0
	table := newTable(t, p)
	table.Step(0, turn.Seated{Seat: "iris"})
	table.Step(0, turn.Seated{Seat: "max"})
	table.Step(0, turn.Typed{Who: "ada", Text: "Iris, hello."})
	got := lines(table.Step(0, turn.Done{Reply: turn.Reply{Turn: 1, Seat: "iris"}, Outcome: turn.Spoken, Text: "Max?"}))
	want := []string{`said 1/iris "Max?"`, `write 1/iris "Max?"`, "over 1", "wakes 1/iris turn=2", "silence 2/iris not_addressed", "silence 2/max hop_limit", "over 2", "state iris listening"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if s := table.Stats(); s.Asked != 1 || s.Answered != 1 {
		t.Errorf("%+v", s)
	}
}

// TestCallsAreBounded: of twenty who call the same one in one turn, sixteen are listened to.
func TestCallsAreBounded(t *testing.T) {
	p := turn.Default()
	p.TurnsSoft, p.TurnsHard, p.Context, p.PairTurns = 100, 100, turn.Parallel, 100
	table := newTable(t, p)
	to := []string{}
	for i := range 20 {
		to = append(to, fmt.Sprintf("p%d", i))
		table.Step(0, turn.Seated{Seat: to[i]})
	}
	table.Step(0, turn.Seated{Seat: "otto"})
	table.Step(0, turn.Asked{Who: "ada", Text: "Hello.", To: to})
	for i, seat := range to[1:] {
		table.Step(0, turn.Done{Reply: turn.Reply{Turn: 1, Seat: seat}, Outcome: turn.Spoken, Text: "Otto, what do you say?"})
		if n := table.Sizes()["calls"]; n != min(i+1, turn.CallsKept) {
			t.Fatalf("%d calls are kept of %d", n, i+1)
		}
	}
}

// TestPersonasAmongThemselvesEnd: two who name each other in all they say come to an end after each
// question.
func TestPersonasAmongThemselvesEnd(t *testing.T) {
	p := turn.Default()
	p.Hops, p.Rounds, p.Mode = 3, 3, turn.ModeAll
	table := newTable(t, p)
	table.Step(0, turn.Seated{Seat: "iris"})
	table.Step(0, turn.Seated{Seat: "max"})
	now := time.Duration(0)
	for range 50 {
		now += time.Minute
		replies := 0
		effects := slices.Clone(table.Step(now, turn.Typed{Who: "ada", Text: "Everybody, hello!"}))
		for len(effects) > 0 && replies < 100 {
			e, ok := effects[0].(turn.Start)
			effects = effects[1:]
			if !ok {
				continue
			}
			replies++
			now += time.Second
			other := map[string]string{"iris": "Max", "max": "Iris"}[e.Reply.Seat]
			effects = append(effects, table.Step(now, turn.Done{Reply: e.Reply, Outcome: turn.Spoken, Text: other + ", what do you say?"})...)
		}
		if replies > p.TurnsHard {
			t.Fatalf("%d replies to one question", replies)
		}
	}
}
