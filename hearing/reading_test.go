package hearing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// TestReading: signs beside a name come from the ear that heard them, and what was said once stands
// there once.
func TestReading(t *testing.T) {
	for _, c := range []struct{ text, interim, want string }{
		{"I don't understand Iris.", "I don't understand, Iris.", "I don't understand, Iris."},
		{"White Blue Max.", "Why blue, Max?", "White Blue, Max."},
		{"Once more iris slowly.", "Once more, Iris slowly.", "Once more, iris slowly."},
		{"Look up Iris do you see it?", "Look up. Iris, do you see it?", "Look up, Iris, do you see it?"},
		{"I'm back everyone.", "I'm back, everyone.", "I'm back, everyone."},
		{"Max told Max so.", "Max, told, Max so.", "Max, told, Max so."},
		{"Ask Élan Iris  now.", "ask élan. iris;  now.", "Ask Élan, Iris,  now."},
		// A word that wants the name, a second name, none, part of a word, an end, or signs of its
		// own.
		{"Sorry about Max.", "Sorry about, Max.", "Sorry about Max."},
		{"What is it about Max?", "What is it about, Max?", "What is it about, Max?"},
		{"Iris or Max.", "Iris, Max. Max.", "Iris, or Max."},
		{"I like it.", "I like it, Iris.", "I like it."},
		{"The maximum is ten.", "The maximum, Max, is ten.", "The maximum is ten."},
		{"The Max's is ten.", "The, Max is ten.", "The Max's is ten."},
		{"Hello Max.", "Hello Max!", "Hello Max."},
		{"Hello, Max.", "Hello Max.", "Hello, Max."},
		{"", "", ""},
		{"Iris", "Iris,", "Iris"},
		// Repetitions.
		{"Max, convince me. Max, convince me. Max, convince me.", "Max convinced me.", "Max, convince me."},
		{"No. No. No.", "Go away.", "No. No. No."},
		{"Go on. Go on. Stop.", "Go on.", "Go on. Go on. Stop."},
		{"Go on. Go on", "Go on.", "Go on."},
		{"Go on.", "Go on.", "Go on."},
		{". . .", "", ". . ."},
		{"Go on now", "Go on now", "Go on now"},
	} {
		e := hearing.Evidence{Text: c.text, Interim: c.interim}
		if got := e.Reading([]string{"iris", "Max", ""}); got != c.want {
			t.Errorf("%q and %q: %q, want %q", c.text, c.interim, got, c.want)
		}
	}
}

// TestRepeatedClipIsNotTooFast: an engine that writes a short clip again and again is believed
// where the other ear heard it.
func TestRepeatedClipIsNotTooFast(t *testing.T) {
	e := hearing.Evidence{
		Text: strings.Repeat("Max, convince me. ", 8), Tokens: 40, AvgLogProb: -0.06, Voiced: 1120 * time.Millisecond, Voice: 0.96, Interim: "Max convinced me.",
	}
	if why := e.Doubt(); why != hearing.DoubtNone {
		t.Errorf("dismissed: %v", why)
	}
	if e.Interim = "Thank you."; e.Doubt() != hearing.DoubtTooFast {
		t.Errorf("with another ear that heard something else: %v", e.Doubt())
	}
}

// FuzzReading: only commas are added, and only sentences that are there again are taken away.
func FuzzReading(f *testing.F) {
	f.Add("I'm back Iris.", "I'm back, Iris.", "iris")
	f.Add("Go. Go. Go.", "Go.", "go")
	f.Add("\xffé Max\xfe", "é, Max,", "max")
	f.Fuzz(func(t *testing.T, text, interim, name string) {
		got := hearing.Evidence{Text: text, Interim: interim}.Reading([]string{name})
		bare := func(s string) string { return strings.ReplaceAll(s, ",", "") }
		if !strings.Contains(bare(text), bare(got)) {
			t.Errorf("%q became %q", text, got)
		}
	})
}
