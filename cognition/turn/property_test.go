package turn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TestConversationsHold plays random conversations: never two personas are heard at once, what
// becomes of each persona in each turn is said once, no effect is about something unknown, the same
// events have the same effects, and all turns are over in the end.
func TestConversationsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRoom(drawPolicy(t), t.Fatalf)
		for range rapid.IntRange(1, 150).Draw(t, "steps") {
			r.now += time.Duration(rapid.SampledFrom([]int{0, 1, 30, 200, 900, 3000, 20000}).Draw(t, "ms")) * time.Millisecond
			if rapid.Bool().Draw(t, "reply") && len(r.order) > 0 {
				drawReport(t, r)
			} else {
				drawEvent(t, r)
			}
			for n, is := range r.table.Sizes() {
				if is > 300 {
					t.Fatalf("%d %s", is, n)
				}
			}
		}
		if rapid.Bool().Draw(t, "leaving") {
			r.step(turn.Leaving{})
		}
		r.step(turn.Closing{})
		if r.guess != 0 {
			t.Fatalf("guess %d is kept", r.guess)
		}
		for n, f := range r.turns {
			if !f.over {
				t.Fatalf("turn %d is not over: %+v", n, f)
			}
		}
		if r.wake != 0 && len(r.order) == 0 {
			t.Fatalf("wakes at %v for nothing", r.wake)
		}
	})
}

func drawPolicy(t *rapid.T) turn.Policy {
	p := turn.Default()
	p.Mode = rapid.SampledFrom([]turn.Mode{turn.ModeAuto, turn.ModeAll, turn.ModeAll, turn.ModeMentions, turn.ModeFront, turn.ModeSpecialty}).Draw(t, "mode")
	p.Context = rapid.SampledFrom([]turn.Context{turn.Sequential, turn.Parallel}).Draw(t, "context")
	p.Capacity = rapid.IntRange(0, 2).Draw(t, "capacity")
	p.Waiting.Places = rapid.IntRange(1, 3).Draw(t, "places")
	p.Hops, p.TurnsSoft, p.TurnsHard = rapid.IntRange(0, 3).Draw(t, "hops"), rapid.IntRange(0, 4).Draw(t, "soft"), rapid.IntRange(4, 8).Draw(t, "hard")
	p.Rounds = rapid.IntRange(0, 2).Draw(t, "rounds")
	p.Responders.Otherwise = rapid.IntRange(0, 2).Draw(t, "otherwise")
	p.LaneCap, p.Lanes = 1, []turn.Lane{{Name: "far", Cap: rapid.IntRange(1, 2).Draw(t, "far")}}
	p.Endpointing.Adapt = rapid.Bool().Draw(t, "adapt")
	p.HearAgents = rapid.Bool().Draw(t, "agents")
	p.Blind = rapid.Bool().Draw(t, "blind")
	p.Floor.Silent = rapid.SampledFrom([]time.Duration{0, 2 * time.Second}).Draw(t, "silent")
	p.Idle = turn.Idle{After: rapid.SampledFrom([]time.Duration{0, 5 * time.Second}).Draw(t, "idle"), Say: "Is anybody there?"}
	p.Speculate = rapid.Bool().Draw(t, "speculate")
	p.Duck = rapid.SampledFrom([]float32{0, 0, 0.3}).Draw(t, "duck")
	return p
}

// drawReport has a reply go on as it may.
func drawReport(t *rapid.T, r *room) {
	id := rapid.SampledFrom(r.order).Draw(t, "which")
	p := r.replies[id]
	switch what := rapid.IntRange(0, 9).Draw(t, "report"); {
	case what < 3 && !p.ready:
		r.step(turn.Ready{Reply: id})
	case what < 5 && r.floor == id && !p.cancelled:
		r.step(turn.Audible{Reply: id, Text: rapid.SampledFrom([]string{"So it is.", "Is it?", "Max, is it so?", "Iris, Otto, what do you say?"}).Draw(t, "clause")})
	case what < 6:
		r.step(turn.Thought{Reply: id, Text: "So it is."})
	case what == 6 && p.audible:
		r.step(turn.Sounded{Reply: id, Ago: time.Duration(rapid.IntRange(0, 4).Draw(t, "ago")) * time.Second})
	case what == 7 && !p.cancelled && r.floor == id:
		r.step(turn.Unheard{Reply: id})
	default:
		outcome := rapid.SampledFrom([]turn.Outcome{turn.Spoken, turn.Passed, turn.Refused, turn.Broken}).Draw(t, "outcome")
		text := ""
		if outcome == turn.Spoken {
			text = "So it is."
		}
		r.step(turn.Done{Reply: id, Outcome: outcome, Text: text})
	}
}

