package turn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// answered tells whether a table answers something now.
func answered(effects []turn.Effect) bool {
	return slices.ContainsFunc(effects, func(e turn.Effect) bool { _, ok := e.(turn.Start); return ok })
}

func TestAgentsAreNotAnswered(t *testing.T) {
	table := newTable(t, turn.Default())
	table.Step(0, turn.Seated{Seat: "max"})
	ignored := uint64(0)
	want := func(step, who string, marked, is bool) {
		t.Helper()
		if got := answered(table.Step(0, turn.Typed{Who: who, Text: "hello", Agent: marked})); got != is {
			t.Errorf("%s: %s, marked %v: answered is %v", step, who, marked, got)
		}
		if !is {
			ignored++
		}
		if got := table.Stats().Agents; got != ignored {
			t.Errorf("%s: %d ignored, want %d", step, got, ignored)
		}
		n := table.Stats().Asked
		table.Step(0, turn.Done{Reply: turn.Reply{Turn: n, Seat: "max"}, Outcome: turn.Passed})
	}
	want("before the news of who joined", "ada", false, true)
	want("before the news of who joined", "iris", true, false)
	table.Step(0, turn.PersonJoined{Who: "ada"})
	table.Step(0, turn.PersonJoined{Who: "iris", Agent: true})
	want("here", "ada", false, true)
	want("here", "iris", false, false)
	want("here, marked by somebody", "ada", true, false)
	table.Step(0, turn.PersonLeft{Who: "ada"})
	table.Step(0, turn.PersonLeft{Who: "iris"})
	want("gone", "ada", false, true)
	want("gone", "iris", false, false)
	table.Step(0, turn.PersonJoined{Who: "iris"}) // a human of that name
	want("back as a human", "iris", false, true)
	table.Step(0, turn.PersonLeft{Who: "iris"})
	want("gone as a human", "iris", false, true)
	want("one of ours", "max", false, false)
}

func TestFewAgentsAreRememberedAfterTheyLeft(t *testing.T) {
	for i, is := range map[int]bool{0: true, 1: false, turn.AgentsKept: false} {
		table := newTable(t, turn.Default())
		table.Step(0, turn.Seated{Seat: "max"})
		for i := range turn.AgentsKept + 1 {
			table.Step(0, turn.PersonJoined{Who: fmt.Sprint(i), Agent: true})
			table.Step(0, turn.PersonLeft{Who: fmt.Sprint(i)})
		}
		if got := table.Step(0, turn.Typed{Who: fmt.Sprint(i), Text: "hello"}); answered(got) != is {
			t.Errorf("agent %d: %v", i, lines(got))
		}
	}
}

func TestWhatAPersonaCanDo(t *testing.T) {
	all := turn.Rights{Seat: "iris", Subscribe: true, Publish: true, Data: true}
	for name, c := range map[string]struct {
		down              bool
		rights            turn.Rights
		voiceOnly         bool
		standing, publish string
		answers           bool
	}{
		"everything":             {rights: all, answers: true},
		"reconnecting":           {down: true, rights: all, standing: "not-ready"},
		"deaf":                   {rights: turn.Rights{Publish: true, Data: true}, standing: "not-ready missing=canSubscribe", answers: true},
		"mute":                   {rights: turn.Rights{Subscribe: true, Data: true}, standing: "not-ready missing=canPublish"},
		"no data":                {rights: turn.Rights{Subscribe: true, Publish: true}, standing: "not-ready missing=canPublishData", answers: true},
		"no data, only to speak": {rights: turn.Rights{Subscribe: true, Publish: true}, voiceOnly: true, answers: true},
		"no right but only speaks": {
			voiceOnly: true, standing: "not-ready missing=canSubscribe missing=canPublish",
		},
		"no right": {standing: "not-ready missing=canSubscribe missing=canPublish missing=canPublishData"},
		"no right, and no connection": {
			down: true, standing: "not-ready missing=canSubscribe missing=canPublish missing=canPublishData",
		},
	} {
		table := newTable(t, turn.Default())
		if got := lines(table.Step(0, turn.Seated{Seat: "iris", VoiceOnly: c.voiceOnly})); got[0] != "standing iris ready" {
			t.Errorf("%s: at first %v", name, got)
		}
		c.rights.Seat = "iris"
		standing := ""
		for _, e := range []turn.Event{turn.Connection{Seat: "iris", Up: !c.down}, c.rights} {
			for _, l := range lines(table.Step(0, e)) {
				if rest, ok := strings.CutPrefix(l, "standing iris "); ok {
					standing = rest
				}
			}
		}
		if standing != c.standing {
			t.Errorf("%s: %q, want %q", name, standing, c.standing)
		}
		if got := answered(table.Step(0, turn.Asked{Who: "ada", Text: "hello"})); got != c.answers {
			t.Errorf("%s: answers is %v", name, got)
		}
	}
}

