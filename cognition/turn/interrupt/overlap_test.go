package interrupt_test

import (
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn/interrupt"
)

const ms = time.Millisecond

// hear has the ear understand the same again and again, as often as it does while it listens for
// single words, until that stops the answer; it returns after how many transcripts, 100 at most.
func hear(o *interrupt.Overlap, from time.Duration, text string, avgLogProb float32) int {
	for n := 1; n < 100; n++ {
		if o.Words(from+time.Duration(n)*64*ms, text, avgLogProb) == interrupt.Stop {
			return n
		}
	}
	return 100
}

// TestBackchannelsDoNotStopAnAnswer: half a second and a second of them lower the voice and no
// more, and they ask nothing.
func TestBackchannelsDoNotStopAnAnswer(t *testing.T) {
	for _, text := range []string{"yes", "Oh, okay.", "Yes, yes.", "Mm-hmm.", "I see.", "Uh-huh, right.", "Bright.", "yeah yeah yeah"} {
		var o interrupt.Overlap
		o.Started(true)
		for _, step := range []struct {
			voiced time.Duration
			want   interrupt.Action
		}{{60 * ms, interrupt.Nothing}, {128 * ms, interrupt.Duck}, {500 * ms, interrupt.Nothing}, {1199 * ms, interrupt.Nothing}} {
			if got := o.Sustained(step.voiced); got != step.want {
				t.Errorf("%q for %v: %v, want %v", text, step.voiced, got, step.want)
			}
			for range 20 {
				if got := o.Words(step.voiced, text, -0.1); got != interrupt.Nothing {
					t.Errorf("%q: %v", text, got)
				}
			}
		}
		if got := o.Ended(7, true); got != interrupt.Restore {
			t.Errorf("%q is over: %v, want full voice again", text, got)
		}
		if o.Asks(7, interrupt.Evidence{Text: text}, true) {
			t.Errorf("%q is asked", text)
		}
	}
}

// TestInterruptionsStopAnAnswer: the words that interruptions begin with when they are heard again,
// others when the ear keeps hearing such.
func TestInterruptionsStopAnAnswer(t *testing.T) {
	for _, c := range []struct {
		text  string
		sure  float32
		after int // transcripts
	}{
		{"Stop.", -0.3, 2},
		{"No, the other", -0.3, 2},
		{"What", -0.4, 2},
		{"What", -0.5, 2},
		{"What", -0.7, 3},
		{"What's that", -0.3, 2},
		{"Wait", -1.6, 5},
		{"wait", -9, 17},
		{"wait", -2.2, 17},
		{"wait", -2, 9},
		{"Okay, stop", -0.3, 2},
		{"yes, but what", -0.3, 2},
		{"so why", -0.3, 2},
		{"the what", -0.3, 6},
		{"blue", 0, 6},
		{"blue", -0.4, 6},
		{"blue", -1, 8},
		{"yes blue", -0.1, 100},
		{"yes, green and blue", -0.1, 6},
		{"You're right", -0.1, 100},
		{"you're right there", -0.1, 100},
		{"I'd good", -0.1, 100},
		{"Good goat goat goat", -0.1, 100},
		{"goat goat", -0.1, 6},
		{"I have a question", -0.3, 2},
		{"That is wrong", -0.3, 2},
		{"you have that", -0.1, 100},
		{"that's what", -0.1, 6},
		{"don't", -0.1, 6},
		{"Of what?", -0.1, 6},
		{"Of course", -0.1, 100},
		{"of the course", -0.1, 100},
	} {
		var o interrupt.Overlap
		o.Started(true)
		if n := hear(&o, 0, c.text, c.sure); n != c.after {
			t.Errorf("%q, sure to %v: stopped by transcript %d, want %d", c.text, c.sure, n, c.after)
		}
	}
}

// TestOneTranscriptStopsNothing: however sure the ear is, however long it has not been asked, and
// whatever the clock says.
func TestOneTranscriptStopsNothing(t *testing.T) {
	var o interrupt.Overlap
	o.Started(true)
	if o.Words(time.Hour, "Stop.", 0) == interrupt.Stop {
		t.Error("the first")
	}
	o.Words(time.Hour, "yes", 0)
	if o.Words(2*time.Hour, "Stop.", 0) == interrupt.Stop {
		t.Error("one behind a backchannel")
	}
	if o.Words(time.Hour, "Stop.", 0) == interrupt.Stop {
		t.Error("a clock that goes back counts")
	}
	if o.Words(time.Hour+16*ms, "Stop.", 0) == interrupt.Stop {
		t.Error("16 ms are enough")
	}
	if o.Words(time.Hour+17*ms, "Stop.", 0) != interrupt.Stop {
		t.Error("17 ms are not")
	}
}

// TestDoubtsEnd: what was misheard does not add up over backchannels, and not over utterances.
func TestDoubtsEnd(t *testing.T) {
	var o interrupt.Overlap
	o.Started(true)
	for i := range 50 {
		for j, text := range []string{"blue", "blue", "blue", "yes"} {
			if o.Words(time.Duration(4*i+j)*64*ms, text, -0.1) != interrupt.Nothing {
				t.Fatal("it adds up")
			}
		}
	}
	o.Started(true)
	o.Words(0, "blue", -0.1)
	o.Words(90*ms, "blue", -0.1)
	o.Words(180*ms, "blue", -0.1)
	o.Started(true)
	if n := hear(&o, 200*ms, "blue", -0.1); n != 6 {
		t.Errorf("it outlives the utterance: %d", n)
	}
}

func TestVoiceAloneStopsInTheEnd(t *testing.T) {
	var o interrupt.Overlap
	o.Started(true)
	if got := o.Sustained(1200 * ms); got != interrupt.Stop {
		t.Errorf("%v", got)
	}
	if got := o.Sustained(128 * ms); got != interrupt.Nothing {
		t.Errorf("a silent voice is lowered: %v", got)
	}
	blind := interrupt.Overlap{Blind: true}
	blind.Started(true)
	if duck, stop := blind.Sustained(499*ms), blind.Sustained(500*ms); duck != interrupt.Duck || stop != interrupt.Stop {
		t.Errorf("without a fast ear: %v, then %v", duck, stop)
	}
}

func TestShortOverlapIsForgotten(t *testing.T) {
	var o interrupt.Overlap
	if got := o.Ended(1, true); got != interrupt.Nothing {
		t.Errorf("nothing happened, got %v", got)
	}
	o.Started(true)
	o.Sustained(128 * ms)
	if got := o.Sustained(300 * ms); got != interrupt.Nothing {
		t.Errorf("lowered twice: %v", got)
	}
	if first, second := o.Ended(2, true), o.Ended(3, true); first != interrupt.Restore || second != interrupt.Nothing {
		t.Errorf("%v, then %v", first, second)
	}
}
