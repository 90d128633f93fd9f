package interrupt_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/cognition/turn/interrupt"
)

// TestAsides: what counts is whether the answer was under way when the speaker fell silent, or was
// stopped by what they said.
func TestAsides(t *testing.T) {
	yes := interrupt.Evidence{Text: "Yes."}
	for _, c := range []struct {
		name                 string
		started, ended, last bool // the persona is answering then
		stopped              bool
		e                    interrupt.Evidence
		want                 bool
	}{
		{"yes, to nobody", false, false, false, false, yes, true},
		{"yes, over an answer", true, true, true, false, yes, false},
		{"yes, over an answer that ended meanwhile", true, true, false, false, yes, false},
		{"yes, and the answer ended before it did", true, false, false, false, yes, true},
		{"yes, which stopped the answer", true, false, false, true, yes, false},
		{"yes, before the answer to something else", false, false, true, false, yes, false},
		{"stop, over an answer", true, true, true, false, interrupt.Evidence{Text: "Stop."}, true},
		{"a misheard sure", true, true, true, false, interrupt.Evidence{Text: "share", Interim: "Sure.", Voiced: 400 * ms}, false},
		{"misheard in two words", true, true, true, false, interrupt.Evidence{Text: "a lot", Interim: "Uh-huh", Voiced: 400 * ms}, false},
		{"in three", true, true, true, false, interrupt.Evidence{Text: "a lot there", Interim: "Uh-huh", Voiced: 400 * ms}, true},
		{"a misheard sure, to nobody", false, false, false, false, interrupt.Evidence{Text: "share", Interim: "Sure.", Voiced: 400 * ms}, true},
		{"another word, heard by both", true, true, true, false, interrupt.Evidence{Text: "share", Interim: "Share", Voiced: 400 * ms}, true},
		{"another word, no witness", true, true, true, false, interrupt.Evidence{Text: "share", Voiced: 400 * ms}, true},
		{"a word that is a guess", true, true, true, false, interrupt.Evidence{Text: "chur", Interim: "Chur", AvgLogProb: -0.75, Voiced: 400 * ms}, false},
		{"two that are", true, true, true, false, interrupt.Evidence{Text: "chur light", Interim: "Chur light", AvgLogProb: -0.75, Voiced: 400 * ms}, false},
		{"two that are none", true, true, true, false, interrupt.Evidence{Text: "chur light", Interim: "Chur light", AvgLogProb: -0.7, Voiced: 400 * ms}, true},
		{"you're right, misheard by both", true, true, true, false, interrupt.Evidence{Text: "You're right.", Interim: "You're right.", AvgLogProb: -0.3, Voiced: 600 * ms}, false},
		{"a guess that lasts", true, true, true, false, interrupt.Evidence{Text: "chur", Interim: "Chur", AvgLogProb: -0.75, Voiced: 1200 * ms}, true},
		{"a word behind a backchannel", true, true, true, false, interrupt.Evidence{Text: "Yes, sir.", Interim: "Yes, sir.", AvgLogProb: -0.2, Voiced: 400 * ms}, false},
		{"a word behind I, which is none", true, true, true, false, interrupt.Evidence{Text: "I agree", Interim: "I agree", AvgLogProb: -0.2, Voiced: 400 * ms}, true},
		{"two behind one", true, true, true, false, interrupt.Evidence{Text: "Yes, old sir.", Interim: "Yes, old sir.", AvgLogProb: -0.2, Voiced: 400 * ms}, true},
		{"more than a backchannel", true, true, true, false, interrupt.Evidence{Text: "the left one there", Interim: "Yeah", Voiced: 400 * ms}, true},
		{"longer than one", true, true, true, false, interrupt.Evidence{Text: "share", Interim: "Sure.", Voiced: 1200 * ms}, true},
		{"no, which the fast ear missed", true, true, true, false, interrupt.Evidence{Text: "No.", Interim: "Oh.", Voiced: 400 * ms}, true},
	} {
		var o interrupt.Overlap
		o.Started(c.started)
		if c.stopped {
			o.Sustained(1200 * ms)
		}
		o.Ended(1, c.ended)
		if got := o.Asks(1, c.e, c.last); got != c.want {
			t.Errorf("%s: asks %v", c.name, got)
		}
	}
}

