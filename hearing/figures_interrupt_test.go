package hearing_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn/interrupt"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/installed"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/internal/sounds"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// said is something that is said over an answer.
type said struct {
	text  string
	tells string // the first words of it that tell an interruption; empty for a backchannel
	hum   int    // notes of a closed mouth instead
}

func backchannels() []said {
	var all []said
	words := "yes|oh okay|yes yes|right|uh huh|okay|yeah|I see|sure|oh|ah|yep|oh yeah|yeah yeah|okay okay|right right|" +
		"oh I see|yes okay|ah okay|all right|good|great|yes sure|okay good"
	if scripted.HeldOut() {
		words = "yes right|oh right|ah yes|oh good|okay great|sure sure|yeah okay|ah I see|oh great|yeah right|okay sure|good good|" +
			"yes I see|right okay|oh sure|yep yep|uh huh yes|okay yeah|oh yes|great great|ah right|ah good|yeah sure|all right okay"
	}
	for text := range strings.SplitSeq(words, "|") {
		all = append(all, said{text: text + "."})
	}
	return append(all, said{text: "mm", hum: 1}, said{text: "mhm", hum: 2}, said{text: "mm-hm-hm", hum: 3})
}

func interruptions() []said {
	var all []said
	words := "[stop]|[wait] a moment|[no], the other one|[no]|[wait]|[hold on]|[stop] it|[be quiet]|[what about] the red one?|" +
		"[sorry], I meant the left one|[excuse] me|[that is wrong]|[no] no no|[can you] say that again?|[yes, but what] about the blue one?|" +
		"[okay, stop]|[one question]|[enough]|[I have a] question|[not that] one|[hang on] a second|[what is] on the right?|" +
		"[thank you], that is enough|[who is] that?|[let me] ask something else|[hey, listen]|[pause]|[okay so what] is behind it?"
	if scripted.HeldOut() {
		words = "[please stop]|[wait wait]|[no], not that|[stop] talking|[quiet] please|[what colour] is the other one?|[sorry], what was that?|" +
			"[excuse] me, one thing|[that is not] what I asked|[can you] start again?|[but why] is it there?|[hold on] please|[I asked] about the circle|" +
			"[never mind]|[tell me] about the green one|[how many] are there?|[where is] the square?|[not now]|[let us] talk about lunch|" +
			"[listen] to me|[one moment]|[I do not] understand|[you are] wrong|[who said] that?|[change] the subject|[just a] second|" +
			"[okay, but] what about me?|[thanks], I know"
	}
	for text := range strings.SplitSeq(words, "|") {
		begin, rest, _ := strings.Cut(strings.TrimPrefix(text, "["), "]")
		whole := begin + rest
		if !strings.HasSuffix(whole, "?") {
			whole += "."
		}
		all = append(all, said{text: whole, tells: begin + "."})
	}
	return all
}

// outcome is what became of an answer that somebody spoke over.
type outcome struct {
	stopped   time.Duration // media time at which the persona fell silent, 0 when it went on
	by        string        // what stopped it
	asked     bool          // it was taken for a question
	oldStop   bool          // the rule before this one would have stopped it: half a second of voice, or any other word
	dismissed bool
}

