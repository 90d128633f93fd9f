package turn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/cognition/turn/addressing"
)

// group is a room of three personas and two people.
func group() turn.Call {
	return turn.Call{
		From: "ada", Mode: turn.ModeMentions,
		Personas: []turn.Persona{{Name: "iris", LastHeard: 3 * time.Second}, {Name: "max", LastHeard: time.Second}, {Name: "otto", LastHeard: 2 * time.Second}},
		Humans:   []turn.Human{{Identity: "ada"}, {Identity: "bob"}},
	}
}

// show writes an address as "rule: iris max; otto muted".
func show(a turn.Addressed) string {
	out := string(a.Rule) + ": " + strings.Join(a.Responders, " ")
	for _, q := range a.Silences {
		out += fmt.Sprintf("; %s %s", q.Seat, q.Why)
	}
	return out
}

func TestAddress(t *testing.T) {
	const others = "; iris not_addressed; max not_addressed; otto not_addressed"
	for name, c := range map[string]struct {
		change func(*turn.Call)
		want   string
	}{
		"to one":                 {func(c *turn.Call) { c.To = []string{"max"} }, "target: max; iris not_addressed; otto not_addressed"},
		"to two, in their order": {func(c *turn.Call) { c.To = []string{"Otto", "max", "otto"} }, "target: otto max; iris not_addressed"},
		"to one who is not here": {func(c *turn.Call) { c.To = []string{"eve"} }, "target: " + others},
		"to one, and a name in the text": {
			func(c *turn.Call) { c.To, c.Text = []string{"max"}, "Iris, hello." }, "target: max; iris not_addressed; otto not_addressed",
		},
		"by handle and name":    {func(c *turn.Call) { c.Text = "@otto and Max, hello" }, "target: otto max; iris not_addressed"},
		"by handle of a person": {func(c *turn.Call) { c.Text = "@bob, hello" }, "human: ; iris addressed_to_human; max addressed_to_human; otto addressed_to_human"},
		"by handle of somebody who is not here": {
			func(c *turn.Call) { c.Text, c.Mode = "@eve are you there?", turn.ModeAll }, "human: ; iris addressed_to_human; max addressed_to_human; otto addressed_to_human",
		},
		"a handle of nobody behind other words":     {func(c *turn.Call) { c.Text, c.Mode = "I am @home now", turn.ModeFront }, "mode: iris; max not_front; otto not_front"},
		"a name behind the handle of nobody":        {func(c *turn.Call) { c.Text = "@eve and you, Max?" }, "name: max; iris not_addressed; otto not_addressed"},
		"@room":                                     {func(c *turn.Call) { c.Text = "@room hello" }, "group: max otto iris"},
		"a handle in two words":                     {func(c *turn.Call) { c.Personas[2].Name, c.Text = "The Fern", "what is this @the_fern" }, "target: The Fern; iris not_addressed; max not_addressed"},
		"a handle by an alias":                      {func(c *turn.Call) { c.Personas[2].Aliases, c.Text = []string{"doc"}, "@doc hello" }, "target: otto; iris not_addressed; max not_addressed"},
		"a name goes before the handle of a person": {func(c *turn.Call) { c.Text = "Iris, tell @bob" }, "name: iris; max not_addressed; otto not_addressed"},
		"the handle of a person goes before everybody": {
			func(c *turn.Call) { c.Text = "Hello everybody and @bob" }, "human: ; iris addressed_to_human; max addressed_to_human; otto addressed_to_human",
		},
		"muted": {
			func(c *turn.Call) { c.Text, c.Personas[1].Muted = "Max and Iris, hello.", true }, "name: iris; max muted; otto not_addressed",
		},
		"muted, not meant": {func(c *turn.Call) { c.Text, c.Personas[2].Muted = "Max?", true }, "name: max; iris not_addressed; otto muted"},
		"at most one of those named": {
			func(c *turn.Call) { c.Text, c.Responders.Named = "Max, Otto and Iris, hello.", 1 }, "name: max; iris over_responders; otto over_responders",
		},
		"at most one of those named, who is muted": {
			func(c *turn.Call) { c.Text, c.Responders.Named, c.Personas[1].Muted = "Max and Iris, hello.", 1, true },
			"name: iris; max muted; otto not_addressed",
		},
		"mentioned":            {func(c *turn.Call) { c.Text = "I like what Max said." }, "mode: ; iris not_addressed; max mentioned_only; otto not_addressed"},
		"called and mentioned": {func(c *turn.Call) { c.Text = "Max, is it true that Max is here?" }, "name: max; iris not_addressed; otto not_addressed"},
		"everybody, the least recently heard first": {func(c *turn.Call) { c.Text = "Everybody, hello." }, "group: max otto iris"},
		"everybody, the front persona first":        {func(c *turn.Call) { c.Text, c.Front = "Everybody, hello.", "Iris" }, "group: iris max otto"},
		"everybody, those never heard by name": {
			func(c *turn.Call) {
				c.Text, c.Personas[0].LastHeard, c.Personas[2].LastHeard = "Hello everybody!", 0, 0
			}, "group: iris otto max",
		},
		"at most two of everybody": {
			func(c *turn.Call) { c.Text, c.Responders.Group, c.Front = "Everybody, hello.", 2, "iris" }, "group: max otto; iris over_responders",
		},
		"a person":               {func(c *turn.Call) { c.Text = "Bob, hello." }, "human: ; iris addressed_to_human; max addressed_to_human; otto addressed_to_human"},
		"a person, spoken of":    {func(c *turn.Call) { c.Text = "Bob is late." }, "mode: " + others},
		"oneself":                {func(c *turn.Call) { c.Text, c.Mode = "Ada, she said.", turn.ModeFront }, "mode: iris; max not_front; otto not_front"},
		"a person and a persona": {func(c *turn.Call) { c.Text = "Bob and Max, hello." }, "name: max; iris not_addressed; otto not_addressed"},
		"a persona who has a person's name": {
			func(c *turn.Call) { c.Text, c.Humans[1].Name = "Max, hello.", "Max" }, "name: max; iris not_addressed; otto not_addressed",
		},
		"who answered before":                   {func(c *turn.Call) { c.FollowUp = "otto" }, "follow_up: otto; iris not_addressed; max not_addressed"},
		"who answered before is gone":           {func(c *turn.Call) { c.FollowUp = "eve" }, "mode: " + others},
		"who answered before, where all answer": {func(c *turn.Call) { c.FollowUp, c.Mode = "otto", turn.ModeAll }, "mode: max otto iris"},
		"a name goes before who answered before": {
			func(c *turn.Call) { c.FollowUp, c.Text = "otto", "Max?" }, "name: max; iris not_addressed; otto not_addressed",
		},
		"auto, two people": {func(c *turn.Call) { c.Mode = turn.ModeAuto }, "mode: " + others},
		"auto, one person": {
			func(c *turn.Call) { c.Mode, c.Humans = turn.ModeAuto, c.Humans[:1] }, "mode: iris; max not_front; otto not_front",
		},
		"auto, one persona": {func(c *turn.Call) { c.Mode, c.Personas = turn.ModeAuto, c.Personas[:1] }, "mode: iris"},
		"auto, one persona, and a person is called": {
			func(c *turn.Call) { c.Mode, c.Personas, c.Text = turn.ModeAuto, c.Personas[:1], "Bob, hello." }, "human: ; iris addressed_to_human",
		},
		"mentions, one persona": {func(c *turn.Call) { c.Personas = c.Personas[:1] }, "mode: ; iris not_addressed"},
		"front":                 {func(c *turn.Call) { c.Mode, c.Front = turn.ModeFront, "MAX" }, "mode: max; iris not_front; otto not_front"},
		"front, not here": {
			func(c *turn.Call) { c.Mode, c.Front = turn.ModeFront, "eve" },
			"mode: ; iris front_unavailable; max front_unavailable; otto front_unavailable",
		},
		"front, muted": {
			func(c *turn.Call) { c.Mode, c.Personas[0].Muted = turn.ModeFront, true }, "mode: ; iris muted; max front_unavailable; otto front_unavailable",
		},
		"all":        {func(c *turn.Call) { c.Mode = turn.ModeAll }, "mode: max otto iris"},
		"one of all": {func(c *turn.Call) { c.Mode, c.Responders.Otherwise = turn.ModeAll, 1 }, "mode: max; iris over_responders; otto over_responders"},
		"specialty": {
			func(c *turn.Call) {
				c.Mode, c.Text, c.Personas[1].Specialty = turn.ModeSpecialty, "Are ferns green?", []string{"fern"}
			},
			"mode: max; iris not_addressed; otto not_addressed",
		},
		"two of a specialty": {
			func(c *turn.Call) {
				c.Mode, c.Text = turn.ModeSpecialty, "What is a garden tool?"
				c.Personas[0].Specialty, c.Personas[2].Specialty = []string{"garden tools"}, []string{"x", "tool"}
			},
			"mode: otto; iris over_responders; max not_addressed",
		},
		"both of a specialty": {
			func(c *turn.Call) {
				c.Mode, c.Text, c.Responders.Otherwise = turn.ModeSpecialty, "What is a garden tool?", 2
				c.Personas[0].Specialty, c.Personas[2].Specialty = []string{"garden tools"}, []string{"tool"}
			},
			"mode: otto iris; max not_addressed",
		},
		"nobody's specialty": {
			func(c *turn.Call) {
				c.Mode, c.Text, c.Personas[1].Specialty = turn.ModeSpecialty, "What is a garden?", []string{"garden tool", ""}
			},
			"mode: iris; max not_front; otto not_front",
		},
		"nobody": {func(c *turn.Call) { c.Personas = nil }, "mode: "},
		"a persona says a name": {
			func(c *turn.Call) { c.From, c.ByPersona, c.Text = "iris", true, "Max, hello." }, "name: max; iris not_addressed; otto not_addressed",
		},
		"a persona says what sounds like one": {func(c *turn.Call) { c.ByPersona, c.Text = true, "Oto, hello." }, "name: " + others},
		"a persona calls everybody":           {func(c *turn.Call) { c.ByPersona, c.Text, c.Mode = true, "@room everybody, hello!", turn.ModeAll }, "name: " + others},
		"a persona calls a person":            {func(c *turn.Call) { c.ByPersona, c.Text = true, "Bob, hello." }, "name: " + others},
		"a persona mentions another": {
			func(c *turn.Call) { c.ByPersona, c.Text, c.FollowUp = true, "I like Max.", "otto" }, "name: ; iris not_addressed; max mentioned_only; otto not_addressed",
		},
	} {
		call := group()
		call.Text = "What is this?"
		c.change(&call)
		if got := show(turn.Address(call)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// TestLabelledLines: of all lines, these alone are not addressed as they are labelled.
func TestLabelledLines(t *testing.T) {
	lines, err := addressing.Lines()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Max and only Max, please answer.", "Iris what's-her-name called.", "Iris is on the left, Max on the right.", "Max this, Max that.",
		"The maximum is ten, max twelve.", "times up otto", "Otto put it in the calendar.", "Otto double-booked us again.", "i win max",
	}
	var got []string
	for _, m := range addressing.Rate(lines, turn.Address, nil).Misses {
		got = append(got, m.Line.Text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestEveryPersonaIsInOnePlace holds for whatever is said.
func TestEveryPersonaIsInOnePlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := group()
		words := []string{"iris", "Max", "Otto,", "bob", "and", "hey", "you", "@room", "@max", "everybody", "said", "is", "?", ".", "hello", "Oto", "iris's", "all of you", "é", "—"}
		c.Text = strings.Join(rapid.SliceOf(rapid.SampledFrom(words)).Draw(t, "words"), " ") + rapid.String().Draw(t, "text")
		c.Mode = rapid.SampledFrom([]turn.Mode{turn.ModeAuto, turn.ModeFront, turn.ModeMentions, turn.ModeAll, turn.ModeSpecialty}).Draw(t, "mode")
		c.ByPersona = rapid.Bool().Draw(t, "persona")
		c.Responders = turn.Responders{Named: rapid.IntRange(0, 2).Draw(t, "named"), Group: rapid.IntRange(0, 2).Draw(t, "group")}
		c.Personas[rapid.IntRange(0, 2).Draw(t, "who")].Muted = rapid.Bool().Draw(t, "muted")
		a := turn.Address(c)
		there := slices.Clone(a.Responders)
		for _, q := range a.Silences {
			there = append(there, q.Seat)
		}
		slices.Sort(there)
		if !slices.Equal(there, []string{"iris", "max", "otto"}) {
			t.Fatalf("%q: %+v", c.Text, a)
		}
	})
}

// TestSignsAreNoWords: what holds no letter calls nobody, and breaks nothing.
func TestSignsAreNoWords(t *testing.T) {
	for _, text := range []string{"'@", "'", "@", "''", "' iris", "'@iris", "@'", "'s", "'s@x", "…'?'@", "-'-@_"} {
		got := turn.Address(turn.Call{From: "ada", Text: text, Mode: turn.ModeMentions, Personas: []turn.Persona{{Name: "iris"}, {Name: "max"}}})
		if n := len(got.Responders) + len(got.Silences); n != 2 {
			t.Errorf("%q: %+v", text, got)
		}
	}
}
