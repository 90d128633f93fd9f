package lines_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/lines"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// TestLinesOfAPersona: each event of a room is one line, for people and as an object for machines.
func TestLinesOfAPersona(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		event room.Event
		text  string
		json  string
	}{
		"joined":  {room.Joined{At: at, Room: "lobby", ServerVersion: "1.13.5", Took: 120 * time.Millisecond}, `iris: is in room "lobby" of livekit-server 1.13.5 (120 ms)`, `"event":"joined","who":"iris","detail":"is in room \"lobby\"`},
		"state":   {room.StateChanged{At: at, State: "thinking"}, "iris: thinking", `"event":"state","who":"iris","state":"thinking"`},
		"opened":  {room.TrackOpened{At: at, Who: "ada", Source: "camera", Codec: "VP8"}, "ada: camera opened (VP8)", `"source":"camera"`},
		"closed":  {room.TrackClosed{At: at, Who: "ada", Source: "microphone", Summary: "9 packets"}, "ada: microphone closed: 9 packets", `"event":"track"`},
		"interim": {room.Heard{At: at, Who: "ada", Text: "what do"}, `ada: "what do"`, `"event":"hearing","who":"ada","text":"what do"`},
		"final":   {room.Heard{At: at, Who: "ada", Text: "what do you see?", Final: true}, `ada: "what do you see?"`, `"event":"heard","who":"ada","text":"what do you see?","final":true`},
		"plan": {
			room.Planned{At: at, Plan: turn.Planned{Replies: []turn.Placed{{Seat: "iris"}, {Seat: "max", Wave: 1}}}},
			"iris in wave 0, then max in wave 1", `"event":"plan"`,
		},
		"memory": {
			room.Remembered{At: at, Decisions: []memory.Decision{{Outcome: "kept", Reason: "asked", Candidate: memory.Candidate{Text: "likes tea"}}}, Forgotten: make([]memory.Forgotten, 2)},
			`iris: kept (asked): "likes tea"; 2 forgotten`, `"event":"memory"`,
		},
		"saw":  {room.Saw{At: at, Who: "ada", Source: "camera", Width: 640, Height: 480, Reason: "first", Texture: time.Millisecond, Features: 2 * time.Millisecond}, "ada: camera 640×480 (first) (3 ms)", `"width":640,"height":480`},
		"said": {room.Said{At: at, Text: "A star."}, `iris: "A star."`, `"event":"said","who":"iris","text":"A star."`},
		"diverged": {
			room.Outcome{At: at, Result: turn.Result{Divergences: []turn.Deviation{
				{Kind: turn.DeviationFailed, Persona: "iris", Was: "failed"}, {Kind: turn.DeviationLate, Planned: "1", Was: "2"},
			}}},
			"lane_failed of iris: failed, late: 2", `"event":"diverged"`,
		},
		"silent":  {room.Silent{At: at, Why: "not_addressed"}, "iris: says nothing: not_addressed", `"event":"silent"`},
		"problem": {room.Problem{At: at, Err: errors.New("no room")}, "iris: no room", `"event":"problem","who":"iris","error":"no room"`},
		"ready":   {room.ReadyChanged{At: at}, "iris: listens", `"event":"reach"`},
		"unready": {room.ReadyChanged{At: at, Err: errors.New("no server")}, "iris: no server", `"error":"no server"`},
		"mute":    {room.MuteChanged{At: at, On: true}, "iris: was told to be silent", `"event":"mute"`},
		"unmute":  {room.MuteChanged{At: at}, "iris: may speak again", `"event":"mute"`},
		"left":    {room.Ended{At: at}, "iris: left", `"event":"ended"`},
		"removed": {room.Ended{At: at, Err: errors.New("removed")}, "iris: removed", `"error":"removed"`},
	} {
		l, ok := lines.OfAgent("iris", c.event)
		l.TookMS = float64(l.Took.Microseconds()) / 1000
		data, err := json.Marshal(l)
		if !ok || l.String() != c.text || err != nil || !strings.Contains(string(data), c.json) || !l.At.Equal(at) {
			t.Errorf("%s: %v %q, want %q; %s, want %s in it", name, ok, l.String(), c.text, data, c.json)
		}
	}
	if l, ok := lines.OfAgent("iris", nil); ok {
		t.Errorf("no event is a line: %+v", l)
	}
}

