package hearing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn/interrupt"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/internal/sounds"
)

// said is something that is said over an answer.
type said struct {
	text  string
	tells string // the first words of it that tell an interruption; empty for a backchannel
	hum   int    // notes of a closed mouth instead
}

func backchannels() []said {
	var all []said
	words := scripted.Choose(
		"yes|oh okay|yes yes|right|uh huh|okay|yeah|I see|sure|oh|ah|yep|oh yeah|yeah yeah|okay okay|right right|"+
			"oh I see|yes okay|ah okay|all right|good|great|yes sure|okay good",
		"yes right|oh right|ah yes|oh good|okay great|sure sure|yeah okay|ah I see|oh great|yeah right|okay sure|good good|"+
			"yes I see|right okay|oh sure|yep yep|uh huh yes|okay yeah|oh yes|great great|ah right|ah good|yeah sure|all right okay",
		"ah|oh sure sure|yes of course|okay then|hmm|mm right|yeah I see|oh nice|okay cool|yes exactly|sure okay|I see I see|"+
			"right yeah|oh wow|all right then|ah sure|yep okay|uh huh okay|good okay|oh really|yeah yes|okay fine|ah nice|right yes",
	)
	for text := range strings.SplitSeq(words, "|") {
		all = append(all, said{text: text + "."})
	}
	return append(all, said{text: "mm", hum: 1}, said{text: "mhm", hum: 2}, said{text: "mm-hm-hm", hum: 3})
}

func interruptions() []said {
	var all []said
	words := scripted.Choose(
		"[stop]|[wait] a moment|[no], the other one|[no]|[wait]|[hold on]|[stop] it|[be quiet]|[what about] the red one?|"+
			"[sorry], I meant the left one|[excuse] me|[that is wrong]|[no] no no|[can you] say that again?|[yes, but what] about the blue one?|"+
			"[okay, stop]|[one question]|[enough]|[I have a] question|[not that] one|[hang on] a second|[what is] on the right?|"+
			"[thank you], that is enough|[who is] that?|[let me] ask something else|[hey, listen]|[pause]|[okay so what] is behind it?",
		"[please stop]|[wait wait]|[no], not that|[stop] talking|[quiet] please|[what colour] is the other one?|[sorry], what was that?|"+
			"[excuse] me, one thing|[that is not] what I asked|[can you] start again?|[but why] is it there?|[hold on] please|[I asked] about the circle|"+
			"[never mind]|[tell me] about the green one|[how many] are there?|[where is] the square?|[not now]|[let us] talk about lunch|"+
			"[listen] to me|[one moment]|[I do not] understand|[you are wrong]|[who said] that?|[change] the subject|[just a] second|"+
			"[okay, but] what about me?|[thanks], I know",
		"[stop] please|[wait], what?|[no], I said blue|[hold on] a moment|[be quiet] now|[what is] the time?|[sorry], which one?|"+
			"[excuse] me please|[that is wrong], I think|[can you] speak slower?|[yes, but why] is it red?|[okay, wait]|[another question]|[that is enough]|"+
			"[I want] to ask something|[not the] second one|[hang on] please|[where did] you see it?|[thank you], enough|[who are] these people?|"+
			"[let me] think|[listen] please|[give me] a moment|[we should] talk about dinner|[how far] is it?|[forget] it|[my phone] is ringing|[right, but when] was that?",
	)
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
	dismissed bool
}

