package room_test

import (
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TestTheSilenceBetweenTwoPersonasIsMeasured: of those that answer the same question, the second
// one says how long after the first it was audible; they are not audible at once.
func TestTheSilenceBetweenTwoPersonasIsMeasured(t *testing.T) {
	_, models := scripted(t, func(who, _ string) string { return "I am " + who + "." })
	at := seatThem(t, models, turn.ModeAll, "iris", "max")
	for number := uint64(1); number <= 2; number++ {
		if err := at.human.Chat("Who is there?"); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if trace := at.turn(t); trace.Err != nil || trace.Turn != number || trace.FirstPacket.IsZero() {
				t.Fatalf("turn %d: %+v", number, trace)
			}
		}
	}
	// The floor is free 150 ms after a reply at the soonest.
	for who, least := range map[string]time.Duration{"iris": 0, "max": 100 * time.Millisecond} {
		ended := 0
		for _, e := range at.from.of(who) {
			d, ok := e.(room.TurnDone)
			if !ok {
				continue
			}
			if ended++; d.Overlap != 0 || d.Gap < least || least == 0 && d.Gap != 0 {
				t.Errorf("%s in turn %d: a gap of %v, an overlap of %v", who, d.Trace.Turn, d.Gap, d.Overlap)
			}
		}
		if ended != 2 {
			t.Errorf("%s has answered %d times", who, ended)
		}
	}
}