// TestLineOfATurn has the question, the answer, its stages to scale, and what its prompt reused.
func TestLineOfATurn(t *testing.T) {
	begin := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)
	after := func(ms int) time.Time { return begin.Add(time.Duration(ms) * time.Millisecond) }
	trace := reply.Trace{
		Question: "what?", Answer: "that.", SpeechEnd: begin, EndOfTurn: after(350), Begin: after(360), Features: after(370), FirstToken: after(500),
		FirstClause: after(560), FirstPCM: after(640), FirstPacket: after(660), Done: after(1500), PromptTokens: 120, Tokens: 9, Reused: 90,
	}
	l, ok := lines.OfAgent("iris", room.TurnDone{At: after(1500), Trace: trace})
	if !ok || l.Event != "turn" || l.LatencyMS != 660 || l.PromptTokens != 120 || l.Reused != 90 || l.Error != "" || !strings.Contains(l.Detail, "90") {
		t.Errorf("%+v", l)
	}
	var names []string
	for _, s := range l.Waterfall {
		names = append(names, s.Name)
	}
	if got := strings.Join(names, ", "); got != "end of turn, features, first token, first clause, first sound, first packet" {
		t.Errorf("stages %s", got)
	}
	if s := l.Waterfall[0]; s.StartMS != 0 || s.TookMS != 350 {
		t.Errorf("%+v", s)
	}
	var out strings.Builder
	tl := lines.New(&out, false)
	tl.Print(l)
	if err := tl.Close(time.Second, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if printed := strings.Split(strings.TrimSpace(out.String()), "\n"); len(printed) != 7 || !strings.Contains(printed[0], `"what?" → "that.", first packet 660 ms`) {
		t.Errorf("%s", out.String())
	}
	trace.Reused, trace.Lost = 0, "prompt cache was evicted at 14:03 to make room for lobby/max"
	if l, _ := lines.OfAgent("iris", room.TurnDone{Trace: trace}); l.Detail != "; 0/120 prompt tokens reused; "+trace.Lost {
		t.Errorf("%q", l.Detail)
	}
	trace.Err = errors.New("the voice failed")
	if l, _ := lines.OfAgent("iris", room.TurnDone{Trace: trace}); l.Error != "the voice failed" {
		t.Errorf("%+v", l)
	}
	trace.Err = room.ErrClosed
	if l, _ := lines.OfAgent("iris", room.TurnDone{Trace: trace}); l.Error != "" {
		t.Errorf("an end is no error of a turn: %+v", l)
	}
}

// TestBars draw stages to scale, 20 ms a cell, within their width.
func TestBars(t *testing.T) {
	for _, c := range []struct {
		step lines.Step
		want string
	}{
		{lines.Step{Name: "a", StartMS: 0, TookMS: 40}, "██" + strings.Repeat("·", 58)},
		{lines.Step{Name: "b", StartMS: 20, TookMS: 0}, "·█" + strings.Repeat("·", 58)},
		{lines.Step{Name: "c", StartMS: 1160, TookMS: 4000}, strings.Repeat("·", 58) + "██"},
		{lines.Step{Name: "d", StartMS: 9000, TookMS: 10}, strings.Repeat("·", 60)},
		{lines.Step{Name: "e", StartMS: -50, TookMS: 70}, "█" + strings.Repeat("·", 59)},
	} {
		got := c.step.String()
		if !strings.Contains(got, " "+c.want+" ") || !strings.HasPrefix(got, c.step.Name) || !strings.HasSuffix(got, " ms") {
			t.Errorf("%+v: %q, want %q in it", c.step, got, c.want)
		}
	}
}

