package agent_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
)

func TestWhichTrackAQuestionIsAbout(t *testing.T) {
	now := time.Unix(1000, 0)
	long := now.Add(-agent.DarkAfter - 1) // ago
	seen := func(sid, who string, screen bool) agent.View {
		return agent.View{SID: sid, Who: who, Screen: screen, Seen: true, Since: long}
	}
	pending := func(sid, who string, since time.Time) agent.View {
		return agent.View{SID: sid, Who: who, Pending: true, Since: since}
	}
	const camera, screen = false, true
	for name, c := range map[string]struct {
		views []agent.View
		text  string
		want  string // SID; empty for none
	}{
		"nothing is shown":                  {nil, "what is this?", ""},
		"one's own camera":                  {[]agent.View{seen("b", "bob", camera), seen("a", "ada", camera)}, "what is this?", "a"},
		"anybody's camera":                  {[]agent.View{seen("b", "bob", camera)}, "what is this?", "b"},
		"the first of two of others":        {[]agent.View{seen("c", "cid", camera), seen("b", "bob", camera)}, "what is this?", "b"},
		"the screen, spoken of":             {[]agent.View{seen("a", "ada", camera), seen("s", "bob", screen)}, "What is on the SCREEN?", "s"},
		"one's own screen, spoken of":       {[]agent.View{seen("r", "bob", screen), seen("s", "ada", screen)}, "on the screen", "s"},
		"the screen, not spoken of":         {[]agent.View{seen("s", "ada", screen), seen("b", "bob", camera)}, "what is this?", "b"},
		"the screen, nothing else is shown": {[]agent.View{seen("s", "bob", screen)}, "what is this?", "s"},
		"the camera, no screen is shown":    {[]agent.View{seen("a", "ada", camera)}, "on the screen", "a"},
		"one's own that is on its way":      {[]agent.View{seen("b", "bob", camera), pending("a", "ada", now)}, "what is this?", "a"},
		"it is due until the limit":         {[]agent.View{pending("a", "ada", now.Add(-agent.SubscribeLimit))}, "what is this?", "a"},
		"it did not come":                   {[]agent.View{pending("a", "ada", now.Add(-agent.SubscribeLimit-1))}, "what is this?", ""},
		"nobody waits for another's":        {[]agent.View{pending("b", "bob", now)}, "what is this?", ""},
		"one's own beside another's that is on its way": {
			[]agent.View{pending("0", "bob", now), seen("s", "ada", screen), pending("9", "cid", now)}, "what is this?", "s",
		},
		"a dark one comes last": {
			[]agent.View{{SID: "a", Who: "ada", Since: long}, seen("s", "bob", screen)}, "what is this?", "s",
		},
		"a dark one rather than none": {[]agent.View{{SID: "a", Who: "ada", Since: long}}, "what is this?", "a"},
		"one that has just opened": {
			[]agent.View{{SID: "a", Who: "ada", Since: now.Add(-agent.DarkAfter)}, seen("b", "bob", camera)}, "what is this?", "a",
		},
	} {
		views := slices.Clone(c.views)
		for range 2 { // in either order
			got, ok := agent.ChooseView(views, "ada", c.text, now)
			if got.SID != c.want || ok != (c.want != "") {
				t.Errorf("%s: %q, %v, want %q", name, got.SID, ok, c.want)
			}
			slices.Reverse(views)
		}
	}
}

func TestTrackIsDark(t *testing.T) {
	now := time.Unix(1000, 0)
	for _, c := range []struct {
		seen bool
		age  time.Duration
		want bool
	}{
		{false, 0, false}, {false, agent.DarkAfter, false}, {false, agent.DarkAfter + 1, true}, {true, time.Hour, false},
	} {
		if got := agent.Dark(agent.View{Seen: c.seen, Since: now.Add(-c.age)}, now); got != c.want {
			t.Errorf("seen %v, %v old: dark is %v", c.seen, c.age, got)
		}
	}
}

func TestBlindAnswerIsBegunAnewForTheAskersTrack(t *testing.T) {
	now := time.Unix(1000, 0)
	for _, c := range []struct {
		who            string
		age            time.Duration
		blind, audible bool
		want           bool
	}{
		{"ada", 0, true, false, true},
		{"ada", agent.SubscribeLimit, true, false, true},
		{"ada", agent.SubscribeLimit + 1, true, false, false},
		{"bob", 0, true, false, false},
		{"ada", 0, false, false, false},
		{"ada", 0, true, true, false},
	} {
		if got := agent.Reconsiders(agent.View{Who: c.who}, agent.Ask{Who: "ada", Asked: now.Add(-c.age)}, c.blind, c.audible, now); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
