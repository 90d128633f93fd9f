package turn_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

func TestNamesThatCollide(t *testing.T) {
	for _, c := range []struct {
		personas []turn.Persona
		persona  string // empty where all is well
		want     string
	}{
		{[]turn.Persona{{Name: "iris"}, {Name: "max"}, {Name: "otto"}}, "", ""},
		{[]turn.Persona{{Name: "iris", Aliases: []string{"irish", "eyeris", "Iris"}}, {Name: "max"}}, "", ""},
		{[]turn.Persona{{Name: "Anna"}, {Name: "Ben"}, {Name: "Anna Maria"}}, "", ""},
		{[]turn.Persona{{Name: "iris"}, {Name: "Iris"}}, "Iris", `is also "iris" of "iris"`},
		{[]turn.Persona{{Name: "iris"}, {Name: "irys"}}, "irys", `sounds like "iris" of "iris"`},
		{[]turn.Persona{{Name: "iris", Aliases: []string{"doctor"}}, {Name: "max", Aliases: []string{"docter"}}}, "max", `sounds like "doctor" of "iris"`},
		{[]turn.Persona{{Name: "iris"}, {Name: "max", Aliases: []string{"the_fern"}}, {Name: "The Fern"}}, "The Fern", `is also "the_fern" of "max"`},
		{[]turn.Persona{{Name: "ana"}, {Name: "anna"}}, "anna", `sounds like "ana" of "ana"`},
		{[]turn.Persona{{Name: "anna"}, {Name: "ana"}}, "ana", `sounds like "anna" of "anna"`},
		{[]turn.Persona{{Name: "everyone"}}, "everyone", "means everybody"},
		{[]turn.Persona{{Name: "iris", Aliases: []string{"all of you"}}}, "iris", "means everybody"},
		{[]turn.Persona{{Name: "Room"}}, "Room", "means everybody"},
		{[]turn.Persona{{Name: "iris"}, {Name: "!?"}}, "!?", "has no letters"},
		{[]turn.Persona{{Name: "iris", Aliases: []string{""}}}, "iris", "has no letters"},
	} {
		err := turn.CheckNames(c.personas)
		var which *turn.NameError
		switch {
		case c.persona == "":
			if err != nil {
				t.Errorf("%+v: %v", c.personas, err)
			}
		case !errors.As(err, &which) || !errors.Is(err, turn.ErrNames) || which.Persona != c.persona || !strings.Contains(err.Error(), c.want):
			t.Errorf("%+v: %v, want %s", c.personas, err, c.want)
		}
	}
}

func TestWordsThatSoundLikeNames(t *testing.T) {
	for _, c := range []struct {
		word, name string
		want       bool
	}{
		{"iriss", "iris", true},
		{"irus", "iris", true},
		{"ana", "anna", true},
		{"hanna", "anna", false},
		{"catherine", "katherine", true},
		{"kathryn", "katherine", false}, // three letters apart
		{"fil", "phil", false},          // too short a word
		{"filip", "philip", true},
		{"phillip", "filip", false},
		{"sofia", "sophia", true},
		{"steven", "stephen", true},
		{"shawn", "sean", false},
		{"jeff", "geoff", true},
		{"george", "jorge", true},
		{"nite", "knight", false},
		{"nora", "norah", true},
		{"rhonda", "ronda", true},
		{"dark", "mark", false},
		{"any", "anna", false},
		{"ours", "iris", false},
		{"only", "oona", false},
		{"macks", "max", false}, // too short a name
		{"that", "thad", false}, // a word that everybody says
		{"auto", "otto", true},
		{"oscar", "oskar", true},
		{"zara", "sarah", true},
		{"иван", "ivan", false},
		{"", "iris", false},
	} {
		if got := turn.SoundsLike(c.word, c.name); got != c.want {
			t.Errorf("%q for %q: %v; %s and %s", c.word, c.name, got, turn.Metaphone(c.word), turn.Metaphone(c.name))
		}
	}
}

// TestMetaphone holds the rules of Philips.
func TestMetaphone(t *testing.T) {
	for word, want := range map[string]string{
		"knight": "NT", "gnome": "NM", "pneu": "N", "wrist": "RST", "whale": "WL", "xavier": "SFR", "aeon": "AN", "bomb": "BM", "bombay": "BMB",
		"church": "XRX", "cia": "X", "cent": "SNT", "cycle": "SKL", "cat": "KT", "edge": "AJ", "dog": "TK", "laugh": "L", "ghost": "KST",
		"sign": "SN", "signed": "SNT", "signal": "SKNL", "gem": "JM", "go": "K", "phone": "FN", "pit": "PT", "ship": "XP", "vision": "FXN",
		"asia": "AX", "sun": "SN", "thing": "0NK", "thrush": "0RX", "city": "ST", "klaus": "KLS", "akron": "AKRN", "qatar": "KTR", "oxford": "AKSFRT", "vlad": "FLT", "zlatan": "SLTN", "brom": "BRM", "drum": "TRM", "prim": "PRM", "stop": "STP", "gym": "JM", "ghana": "KN", "cliff": "KLF", "glen": "KLN", "trim": "TRM", "hugh": "H", "judge": "J", "shrimp": "XRMP", "phrase": "FRS", "nature": "NTR", "nation": "NXN", "martial": "MRXL", "match": "MX", "top": "TP", "hat": "HT", "ahead": "AT",
		"oh": "A", "back": "BK", "kiss": "KS", "queen": "KN", "vote": "FT", "we": "W", "now": "N", "yes": "YS", "day": "T", "tax": "TKS",
		"zoo": "S", "jam": "JM", "mummy": "M", "rhyme": "RM", "accent": "AKSNT", "ouija": "AJ", "": "", "42": "", "straße": "STR", "Zoo": "A",
	} {
		if got := turn.Metaphone(word); got != want {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"iris", "irish", 1}, {"iris", "siri", 2}, {"abc", "abc", 0}, {"flaw", "lawn", 2}} {
		if got := turn.Edits(c.a, c.b); got != c.want {
			t.Errorf("%q, %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
