package turn_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// view is a track that somebody shows.
type view struct {
	id, who string
	screen  bool
	pending bool
	seen    bool
	age     time.Duration // since it was published, or opened
}

func (v view) source() turn.Source {
	if v.screen {
		return turn.Screen
	}
	return turn.Camera
}

// start has ada ask about what is shown, an hour after the room was opened.
func start(t *testing.T, views []view, text string) turn.Start {
	t.Helper()
	table := newTable(t, turn.Default())
	table.Step(0, turn.Seated{Seat: "iris", Sees: true})
	slices.SortStableFunc(views, func(a, b view) int { return int(b.age - a.age) })
	for _, v := range views {
		at := time.Hour - v.age
		if v.pending {
			table.Step(at, turn.Offered{Who: v.who, Track: v.id, Source: v.source()})
			continue
		}
		table.Step(at, turn.Opened{Who: v.who, Track: v.id, Source: v.source()})
		if v.seen {
			table.Step(at, turn.Shown{Track: v.id, Number: 1})
		}
	}
	for _, e := range table.Step(time.Hour, turn.Typed{Who: "ada", Text: text}) {
		if s, ok := e.(turn.Start); ok {
			return s
		}
	}
	t.Fatal("nothing is started")
	return turn.Start{}
}

func TestWhichTrackAQuestionIsAbout(t *testing.T) {
	looking := turn.Default().Looking
	long := looking.Dark + 1
	seen := func(id, who string, screen bool) view {
		return view{id: id, who: who, screen: screen, seen: true, age: long}
	}
	pending := func(id, who string, age time.Duration) view { return view{id: id, who: who, pending: true, age: age} }
	const camera, screen = false, true
	for name, c := range map[string]struct {
		views []view
		text  string
		look  string // empty for none
		soon  string
	}{
		"nothing is shown":                  {nil, "what is this?", "", ""},
		"one's own camera":                  {[]view{seen("b", "bob", camera), seen("a", "ada", camera)}, "what is this?", "a", ""},
		"anybody's camera":                  {[]view{seen("b", "bob", camera)}, "what is this?", "b", ""},
		"the first of two of others":        {[]view{seen("c", "cid", camera), seen("b", "bob", camera)}, "what is this?", "b", ""},
		"the screen, spoken of":             {[]view{seen("a", "ada", camera), seen("s", "bob", screen)}, "What is on the SCREEN?", "s", ""},
		"one's own screen, spoken of":       {[]view{seen("r", "bob", screen), seen("s", "ada", screen)}, "on the screen", "s", ""},
		"the screen, not spoken of":         {[]view{seen("s", "ada", screen), seen("b", "bob", camera)}, "what is this?", "b", ""},
		"the screen, nothing else is shown": {[]view{seen("s", "bob", screen)}, "what is this?", "s", ""},
		"the camera, no screen is shown":    {[]view{seen("a", "ada", camera)}, "on the screen", "a", ""},
		"one's own that is on its way":      {[]view{seen("b", "bob", camera), pending("a", "ada", 0)}, "what is this?", "b", "a"},
		"it is due until the limit":         {[]view{pending("a", "ada", looking.Subscribe)}, "what is this?", "", "a"},
		"it did not come":                   {[]view{pending("a", "ada", looking.Subscribe+1)}, "what is this?", "", ""},
		"nobody waits for another's":        {[]view{pending("b", "bob", 0)}, "what is this?", "", ""},
		"one's own beside another's that is on its way": {
			[]view{pending("0", "bob", 0), seen("s", "ada", screen), pending("9", "cid", 0)}, "what is this?", "s", "",
		},
		"a dark one comes last":             {[]view{{id: "a", who: "ada", age: long}, seen("s", "bob", screen)}, "what is this?", "s", ""},
		"a dark one rather than none":       {[]view{{id: "a", who: "ada", age: long}}, "what is this?", "a", ""},
		"one that has just opened":          {[]view{{id: "a", who: "ada", age: looking.Dark}, seen("b", "bob", camera)}, "what is this?", "a", ""},
		"a screen is offered as well":       {[]view{seen("a", "ada", camera), {id: "n", who: "ada", screen: true, pending: true}}, "on the screen", "a", "n"},
		"a camera, but the screen is meant": {[]view{seen("s", "ada", screen), pending("n", "ada", 0)}, "on the screen", "s", ""},
	} {
		views := slices.Clone(c.views)
		for range 2 { // in either order
			got := start(t, slices.Clone(views), c.text)
			if got.Look != c.look || got.Soon != c.soon {
				t.Errorf("%s: looks at %q, and soon at %q; want %q and %q", name, got.Look, got.Soon, c.look, c.soon)
			}
			slices.Reverse(views)
		}
	}
}

