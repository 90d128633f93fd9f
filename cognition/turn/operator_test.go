package turn_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TestTheFloorAtAMoment: who has it and since when, who waits in which order, and what is left of
// the budgets.
func TestTheFloorAtAMoment(t *testing.T) {
	p := turn.Default()
	p.Mode, p.Context, p.TurnsSoft, p.TurnsHard = turn.ModeAll, turn.Parallel, 2, 5
	table := newTable(t, p)
	at := func(ms int, e turn.Event) { table.Step(time.Duration(ms)*time.Millisecond, e) }
	is := func(ms int, want turn.FloorState) {
		t.Helper()
		if diff := cmp.Diff(want, table.Floor(time.Duration(ms)*time.Millisecond)); diff != "" {
			t.Errorf("at %d ms: %s", ms, diff)
		}
	}
	reply := func(seat string) turn.Reply { return turn.Reply{Turn: 1, Seat: seat} }
	waits := func(seat string, isReady bool, ms int) turn.WaitingReply {
		return turn.WaitingReply{Reply: reply(seat), Ready: isReady, Waiting: time.Duration(ms) * time.Millisecond}
	}
	for _, seat := range []string{"iris", "max", "otto"} {
		at(0, turn.Seated{Seat: seat})
	}
	at(0, turn.PersonJoined{Who: "ada"})
	at(0, turn.PersonJoined{Who: "bob"})
	is(100, turn.FloorState{SoftLeft: 2, HardLeft: 5})
	at(1000, turn.Typed{Who: "ada", Text: "Hello everyone!"})
	at(1200, turn.Typed{Who: "bob", Text: "And I?"})
	at(1300, turn.Ready{Reply: reply("max")})
	waiting := []turn.WaitingQuestion{{Who: "bob", Waiting: 300 * time.Millisecond}}
	is(1500, turn.FloorState{
		HardLeft: 2, Questions: waiting,
		Replies: []turn.WaitingReply{waits("iris", false, 500), waits("max", true, 200), waits("otto", false, 500)},
	})
	at(1500, turn.SpeakNext{Seat: "max"})
	is(1700, turn.FloorState{
		HardLeft: 2, Holder: reply("max"), Held: 200 * time.Millisecond, Questions: []turn.WaitingQuestion{{Who: "bob", Waiting: 500 * time.Millisecond}},
		Replies: []turn.WaitingReply{waits("iris", false, 700), waits("otto", false, 700)},
	})
	at(1800, turn.Audible{Reply: reply("max"), Text: "Hi"})
	at(1800, turn.SpeakNext{Seat: "otto"})
	at(1800, turn.SpeakNext{Seat: "max"}) // it has the floor already
	at(1800, turn.OtherAgentSpeaks{Who: "robot", On: true})
	is(1900, turn.FloorState{
		HardLeft: 2, Holder: reply("max"), Held: 100 * time.Millisecond, Audible: true, Busy: []string{"robot"},
		Questions: []turn.WaitingQuestion{{Who: "bob", Waiting: 700 * time.Millisecond}},
		Replies:   []turn.WaitingReply{waits("otto", false, 900), waits("iris", false, 900)},
	})
	is(0, table.Floor(1800*time.Millisecond)) // time does not run back
	at(2000, turn.StopSpeaking{Seat: "otto"})
	if got := table.Floor(2 * time.Second); len(got.Replies) != 1 || got.Replies[0].Reply != reply("iris") || got.Holder != reply("max") {
		t.Errorf("%+v", got)
	}
	at(2100, turn.StopSpeaking{}) // bob's question is answered next
	if got := table.Floor(2100 * time.Millisecond); len(got.Questions) != 0 || len(got.Replies) == 0 || got.Replies[0].Reply.Turn != 2 || got.Holder != (turn.Reply{}) {
		t.Errorf("%+v", got)
	}
}