var drawEvents = []func(t *rapid.T, r *room, who, seat string){
	func(_ *rapid.T, r *room, _, seat string) {
		r.step(turn.Seated{Seat: seat, Sees: seat != "max", Greeting: map[string]string{"otto": "Hello, Max."}[seat], Lane: map[string]string{"max": "far", "otto": "other"}[seat]})
	},
	func(_ *rapid.T, r *room, _, seat string) { r.unseat(seat) },
	func(t *rapid.T, r *room, _, seat string) {
		r.step(turn.SeatMuted{Seat: seat, On: rapid.Bool().Draw(t, "on")})
	},
	func(t *rapid.T, r *room, _, seat string) {
		r.step(turn.Connection{Seat: seat, Up: rapid.Bool().Draw(t, "up")})
	},
	func(t *rapid.T, r *room, _, seat string) {
		r.step(turn.Rights{Seat: seat, Subscribe: true, Publish: rapid.Bool().Draw(t, "publish"), Data: true})
	},
	func(_ *rapid.T, r *room, _, seat string) { r.step(turn.VoicePublished{Seat: seat}) },
	func(_ *rapid.T, r *room, _, seat string) { r.step(turn.Leaving{Seat: seat}) },
	func(t *rapid.T, r *room, who, _ string) {
		r.step(turn.PersonJoined{Who: who, Agent: rapid.IntRange(0, 9).Draw(t, "agent") == 0})
	},
	func(_ *rapid.T, r *room, who, _ string) { r.step(turn.PersonLeft{Who: who}) },
	func(t *rapid.T, r *room, who, _ string) {
		r.step(turn.OtherAgentSpeaks{Who: who, On: rapid.Bool().Draw(t, "on")})
	},
	func(_ *rapid.T, r *room, who, _ string) {
		r.step(turn.Offered{Who: who, Track: "cam-" + who, Source: turn.Camera})
	},
	func(_ *rapid.T, r *room, who, _ string) {
		r.step(turn.Opened{Who: who, Track: "cam-" + who, Source: turn.Screen})
	},
	func(_ *rapid.T, r *room, who, _ string) { r.step(turn.Shown{Track: "cam-" + who}) },
	func(_ *rapid.T, r *room, who, _ string) { r.step(turn.Hidden{Track: "cam-" + who}) },
	func(_ *rapid.T, r *room, _, _ string) { r.step(turn.Tick{}) },
	func(t *rapid.T, r *room, _, _ string) { r.step(turn.Reconfigured{Policy: drawPolicy(t)}) },
	func(t *rapid.T, r *room, _, _ string) {
		if r.wake > r.now {
			r.now = r.wake
		}
		r.step(turn.Tick{})
	},
}

