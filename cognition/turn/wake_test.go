package turn_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TestWhoIsNotWokenIsNotAnswered: a turn in which nobody may reply is none that was begun.
func TestWhoIsNotWokenIsNotAnswered(t *testing.T) {
	p := turn.Default()
	p.Hops = 0
	table := newTable(t, p)
	table.Step(0, turn.Seated{Seat: "iris"})
	table.Step(0, turn.Seated{Seat: "max"})
	table.Step(0, turn.Typed{Who: "ada", Text: "Iris, hello."})
	got := lines(table.Step(0, turn.Done{Reply: turn.Reply{Turn: 1, Seat: "iris"}, Outcome: turn.Spoken, Text: "Max?"}))
	want := []string{`write 1/iris "Max?"`, `said 1/iris "Max?"`, "over 1", "wakes 1/iris turn=2", "silence 2/iris not_addressed", "silence 2/max hop_limit", "over 2", "state iris listening"}
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