func TestTrackIsDark(t *testing.T) {
	dark := turn.Default().Looking.Dark
	for _, c := range []struct {
		seen bool
		age  time.Duration
		want bool
	}{
		{false, 0, false}, {false, dark, false}, {false, dark + 1, true}, {true, time.Hour, false},
	} {
		if got := start(t, []view{{id: "a", who: "ada", seen: c.seen, age: c.age}}, "what?"); got.Dark != c.want || got.Look != "a" {
			t.Errorf("seen %v, %v old: %+v", c.seen, c.age, got)
		}
	}
}

func TestHowLongAQuestionWaitsForATrack(t *testing.T) {
	got := start(t, []view{{id: "a", who: "ada", pending: true, age: 300 * time.Millisecond}}, "what?")
	if got.Wait != 1700*time.Millisecond {
		t.Errorf("waits for %v", got.Wait)
	}
}

func TestBlindReplyIsBegunAnewForTheAskersTrack(t *testing.T) {
	limit := turn.Default().Looking.Subscribe
	for name, c := range map[string]struct {
		who            string
		source         turn.Source
		age            time.Duration
		blind, audible bool
		sees           bool
		want           bool
	}{
		"at once":                {"ada", turn.Camera, 0, true, false, true, true},
		"as late as may be":      {"ada", turn.Screen, limit, true, false, true, true},
		"too late":               {"ada", turn.Camera, limit + 1, true, false, true, false},
		"another's":              {"bob", turn.Camera, 0, true, false, true, false},
		"it sees something":      {"ada", turn.Camera, 0, false, false, true, false},
		"it was heard":           {"ada", turn.Camera, 0, true, true, true, false},
		"a microphone":           {"ada", turn.Microphone, 0, true, false, true, false},
		"a persona without eyes": {"ada", turn.Camera, 0, true, false, false, false},
	} {
		table := newTable(t, turn.Default())
		table.Step(0, turn.PersonJoined{Who: "ada"})
		table.Step(0, turn.Seated{Seat: "iris", Sees: c.sees})
		if !c.blind {
			table.Step(0, turn.Opened{Who: "bob", Track: "other", Source: turn.Camera})
		}
		table.Step(time.Second, turn.Typed{Who: "ada", Text: "what?"})
		id := turn.Reply{Turn: 1, Seat: "iris"}
		table.Step(time.Second, turn.Ready{Reply: id})
		if c.audible {
			table.Step(time.Second, turn.Audible{Reply: id, Text: "It is"})
		}
		effects := slices.Clone(table.Step(time.Second+c.age, turn.Offered{Who: c.who, Track: "new", Source: c.source}))
		again := turn.Reply{Turn: 1, Seat: "iris", Try: 1}
		restarted := slices.ContainsFunc(effects, func(e turn.Effect) bool {
			s, ok := e.(turn.Start)
			return ok && s.Reply == again && s.Soon == "new"
		})
		stopped := slices.Contains(lines(effects), "cancel 1/iris again") && slices.Contains(lines(effects), "flush iris")
		if restarted != c.want || stopped != c.want {
			t.Errorf("%s: %v", name, lines(effects))
		}
		if !c.want {
			continue
		}
		if got := lines(table.Step(time.Hour, turn.Ready{Reply: again})); len(got) != 1 || got[0] != "floor 1/iris#1" {
			t.Errorf("%s: it is ready: %v", name, got)
		}
	}
}
