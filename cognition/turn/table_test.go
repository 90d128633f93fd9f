package turn_test

import (
	"errors"
	"fmt"
	"math"
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

func TestPoliciesThatCannotBeUsed(t *testing.T) {
	for key, change := range map[string]func(*turn.Policy){
		"mode":     func(p *turn.Policy) { p.Mode = "some" },
		"context":  func(p *turn.Policy) { p.Context = "" },
		"duck":     func(p *turn.Policy) { p.Duck = float32(math.NaN()) },
		"duck ":    func(p *turn.Policy) { p.Duck = 1.1 },
		"duck  ":   func(p *turn.Policy) { p.Duck = -0.1 },
		"capacity": func(p *turn.Policy) { p.Capacity = -1 },
		"lane_cap": func(p *turn.Policy) { p.LaneCap = 0 },
		"lanes":    func(p *turn.Policy) { p.Lanes = []turn.Lane{{Name: "", Cap: 1}} },
		"lanes ":   func(p *turn.Policy) { p.Lanes = []turn.Lane{{Name: "a", Cap: 0}} },
		"lanes  ":  func(p *turn.Policy) { p.Lanes = []turn.Lane{{Name: "a", Cap: 1025}} },
		"lanes   ": func(p *turn.Policy) {
			p.Lanes = []turn.Lane{{Name: "a", Cap: 1}, {Name: "b", Cap: 1}, {Name: "a", Cap: 2}}
		},
		"lanes    ":                func(p *turn.Policy) { p.Lanes = []turn.Lane{{Name: "a=b", Cap: 1}} },
		"responders.named":         func(p *turn.Policy) { p.Responders.Named = -1 },
		"responders.group":         func(p *turn.Policy) { p.Responders.Group = -1 },
		"responders.otherwise":     func(p *turn.Policy) { p.Responders.Otherwise = 1025 },
		"hops":                     func(p *turn.Policy) { p.Hops = 4 },
		"follow_up_rounds":         func(p *turn.Policy) { p.Rounds = 4 },
		"persona_turns.soft":       func(p *turn.Policy) { p.TurnsSoft = -1 },
		"persona_turns.hard":       func(p *turn.Policy) { p.TurnsHard = 7 },
		"persona_turns.hard ":      func(p *turn.Policy) { p.TurnsSoft, p.TurnsHard = 0, 0 },
		"pair.turns":               func(p *turn.Policy) { p.PairTurns = -1 },
		"pair.window":              func(p *turn.Policy) { p.PairWindow = -1 },
		"follow_up_window":         func(p *turn.Policy) { p.FollowUp = -1 },
		"waiting.places":           func(p *turn.Policy) { p.Waiting.Places = 0 },
		"waiting.places ":          func(p *turn.Policy) { p.Waiting.Places = 1025 },
		"waiting.passes":           func(p *turn.Policy) { p.Waiting.Passes = -1 },
		"waiting.limit":            func(p *turn.Policy) { p.Waiting.Limit = -1 },
		"invitation":               func(p *turn.Policy) { p.Invitation = -1 },
		"looking.subscribe":        func(p *turn.Policy) { p.Looking.Subscribe = -1 },
		"looking.dark":             func(p *turn.Policy) { p.Looking.Dark = 24*time.Hour + 1 },
		"looking.screen":           func(p *turn.Policy) { p.Looking.Screen = []string{"Screen"} },
		"looking.screen ":          func(p *turn.Policy) { p.Looking.Screen = []string{""} },
		"looking.screen  ":         func(p *turn.Policy) { p.Looking.Screen = []string{"a,b"} },
		"floor.gap":                func(p *turn.Policy) { p.Floor.Gap = -1 },
		"floor.spread":             func(p *turn.Policy) { p.Floor.Spread = -1 },
		"floor.head_wait":          func(p *turn.Policy) { p.Floor.HeadWait = -1 },
		"floor.grant_expires":      func(p *turn.Policy) { p.Floor.GrantExpires = -1 },
		"floor.hold_max":           func(p *turn.Policy) { p.Floor.HoldMax = -1 },
		"floor.stale":              func(p *turn.Policy) { p.Floor.Stale = -1 },
		"floor.false_interruption": func(p *turn.Policy) { p.Floor.FalseInterruption = -1 },
	} {
		p := turn.Default()
		change(&p)
		_, err := turn.New(p)
		var which *turn.PolicyError
		if !errors.As(err, &which) || !errors.Is(err, turn.ErrPolicy) || which.Key != strings.TrimSpace(key) || !strings.Contains(err.Error(), which.Key) {
			t.Errorf("%s: %v", key, err)
		}
		table := newTable(t, turn.Default())
		table.Step(0, turn.Reconfigured{Policy: p})
		if n := table.Stats().Dropped; n != 1 {
			t.Errorf("%s: %d dropped", key, n)
		}
	}
	for _, change := range []func(*turn.Policy){
		func(p *turn.Policy) { p.Duck = 0 },
		func(p *turn.Policy) { p.Duck = 1 },
		func(p *turn.Policy) { p.Capacity, p.Waiting.Passes, p.Waiting.Places = 1024, 0, 1 },
		func(p *turn.Policy) { p.Floor = turn.Floor{} },
		func(p *turn.Policy) { p.TurnsSoft, p.TurnsHard, p.Hops, p.Rounds, p.LaneCap = 1, 1, 3, 3, 1 },
		func(p *turn.Policy) { p.Lanes = []turn.Lane{{Name: "a", Cap: 1}, {Name: "b", Cap: 1024}} },
		func(p *turn.Policy) { p.Floor.HoldMax = 24 * time.Hour },
	} {
		p := turn.Default()
		change(&p)
		if _, err := turn.New(p); err != nil {
			t.Error(err)
		}
	}
}

// TestPolicyIsTheTablesOwn: whoever made it may change their copy.
func TestPolicyIsTheTablesOwn(t *testing.T) {
	p := turn.Default()
	p.Lanes, p.Context, p.Mode = []turn.Lane{{Name: "far", Cap: 1}}, turn.Parallel, turn.ModeAll
	for name, table := range map[string]*turn.Table{"made with it": newTable(t, p), "given it": newTable(t, turn.Default())} {
		if name == "given it" {
			table.Step(0, turn.Reconfigured{Policy: p})
		}
		p.Lanes[0].Cap, p.Looking.Screen[0] = 9, "table"
		table.Step(0, turn.Seated{Seat: "iris", Lane: "far", Sees: true})
		table.Step(0, turn.Seated{Seat: "max", Lane: "far"})
		table.Step(0, turn.Opened{Who: "ada", Track: "cam", Source: turn.Camera})
		table.Step(0, turn.Opened{Who: "ada", Track: "screen", Source: turn.Screen})
		var started []turn.Start
		for _, e := range table.Step(0, turn.Asked{Who: "ada", Text: "What is on the table?"}) {
			if s, ok := e.(turn.Start); ok {
				started = append(started, s)
			}
		}
		if len(started) != 1 || started[0].Look != "cam" {
			t.Errorf("%s: %+v", name, started)
		}
		p.Lanes[0].Cap, p.Looking.Screen[0] = 1, "screen"
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