// TestLinesOfAHuman: what a scripted human notices.
func TestLinesOfAHuman(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		event participant.Event
		text  string
	}{
		"agent":      {participant.AgentJoined{At: at, Identity: "iris"}, "iris: is in the room"},
		"agent left": {participant.AgentLeft{At: at, Identity: "iris"}, "iris: has left"},
		"state":      {participant.AgentState{At: at, Identity: "iris", State: "speaking"}, "iris: speaking"},
		"voice":      {participant.VoiceStarted{At: at, Identity: "iris"}, "iris: first packet"},
		"transcript": {participant.Transcript{At: at, From: "iris", Text: "A star.", Final: true}, `iris: "A star."`},
		"chat":       {participant.Chat{At: at, From: "iris", Text: "Hi."}, `iris: "Hi."`},
		"left":       {participant.Left{At: at, Reason: "removed"}, "ada: removed"},
	} {
		if l, ok := lines.OfHuman("ada", c.event); !ok || l.String() != c.text {
			t.Errorf("%s: %v %q, want %q", name, ok, l.String(), c.text)
		}
	}
	if _, ok := lines.OfHuman("ada", participant.Transcript{Delta: true}); ok {
		t.Error("a piece of a transcript is a line")
	}
	if l, ok := lines.OfHuman("ada", participant.Voice{Identity: "iris", DBFS: -20, Length: 20 * time.Millisecond}); !ok || l.DBFS != -20 || l.LengthMS != 20 {
		t.Errorf("%+v", l)
	}
}

// TestOtherThingsAreLinesToo: what a program says of itself stands among the lines, in their form.
func TestOtherThingsAreLinesToo(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		var out strings.Builder
		p := lines.New(&out, asJSON)
		p.PrintOther(time.Now().Add(90*time.Second), "looked       2 wait", map[string]int{"waiting": 2})
		p.PrintOther(time.Now(), "odd", func() {})
		if err := p.Close(time.Second, slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		first, rest, _ := strings.Cut(out.String(), "\n")
		if asJSON && (first != `{"waiting":2}` || rest != "") {
			t.Errorf("%q, %q", first, rest)
		}
		if !asJSON && (!strings.HasPrefix(first, "  90.") || !strings.HasSuffix(first, "  looked       2 wait") || !strings.HasSuffix(rest, "  odd\n")) {
			t.Errorf("%q, %q", first, rest)
		}
	}
}

// TestLineOfWhatWasSeen has the pictures that an answer is made from, the newest first for people,
// and says where there were fewer than there could have been.
func TestLineOfWhatWasSeen(t *testing.T) {
	trace := reply.Trace{Picture: true, Sight: "TR/9", Squares: 1, PictureTokens: 134, PictureAge: 300 * time.Millisecond, Pictures: 1}
	of := func() lines.Line {
		l, _ := lines.OfAgent("iris", room.TurnDone{Trace: trace})
		return l
	}
	if l := of(); l.Detail != "; picture TR/9, 0.3 s old, 1 square" || l.Pictures != 1 || l.Earlier != nil {
		t.Errorf("one of one: %+v", l)
	}
	trace.Pictures = 3
	if l := of(); l.Detail != "; picture TR/9, 0.3 s old, 1 of 3, 1 square" {
		t.Errorf("one of three: %q", l.Detail)
	}
	trace.Earlier = []reply.Looked{{Key: "TR/4", Age: 9 * time.Second}, {Key: "TR/7", Age: 4200 * time.Millisecond}}
	l := of()
	if l.Detail != "; picture TR/9, 0.3 s old, after TR/7, 4.2 s old, after TR/4, 9.0 s old, 1 square" {
		t.Errorf("three of three: %q", l.Detail)
	}
	data, err := json.Marshal(l)
	if err != nil || !strings.Contains(string(data), `"sight_pictures":3,"sight_earlier":["TR/4","TR/7"],"sight_earlier_ages_ms":[9000,4200]`) {
		t.Errorf("%s, %v", data, err)
	}
}