// TestVoiceIsPublishedAgain follows a right that comes and goes, and a connection.
func TestVoiceIsPublishedAgain(t *testing.T) {
	table := newTable(t, turn.Default())
	table.Step(0, turn.PersonJoined{Who: "ada"})
	table.Step(0, turn.Seated{Seat: "iris"})
	all := turn.Rights{Seat: "iris", Subscribe: true, Publish: true, Data: true}
	none := turn.Rights{Seat: "iris", Subscribe: true, Data: true}
	for i, c := range []struct {
		e    turn.Event
		want string
	}{
		{turn.VoicePublished{Seat: "iris"}, ""},
		{none, "standing iris not-ready missing=canPublish"},
		{turn.VoicePublished{Seat: "iris"}, ""}, // the server has the track no more
		{all, "publish iris on"},
		{all, ""},
		{turn.Connection{Seat: "iris"}, "publish iris off"},
		{turn.VoicePublished{Seat: "iris"}, ""},
		{turn.Connection{Seat: "iris", Up: true}, "publish iris on"},
		{turn.VoicePublished{Seat: "iris"}, "standing iris ready"},
		{turn.Connection{Seat: "otto"}, ""},
		{turn.Rights{Seat: "otto"}, ""},
		{turn.SeatMuted{Seat: "otto", On: true}, ""},
		{turn.Unseated{Seat: "otto"}, ""},
		{turn.Seated{}, ""},
		{turn.Seated{Seat: "iris"}, ""},
		{none, "standing iris not-ready missing=canPublish"},
		{all, "publish iris on"},
		{turn.Unseated{Seat: "iris"}, "publish iris off"},
	} {
		if got := strings.Join(lines(table.Step(0, c.e)), "; "); got != c.want {
			t.Errorf("%d %T: %q, want %q", i, c.e, got, c.want)
		}
	}
}

func TestWhatAsksSomething(t *testing.T) {
	invitation := turn.Default().Invitation
	for _, c := range []struct {
		text      string
		answering bool
		invited   time.Duration // ago; negative for never
		want      bool
	}{
		{"What is this?", false, -1, true},
		{"What is this?", true, -1, true},
		{"Mhm.", false, -1, false},
		{"Yeah, okay.", true, -1, false},
		{"Yes.", false, invitation, true}, // it was asked
		{"Yes.", false, invitation + 1, false},
		{"Yes.", true, 1, false}, // it is still speaking
		{"No.", false, -1, true},
		{"42", false, -1, true},
		{"Да.", false, -1, true},
		{"¿?", false, -1, false},
	} {
		table := newTable(t, turn.Default())
		table.Step(0, turn.Seated{Seat: "iris"})
		id := turn.Reply{Turn: 1, Seat: "iris"}
		table.Step(0, turn.Asked{Who: "ada", Text: "Hello."})
		table.Step(0, turn.Ready{Reply: id})
		says := "It is so."
		if c.invited >= 0 {
			says = "Is it so? "
		}
		table.Step(time.Second, turn.Audible{Reply: id, Text: says})
		if !c.answering {
			table.Step(time.Second, turn.Done{Reply: id, Outcome: turn.Spoken, Text: says})
		}
		effects := table.Step(time.Second+max(0, c.invited), turn.Heard{Who: "ada", Text: c.text, Utterance: 1, Voiced: 2 * time.Second})
		asks := slices.ContainsFunc(effects, func(e turn.Effect) bool { k, ok := e.(turn.Keep); return ok && k.Turn > 0 })
		skipped := slices.Contains(lines(effects), "skip ada backchannel")
		if asks != c.want || skipped == c.want {
			t.Errorf("%+v: %v", c, lines(effects))
		}
	}
}

func TestRepliesHaveNames(t *testing.T) {
	for want, r := range map[string]turn.Reply{
		"3/iris": {Turn: 3, Seat: "iris"}, "0/": {}, "3/iris#2": {Turn: 3, Seat: "iris", Try: 2}, "1/a/b#0": {Turn: 1, Seat: "a/b#0"},
		"1/a#x": {Turn: 1, Seat: "a#x"}, "1/#1": {Turn: 1, Try: 1}, "1/a#1#2": {Turn: 1, Seat: "a#1", Try: 2}, "1/a#02": {Turn: 1, Seat: "a#02"},
	} {
		got, ok := turn.ParseReply(want)
		if r.String() != want || got != r || !ok {
			t.Errorf("%+v: %s, read as %+v, %v", r, r, got, ok)
		}
	}
	for _, s := range []string{"", "3", "iris", "x/iris", "-1/iris", "03/iris", "+3/iris", "/iris"} {
		if r, ok := turn.ParseReply(s); ok {
			t.Errorf("%q: %+v", s, r)
		}
	}
}

// TestTimeDoesNotRunBackwards: what is due was due.
func TestTimeDoesNotRunBackwards(t *testing.T) {
	table := newTable(t, turn.Default())
	table.Step(0, turn.Seated{Seat: "iris"})
	table.Step(time.Hour, turn.Asked{Who: "ada", Text: "Hello."})
	table.Step(time.Second, turn.Asked{Who: "bob", Text: "Hello."})
	if got := lines(table.Step(time.Minute+time.Second, turn.Tick{})); len(got) != 0 {
		t.Errorf("%v", got)
	}
	if got := lines(table.Step(time.Hour+time.Minute, turn.Tick{})); !slices.Contains(got, "silence 2/iris stale") {
		t.Errorf("%v", got)
	}
}
