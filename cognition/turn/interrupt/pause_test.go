package interrupt_test

import (
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn/interrupt"
)

// TestABackchannelIsLetGoInItsPause: where the fast ear has heard all of it, and nothing else.
func TestABackchannelIsLetGoInItsPause(t *testing.T) {
	for name, c := range map[string]struct {
		words []string // each 60 ms after the one before, from 200 ms on
		fell  time.Duration
		late  string // behind the pause
		want  interrupt.Action
	}{
		"yeah":                    {[]string{"Yeah", "Yeah."}, 300 * ms, "", interrupt.Restore},
		"nothing was read":        {nil, 300 * ms, "", interrupt.Nothing},
		"only the beginning was":  {[]string{"Yeah"}, 301 * ms, "", interrupt.Nothing},
		"the rest is read later":  {[]string{"Yeah"}, 400 * ms, "Yeah, right.", interrupt.Restore},
		"the rest says otherwise": {[]string{"Yeah"}, 400 * ms, "Yeah, but what", interrupt.Nothing},
		"words":                   {[]string{"The red one"}, 200 * ms, "", interrupt.Nothing},
	} {
		var o interrupt.Overlap
		o.Started(true)
		if a := o.Sustained(interrupt.DuckAfter); a != interrupt.Duck || !o.Over() || !o.Speaks() {
			t.Fatalf("%v", a)
		}
		at := 200 * ms
		for _, w := range c.words {
			if a := o.Words(at, w, -0.3); a != interrupt.Nothing {
				t.Errorf("%s: %v while it is said", name, a)
			}
			at += 60 * ms
		}
		got := o.Paused(c.fell)
		if c.late != "" {
			if got != interrupt.Nothing {
				t.Errorf("%s: %v too early", name, got)
			}
			got = o.Words(c.fell, c.late, -0.3)
		}
		if got != c.want || o.Over() != (c.want == interrupt.Nothing) {
			t.Errorf("%s: %v, want %v; over: %v", name, got, c.want, o.Over())
		}
		wantAgain := interrupt.Nothing
		if c.want == interrupt.Restore {
			wantAgain = interrupt.Duck
		}
		if a := o.Resumed(); a != wantAgain || !o.Over() {
			t.Errorf("%s: %v when the speaker goes on, want %v", name, a, wantAgain)
		}
		if o.Ended(1, true); o.Speaks() || o.Over() {
			t.Errorf("%s: it goes on for ever", name)
		}
	}
}

// TestLengthsAreSettable: a voice has an answer give way, and stops it where nobody reads, when it
// is told to.
func TestLengthsAreSettable(t *testing.T) {
	o := interrupt.Overlap{Duck: 96 * ms, Stop: 300 * ms, Blind: true}
	o.Started(true)
	for voiced, want := range map[time.Duration]interrupt.Action{95 * ms: interrupt.Nothing} {
		if got := o.Sustained(voiced); got != want {
			t.Errorf("%v: %v", voiced, got)
		}
	}
	if a, b := o.Sustained(96*ms), o.Sustained(300*ms); a != interrupt.Duck || b != interrupt.Stop || !o.Over() {
		t.Errorf("%v, %v", a, b)
	}
}

func TestInsists(t *testing.T) {
	for text, want := range map[string]bool{
		"Stop.": true, "Be quiet, please!": true, "wait wait": true, "Okay, that's enough": true, "Hush": true,
		"": false, "Yes.": false, "Where does the bus stop?": false, "Stop?": false, "The bus stop is over there, you see": false, "Waiting": false,
	} {
		if got := interrupt.Insists(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestWaits(t *testing.T) {
	for text, want := range map[string]bool{
		"Wait.": true, "One moment, please.": true, "Okay, hold on": true, "just a second": true, "Sorry, give me a minute.": true, "um wait": true, "hang on for me": true,
		"": false, "Please.": false, "Wait, what is that?": false, "One moment?": false, "Wait for the bus": false, "I waited": false, "Stop.": false,
	} {
		if got := interrupt.Waits(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// TestInsisted: short words that the accurate ear did not understand, as the fast one did.
func TestInsisted(t *testing.T) {
	for name, c := range map[string]struct {
		fast  string
		sure  float32
		times int
		final string
		want  bool
	}{
		"both":                         {"Wait.", -0.3, 9, "way", true},
		"nothing is certain":           {"Wait a moment.", -0.1, 9, "", true},
		"nothing, and hardly that":     {"Not blood,", -1, 12, "", false},
		"the accurate ear is at peace": {"Not sure.", -0.3, 9, "Yeah, sure.", false},
		"neither is":                   {"In life.", -0.7, 12, "been worth", true},
		"only the fast one":            {"In life.", -0.7, 12, "", false},
		"too short":                    {"Wait.", -0.3, 1, "way", false},
		"the fast ear is":              {"Yes, right.", -0.3, 9, "Iris, write", false},
	} {
		var o interrupt.Overlap
		o.Started(true)
		o.Sustained(interrupt.DuckAfter)
		for i := range c.times {
			o.Words(time.Duration(200+60*i)*ms, c.fast, c.sure)
		}
		o.Ended(1, true)
		if got := o.Insisted(c.final); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
