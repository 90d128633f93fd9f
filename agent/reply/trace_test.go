package reply_test

import (
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reply"
)

// TestOwnLatencyWaitsForNobody: neither until a turn may think nor for the floor; what was thought
// of before its question was certain waits for others from then on.
func TestOwnLatencyWaitsForNobody(t *testing.T) {
	zero := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(ms int) time.Time { return zero.Add(time.Duration(ms) * time.Millisecond) }
	for name, c := range map[string]struct {
		trace reply.Trace
		want  time.Duration
	}{
		"alone":                {reply.Trace{SpeechEnd: at(0), STTEnd: at(200), EndOfTurn: at(300), Begin: at(300), FloorAsked: at(700), FloorGiven: at(700), FirstPacket: at(720)}, 720},
		"the second of two":    {reply.Trace{SpeechEnd: at(0), STTEnd: at(200), EndOfTurn: at(300), Begin: at(1300), FloorAsked: at(1700), FloorGiven: at(9000), FirstPacket: at(9020)}, 720},
		"thought of before":    {reply.Trace{SpeechEnd: at(0), STTEnd: at(350), EndOfTurn: at(300), Begin: at(-100), FloorAsked: at(250), FloorGiven: at(2350), FirstPacket: at(2370)}, 370},
		"before, and late":     {reply.Trace{SpeechEnd: at(0), EndOfTurn: at(300), Begin: at(250), FloorAsked: at(900), FloorGiven: at(1900), FirstPacket: at(1920)}, 920},
		"typed":                {reply.Trace{Begin: at(0), FloorAsked: at(400), FloorGiven: at(5400), FirstPacket: at(5420)}, 420},
		"said without a floor": {reply.Trace{Begin: at(0), FirstPacket: at(90)}, 90},
		"never heard":          {reply.Trace{SpeechEnd: at(0), EndOfTurn: at(300), Begin: at(300), FloorAsked: at(700), FloorGiven: at(700)}, 0},
	} {
		if got := c.trace.OwnLatency(); got != c.want*time.Millisecond {
			t.Errorf("%s: %v, want %v ms", name, got, int(c.want))
		}
	}
}

func TestWaterfallCountsFromTheEndOfSpeech(t *testing.T) {
	zero := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(ms int) time.Time { return zero.Add(time.Duration(ms) * time.Millisecond) }
	trace := reply.Trace{
		SpeechEnd: at(0), STTBegin: at(210), STTEnd: at(420), EndOfTurn: at(500), Begin: at(505), Features: at(506),
		FirstToken: at(520), FirstClause: at(530), FirstPCM: at(640), FirstPacket: at(645),
	}
	if got := trace.Latency(); got != 645*time.Millisecond {
		t.Errorf("latency %v", got)
	}
	// 145 ms after the end of turn, of which 14 + 10 + 110 are models.
	if got := trace.Overhead(); got != 11*time.Millisecond {
		t.Errorf("overhead %v, want 11 ms", got)
	}
	steps := trace.Waterfall()
	if len(steps) != 7 || steps[1].Name != "transcript" || steps[1].Start != 210*time.Millisecond || steps[1].Took != 210*time.Millisecond {
		t.Errorf("waterfall %+v", steps)
	}
	trace.STTEnd = at(560) // a transcript that comes after the end of turn is not overhead
	if got := trace.Overhead(); got > 0 {
		t.Errorf("overhead %v of a turn whose transcript came late", got)
	}
	if got := trace.Answering(); got != 85*time.Millisecond {
		t.Errorf("the answer took %v from when its question was certain, want 85 ms", got)
	}
	trace.Ahead, trace.FirstPacket = 300*time.Millisecond, at(663) // made before its question was certain
	trace.FirstPCM = at(559)
	if got := trace.Overhead(); got != 103*time.Millisecond {
		t.Errorf("overhead %v of an answer that was ready, want 103 ms", got)
	}
	trace.FirstPCM = at(660) // and not quite ready
	if got := trace.Overhead(); got != 3*time.Millisecond {
		t.Errorf("overhead %v of an answer that was nearly ready, want 3 ms", got)
	}
	if typed := (reply.Trace{FirstPacket: at(2)}); typed.Answering() != 0 || (reply.Trace{EndOfTurn: at(2)}).Answering() != 0 {
		t.Error("what nobody said, or answered, was answered in some time")
	}
	if typed := (reply.Trace{Begin: at(0)}); typed.Origin() != at(0) || typed.Latency() != 0 {
		t.Error("a typed question counts from its begin")
	}
}