// overlapped judges a take in which somebody speaks over an answer that never ends.
func overlapped(t *testing.T, k take) (out outcome) {
	t.Helper()
	var o interrupt.Overlap
	stop := func(at time.Duration, by string) {
		if out.stopped == 0 {
			out.stopped, out.by = at, by
		}
	}
	for _, m := range k.Moments {
		switch m.What {
		case "SpeechStarted":
			o.Started(out.stopped == 0)
		case "SpeechSustained":
			e := as[hearing.SpeechSustained](t, m)
			if o.Sustained(e.Voiced) == interrupt.Stop {
				stop(m.At, "voice")
			}
		case "Interim":
			e := as[hearing.Interim](t, m)
			if o.Words(m.At, e.Text, e.AvgLogProb) == interrupt.Stop {
				stop(m.At, e.Text)
			}
		case "EndOfTurn":
			o.Ended(as[hearing.EndOfTurn](t, m).Utterance, out.stopped == 0)
		case "Final", "Dismissed":
			e := as[hearing.Final](t, m)
			if e.Evidence.Doubt() != hearing.DoubtNone {
				out.dismissed = true
				o.Dismissed(e.Utterance)
				continue
			}
			if o.Asks(e.Utterance, interrupt.Evidence{
				Text: e.Evidence.Text, AvgLogProb: e.Evidence.AvgLogProb, Voiced: e.Evidence.Voiced, Interim: e.Evidence.Interim,
			}, out.stopped == 0) {
				out.asked = true
				stop(m.At, "final: "+e.Evidence.Text)
			}
		}
	}
	return out
}

// overlaps has everybody say backchannels and interruptions over an answer.
func (s *studio) overlaps() (takes []take) {
	if s.replay != nil {
		return s.again(func(kind string) bool { return kind == "backchannel" || kind == "interruption" })
	}
	const before = 960 * time.Millisecond
	for _, who := range s.cast() {
		for i, say := range append(backchannels(), interruptions()...) {
			k := take{Kind: "backchannel", Name: who.Name + " " + say.text, Begins: before}
			var speech []float32
			if say.hum > 0 {
				speech = sounds.Hum(scripted.Seed(uint64(10*i+len(who.Name))), say.hum)
			} else {
				speech = who.Say(s.t, say.text)
			}
			if say.tells != "" {
				k.Kind = "interruption"
				k.Tells = before + time.Duration(len(who.Say(s.t, say.tells)))*time.Second/hearing.SampleRate
			}
			level := scripted.Choose(-22.0, -22, -26)
			pcm := scripted.Join(scripted.Noise(before, roomTone, 1), sounds.Level(speech, level), scripted.Noise(1500*time.Millisecond, roomTone, 2))
			takes = append(takes, s.hear(k, pcm, true))
		}
	}
	return takes
}

// TestFiguresInterruptions speaks backchannels and interruptions over an answer, with four voices,
// and reports how many stop it and how soon. Times are media time, from the end of the word that
// tells an interruption to the moment at which the voice is switched off.
func TestFiguresInterruptions(t *testing.T) {
	var stops, backs, asked, missed, all int
	var waits, sinceStart []time.Duration
	for _, k := range openStudio(t).overlaps() {
		got := overlapped(t, k)
		if k.Kind == "backchannel" {
			backs++
			if got.asked {
				asked++
			}
			if got.stopped > 0 {
				stops++
				t.Logf("%s stopped it at %v: %s", k.Name, got.stopped-k.Begins, got.by)
			}
			continue
		}
		all++
		if got.stopped == 0 {
			missed++
			t.Logf("%s did not stop it; dismissed: %v", k.Name, got.dismissed)
			continue
		}
		waits, sinceStart = append(waits, got.stopped-k.Tells), append(sinceStart, got.stopped-k.Begins)
		if got.stopped-k.Tells > 300*time.Millisecond {
			t.Logf("%s stopped it after %v: %s", k.Name, got.stopped-k.Tells, got.by)
		}
	}
	if all == 0 || backs == 0 {
		t.Fatalf("%d interruptions, %d backchannels", all, backs)
	}
	slices.Sort(waits)
	slices.Sort(sinceStart)
	at := func(d []time.Duration, share float64) time.Duration {
		return d[int(share*float64(len(d)-1))].Round(time.Millisecond)
	}
	t.Logf("backchannels: %d, stopped %d, asked %d", backs, stops, asked)
	t.Logf("interruptions: %d, missed %d; silence after the word that tells: p50 %v, p95 %v; after the first sound: p50 %v, p95 %v",
		all, missed, at(waits, 0.5), at(waits, 0.95), at(sinceStart, 0.5), at(sinceStart, 0.95))
	if stops*50 > backs || asked*50 > backs || missed*50 > all || at(waits, 0.95) > 300*time.Millisecond {
		t.Error("more than 2 % of either, or later than 300 ms")
	}
}