// overlapped speaks over an answer that never ends and reports what happens.
func overlapped(t *testing.T, ears installed.Ears, pcm []float32) (out outcome) {
	var o interrupt.Overlap
	stop := func(at time.Duration, by string) {
		if out.stopped == 0 {
			out.stopped, out.by = at, by
		}
	}
	ears.Hear(t, pcm, func(l *hearing.Listener, event hearing.Event, at time.Duration) {
		l.Alert(out.stopped == 0)
		switch e := event.(type) {
		case hearing.SpeechStarted:
			o.Started(out.stopped == 0)
		case hearing.SpeechSustained:
			out.oldStop = out.oldStop || e.Voiced >= interrupt.BlindStop
			if o.Sustained(e.Voiced) == interrupt.Stop {
				stop(at, "voice")
			}
		case hearing.Interim:
			out.oldStop = out.oldStop || !interrupt.Backchannel(e.Text)
			if o.Words(e.Text, e.AvgLogProb) == interrupt.Stop {
				stop(at, e.Text)
			}
		case hearing.EndOfTurn:
			o.Ended(e.Turn, out.stopped == 0)
		case hearing.Final:
			if o.Asks(e.Turn, interrupt.Evidence{
				Text: e.Evidence.Text, AvgLogProb: e.Evidence.AvgLogProb, Voiced: e.Evidence.Voiced, Interim: e.Evidence.Interim,
			}, out.stopped == 0) {
				out.asked = true
				stop(at, "final: "+e.Text)
			}
		case hearing.Dismissed:
			out.dismissed = true
			o.Dismissed(e.Turn)
		}
	})
	return out
}

// TestFiguresInterruptions speaks backchannels and interruptions over an answer, with four voices, and reports how many stop it and how
// soon. Times are media time, from the end of the word that tells an interruption to the moment at which the voice is switched off.
func TestFiguresInterruptions(t *testing.T) {
	if os.Getenv("SENSORY_AGENT_FIGURES") == "" {
		t.Skip("SENSORY_AGENT_FIGURES is not set: this takes minutes")
	}
	rt := installed.Runtime(t)
	ears := installed.OpenEars(t, rt)
	piper := scripted.OpenPiper(t, rt, testmodels.Path(t, "piper-en_US-joe-medium", "en_US-joe-medium.onnx"))
	voices := scripted.Cast(piper)
	const before = 960 * time.Millisecond
	var stops, backs, oldStops, asked, missed, all int
	var waits, sinceStart []time.Duration
	for name, speak := range voices {
		for i, s := range append(backchannels(), interruptions()...) {
			speech := []float32(nil)
			if s.hum > 0 {
				speech = sounds.Hum(scripted.Seed(uint64(10*i+len(name))), s.hum)
			} else {
				speech = speak(t, s.text)
			}
			pcm := scripted.Join(scripted.Noise(before, 0.0005, 1), sounds.Level(speech, -22), scripted.Noise(1500*time.Millisecond, 0.0005, 2))
			got := overlapped(t, ears, pcm)
			if s.tells == "" {
				backs++
				if got.oldStop {
					oldStops++
				}
				if got.asked {
					asked++
				}
				if got.stopped > 0 {
					stops++
					t.Logf("%s %q stopped it at %v: %s", name, s.text, got.stopped-before, got.by)
				}
				continue
			}
			all++
			if got.stopped == 0 {
				missed++
				t.Logf("%s %q did not stop it; dismissed: %v", name, s.text, got.dismissed)
				continue
			}
			told := before + time.Duration(len(speak(t, s.tells)))*time.Second/hearing.SampleRate
			waits, sinceStart = append(waits, got.stopped-told), append(sinceStart, got.stopped-before)
			if got.stopped-told > 300*time.Millisecond {
				t.Logf("%s %q stopped it after %v: %s", name, s.text, got.stopped-told, got.by)
			}
		}
	}
	slices.Sort(waits)
	slices.Sort(sinceStart)
	at := func(d []time.Duration, share float64) time.Duration {
		return d[int(share*float64(len(d)-1))].Round(time.Millisecond)
	}
	t.Logf("backchannels: %d, stopped %d (before: %d), asked %d", backs, stops, oldStops, asked)
	t.Logf("interruptions: %d, missed %d; silence after the word that tells: p50 %v, p95 %v; after the first sound: p50 %v, p95 %v",
		all, missed, at(waits, 0.5), at(waits, 0.95), at(sinceStart, 0.5), at(sinceStart, 0.95))
	if stops*50 > backs || asked*50 > backs || missed*50 > all || at(waits, 0.95) > 300*time.Millisecond {
		t.Error("more than 2 % of either, or later than 300 ms")
	}
}