var drawSpeech = []func(t *rapid.T, r *room, who, text string){
	func(_ *rapid.T, r *room, who, text string) { r.step(turn.Typed{Who: who, Text: text}) },
	func(t *rapid.T, r *room, _, _ string) {
		r.step(turn.Withdrawn{Turn: rapid.Uint64Range(0, r.last).Draw(t, "turn")})
	},
	func(_ *rapid.T, r *room, who, text string) {
		r.step(turn.Asked{Who: who, Text: text, To: []string{"iris", "max"}})
	},
	func(t *rapid.T, r *room, who, _ string) {
		r.step(turn.Voiced{Who: who, Length: time.Duration(rapid.SampledFrom([]int{0, 128, 500, 1200}).Draw(t, "voiced")) * time.Millisecond})
	},
	func(_ *rapid.T, r *room, who, text string) {
		r.step(turn.Interim{Who: who, Text: text, AvgLogProb: -0.3})
	},
	func(_ *rapid.T, r *room, who, _ string) { r.step(turn.Paused{Who: who, At: r.now}) },
	func(_ *rapid.T, r *room, who, _ string) { r.step(turn.Resumed{Who: who}) },
	func(_ *rapid.T, r *room, who, text string) { r.step(turn.Likely{Who: who, Text: text}) },
	func(t *rapid.T, r *room, who, _ string) {
		r.step(turn.Ended{Who: who, Utterance: uint64(rapid.IntRange(1, 3).Draw(t, "utterance"))})
	},
	func(t *rapid.T, r *room, who, text string) {
		r.step(turn.Heard{
			Who: who, Utterance: uint64(rapid.IntRange(1, 3).Draw(t, "utterance")), Text: text, To: r.now,
			From: r.now - time.Duration(rapid.IntRange(0, 5000).Draw(t, "spoken for"))*time.Millisecond, Voiced: time.Second, AvgLogProb: -0.2,
		})
	},
	func(_ *rapid.T, r *room, who, _ string) { r.step(turn.Unclear{Who: who, Utterance: 1}) },
}

// drawEvent has something happen in the room.
func drawEvent(t *rapid.T, r *room) {
	who := rapid.SampledFrom([]string{"ada", "bob", "cid", "dan", "eve"}).Draw(t, "who")
	if rapid.IntRange(0, 2).Draw(t, "speech") > 0 {
		text := rapid.SampledFrom([]string{"What is a fern?", "yeah", "stop", "Iris and Max, what is this?", "Everybody, hello!", "Bob, hello.", "One moment, please.", "on the screen", "42"}).Draw(t, "text")
		rapid.SampledFrom(drawSpeech).Draw(t, "speech event")(t, r, who, text)
		return
	}
	seat := rapid.SampledFrom([]string{"iris", "max", "otto"}).Draw(t, "seat")
	rapid.SampledFrom(drawEvents).Draw(t, "event")(t, r, who, seat)
}

// TestFloodsAreBounded: whatever comes, and however much of it, a table keeps so much and counts
// the rest.
func TestFloodsAreBounded(t *testing.T) {
	table, err := turn.New(turn.Default())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2000 {
		name := fmt.Sprint(i)
		for _, e := range []turn.Event{
			turn.Seated{Seat: "seat" + name, Sees: true},
			turn.PersonJoined{Who: "agent" + name, Agent: true},
			turn.PersonLeft{Who: "agent" + name},
			turn.PersonJoined{Who: name},
			turn.Offered{Who: name, Track: name, Source: turn.Camera},
			turn.Voiced{Who: name},
			turn.OtherAgentSpeaks{Who: "other" + name, On: true},
		} {
			table.Step(time.Duration(i)*time.Millisecond, e)
		}
		if i%200 == 0 {
			table.Step(time.Duration(i)*time.Millisecond, turn.Typed{Who: name, Text: "all of you"})
		}
	}
	want := map[string]int{
		"people": turn.PeopleKept, "agents that left": turn.AgentsKept, "tracks": turn.TracksKept, "mics": turn.MicsKept, "seats": turn.SeatsKept,
		"waiting": 0, "busy": turn.AgentsBusy, "replies": 0, "responders": 0,
	}
	got := table.Sizes()
	got["waiting"], got["responders"], got["replies"] = 0, 0, 0 // TestConversationsHold
	for k, n := range want {
		if got[k] != n {
			t.Errorf("%d %s, want %d", got[k], k, n)
		}
	}
	if n := table.Stats().Dropped; n < 3*900 {
		t.Errorf("%d dropped", n)
	}
	reply := turn.Reply{Turn: 1, Seat: "seat0"}
	long := strings.Repeat("long ", 2000)
	for range 10 {
		table.Step(time.Hour, turn.Audible{Reply: reply, Text: long})
	}
	for _, e := range slices.Clone(table.Step(time.Hour, turn.Done{Reply: reply, Outcome: turn.Broken})) {
		if s, ok := e.(turn.Said); ok && len(s.Text) > turn.SaidKept {
			t.Errorf("%d bytes are kept of a reply", len(s.Text))
		}
	}
}
