package hearing_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/hearing"
)

func TestAgreement(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"", "", 0},
		{"yes", "", 0},
		{"...", "yes", 0},
		{"Yes.", "yes", 1},
		{"water", "Water water water water", 1},
		{"What colour is the large triangle?", "what colour", 1},
		{"2", "Two.", 1},
		{"10, 11 and 12", "ten eleven and twelve", 1},
		{"0 1 3 4 5 6 7 8 9", "zero one three four five six seven eight nine", 1},
		{"mandi", "Mandy.", 0.8},
		{"Dumber", "Never.", 0.2},
		{"abcd", "xyzw", 0},
		{"The", "This is a tradition", 0},
		{"they", "then", 0.75},
		{"ab", "xxab", 0}, // it is the beginning that counts
	} {
		if got := hearing.Agreement(c.a, c.b); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%q and %q: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

// TestAgreementIsAShare: between 0 and 1, the same both ways, 1 for a text and its beginning, and
// bounded in time by how much is compared.
func TestAgreementIsAShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.StringOf(rapid.RuneFrom([]rune("abcé 12,.'"))).Draw(t, "a"), rapid.String().Draw(t, "b")
		got := hearing.Agreement(a, b)
		if got < 0 || got > 1 || got != hearing.Agreement(b, a) {
			t.Errorf("%v, the other way %v", got, hearing.Agreement(b, a))
		}
		if both := hearing.Agreement(a+"x", a+"x"+b); both != 1 {
			t.Errorf("a text and its beginning: %v", both)
		}
	})
}

func FuzzDoubt(f *testing.F) {
	f.Add("Thank you.", "Okay", float32(-0.7), float32(0.5), int64(96))
	f.Add("Hehehe", "", float32(0), float32(1), int64(-1))
	f.Add("1 2 3\xff", "one", float32(math.Inf(-1)), float32(0), int64(1<<40))
	f.Fuzz(func(t *testing.T, text, interim string, avgLogProb, voice float32, voiced int64) {
		e := heard(text, avgLogProb, 0, voice, 0, interim)
		e.Voiced = time.Duration(voiced)
		if why := e.Doubt(); why.String() == "unknown" || why != e.Doubt() {
			t.Errorf("%v", why)
		}
	})
}

// TestAgreementCountsChanges: as many letters of the shorter text as need no change, against the
// best beginning of the longer one.
func TestAgreementCountsChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		short := rapid.StringMatching(`[abc]{4,5}`).Draw(t, "short")
		long := rapid.StringMatching(`[abc]{4,7}`).Draw(t, "long")
		if len(short) > len(long) {
			short, long = long, short
		}
		least := changes(short, long)
		if len(short) < len(long) {
			for n := range long {
				least = min(least, changes(short, long[:n]))
			}
		}
		if got, want := hearing.Agreement(short, long), 1-float64(least)/float64(len(short)); math.Abs(got-want) > 1e-9 {
			t.Fatalf("%q and %q: %v, want %v", short, long, got, want)
		}
	})
}

// changes is how many letters have to be changed, added or taken away to make b of a.
func changes(a, b string) int {
	switch {
	case a == "":
		return len(b)
	case b == "":
		return len(a)
	case a[0] == b[0]:
		return changes(a[1:], b[1:])
	}
	return 1 + min(changes(a[1:], b[1:]), changes(a[1:], b), changes(a, b[1:]))
}