// TestAsidesAreKeptByTurn: the final transcript of a turn may come after the next has begun, or
// never.
func TestAsidesAreKeptByTurn(t *testing.T) {
	var o interrupt.Overlap
	yes := interrupt.Evidence{Text: "Yes."}
	aside := func(turn uint64) {
		o.Started(true)
		o.Ended(turn, true)
	}
	aside(1)
	o.Started(false)
	o.Ended(2, false)
	if !o.Asks(2, yes, false) || o.Asks(1, yes, false) {
		t.Error("turns are mixed up")
	}
	if !o.Asks(1, yes, false) {
		t.Error("an aside counts twice")
	}
	aside(3)
	o.Dismissed(3)
	if !o.Asks(3, yes, false) {
		t.Error("a dismissed turn is kept")
	}
	for turn := range uint64(100) {
		aside(turn)
	}
	for turn := range uint64(100) {
		if got, want := o.Asks(turn, yes, false), turn < 84; got != want {
			t.Errorf("turn %d asks %v: the last 16 are kept", turn, got)
		}
	}
}

// TestOverlapNeverRestoresWhatItStopped: whatever happens, a stop is not followed by a change of
// volume within the turn.
func TestOverlapNeverRestoresWhatItStopped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var o interrupt.Overlap
		o.Started(true)
		ducked, stopped := false, false
		for i, step := range rapid.SliceOf(rapid.IntRange(0, 4)).Draw(t, "steps") {
			var got interrupt.Action
			switch step {
			case 0:
				got = o.Sustained(128 * ms)
			case 1:
				got = o.Sustained(1200 * ms)
			case 2:
				got = o.Words(time.Duration(i)*64*ms, "stop", 0)
			case 3:
				got = o.Words(time.Duration(i)*64*ms, "yes", 0)
			case 4:
				got = o.Words(time.Duration(i)*64*ms, "blue", -1)
			}
			switch got {
			case interrupt.Duck:
				if ducked || stopped {
					t.Fatal("lowered twice, or after a stop")
				}
				ducked = true
			case interrupt.Stop:
				stopped = true
			case interrupt.Restore:
				t.Fatal("restored while somebody speaks")
			case interrupt.Nothing:
			}
		}
		if got, want := o.Ended(1, !stopped) == interrupt.Restore, ducked && !stopped; got != want {
			t.Fatalf("restored: %v, want %v", got, want)
		}
	})
}

func TestBackchannel(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"", true},
		{"…", true},
		{"Mm-hmm.", true},
		{"Uh-huh!", true},
		{"Oh. Ah, M-H-M.", true},
		{"Yes.", true},
		{"I see", true},
		{"All right, okay", true},
		{"Of course.", true},
		{"of", false},
		{"Yes, of course of course.", true},
		{"No.", false},
		{"two", false},
		{"2", false},
		{"I see it", false},
		{"да", false},
		{"it’s", false},
	} {
		if got := interrupt.Backchannel(c.text); got != c.want {
			t.Errorf("%q a backchannel: %v", c.text, got)
		}
	}
}

func TestActionsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for a := interrupt.Nothing; a <= interrupt.Stop+1; a++ {
		if name := a.String(); seen[name] || name == "" || (name == "unknown") != (a > interrupt.Stop) {
			t.Errorf("%d is %q", a, name)
		}
		seen[a.String()] = true
	}
}

func FuzzWords(f *testing.F) {
	f.Add("Okay, stop", float32(-0.5))
	f.Add("\xff I I'M", float32(0))
	f.Fuzz(func(t *testing.T, text string, sure float32) {
		var o interrupt.Overlap
		o.Started(true)
		action := o.Words(0, text, sure)
		if interrupt.Backchannel(text) && action != interrupt.Nothing {
			t.Errorf("a backchannel: %v", action)
		}
	})
}
