package smoke_test

import (
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/smoke"
)

// TestSignsAreOfTheirSeed: the same seed draws the same sign, others other ones; what is stated of
// it is found, and nothing else.
func TestSignsAreOfTheirSeed(t *testing.T) {
	one, again := smoke.NewSign(7), smoke.NewSign(7)
	a, err := one.Draw()
	if err != nil {
		t.Fatal(err)
	}
	b, err := again.Draw()
	if err != nil {
		t.Fatal(err)
	}
	if one != again || !slices.Equal(a.Pix, b.Pix) {
		t.Error("one seed draws two signs")
	}
	texts := map[string]bool{}
	for seed := range uint64(40) {
		texts[smoke.NewSign(seed).Text()] = true
	}
	if len(texts) < 35 {
		t.Errorf("only %d signs of 40 seeds", len(texts))
	}
	s := smoke.Sign{Word: "HARBOR", Number: 47}
	for text, want := range map[string][]string{
		`The sign says "Harbor 47".`: {"text [HARBOR]", "text [47]"}, "It says harbor.": {"text [HARBOR]"}, "I see 47 things": {"text [47]"},
		"I can not see a sign.": {}, "": {},
	} {
		if got := s.Facts(text); !slices.Equal(got, want) {
			t.Errorf("%q states %q, want %q", text, got, want)
		}
	}
}
