package hearing_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/internal/sounds"
	"github.com/sensory-agent/sensory-agent/hearing/wer"
)

// shortAnswers returns what people answer in a word or two, separated by bars.
func shortAnswers() string {
	return scripted.Choose(
		"yes|no|two|stop|seven|Anna|Peter|green|blue|the left one|three|maybe|never|wait|hello|help|next|again|why?|who?|"+
			"red|ten|eight|London|Monday|tomorrow|left|right|go on|thank you|okay|sure|not yet|both|none|here|five|one|water|coffee|Maria|David|"+
			"continue|repeat that|louder|nothing|bye|please|yesterday|the red one",
		"yes|no|two|stop|four|six|Julia|Thomas|black|white|the right one|twelve|always|perhaps|hi|pause|more|later|how?|where?|when?|"+
			"yellow|nine|zero|Paris|Friday|today|up|down|keep going|thanks|fine|of course|I do|either|all of them|there|twenty|fire|tea|sugar|"+
			"Sarah|Michael|start over|say it again|something|good morning|excuse me|last week|the small one",
		"one|yeah|nope|three|wait|eleven|Emma|Robert|brown|orange|the last one|fifteen|sometimes|no way|hey|play|less|now|which?|what?|"+
			"purple|thirty|six|Berlin|Sunday|tonight|inside|above|carry on|cheers|great|true|he does|I think so|some of them|outside|forty|bread|milk|"+
			"Laura|Daniel|go back|try again|everything|good night|no thanks|next year|the big one|a cat|under it",
	)
}

// answers has everybody say short answers softly.
func (s *studio) answers() (takes []take) {
	if s.replay != nil {
		return s.again(func(kind string) bool { return kind == "answer" })
	}
	cast := s.cast()
	for text := range strings.SplitSeq(shortAnswers(), "|") {
		if !strings.HasSuffix(text, "?") {
			text += "."
		}
		for _, who := range cast {
			const before = time.Second
			room := float32(scripted.Choose(roomTone, roomTone, 2*roomTone))
			pcm := laid(sounds.Level(who.Say(s.t, text), scripted.Choose(-30.0, -30, -27)), room)
			pcm = scripted.Join(scripted.Noise(before, room, 1), pcm, scripted.Noise(1500*time.Millisecond, room, 2))
			takes = append(takes, s.hear(take{Kind: "answer", Name: who.Name + " " + text, Begins: before}, pcm, false))
		}
	}
	return takes
}

// TestFiguresShortAnswers says short answers softly, −30 dBFS, with four voices, and counts those
// that are not answered. Wanted is at most one in a hundred.
func TestFiguresShortAnswers(t *testing.T) {
	lost, all := 0, 0
	for _, k := range openStudio(t).answers() {
		all++
		answered := false
		for _, v := range k.verdicts(t) {
			answered = answered || v.why == hearing.DoubtNone
			if v.why != hearing.DoubtNone {
				t.Logf("%s dismissed: %v, heard as %q", k.Name, v.why, v.Text)
			}
		}
		if !answered {
			lost++
		}
	}
	t.Logf("%d answers: %d lost, %.1f %%", all, lost, 100*float64(lost)/float64(all))
	if all == 0 || lost > int(math.Floor(0.01*float64(all))) {
		t.Error("more than 1 % lost")
	}
}

// sentences has two voices say the sentences that word errors are counted with, in a quiet room and
// 10 dB above the hiss of a fan.
func (s *studio) sentences() (takes []take) {
	if s.replay != nil {
		return s.again(func(kind string) bool { return kind == "sentence" })
	}
	for i, text := range wer.Sentences() {
		speech := sounds.Level(scripted.Flite(s.t, []string{"slt", "rms"}[i%2], text, 0.9), -26)
		pcm := scripted.Join(scripted.Silence(time.Second), speech, scripted.Silence(1500*time.Millisecond))
		if i%4 >= 2 {
			for j, x := range scripted.Noise(time.Duration(len(pcm))*time.Second/hearing.SampleRate, 0.016, scripted.Seed(uint64(i))) {
				pcm[j] += x
			}
		}
		takes = append(takes, s.hear(take{Kind: "sentence", Name: text, Begins: time.Second}, mixed(pcm), false))
	}
	return takes
}

// TestFiguresSentences counts the sentences that are dismissed though at most a third of their
// words was misheard. Wanted is none.
func TestFiguresSentences(t *testing.T) {
	lost, all := 0, 0
	for _, k := range openStudio(t).sentences() {
		all++
		for _, v := range k.verdicts(t) {
			if v.why == hearing.DoubtNone {
				continue
			}
			if wer.Count(k.Name, v.Text).Percent() <= 34 {
				lost++
			}
			t.Logf("%q dismissed: %v, heard as %q", k.Name, v.why, v.Text)
		}
	}
	t.Logf("%d sentences: %d dismissed", all, lost)
	if all == 0 || lost > 0 {
		t.Error("a sentence was lost")
	}
}

// TestFiguresNotJudgedYet plays kinds of clips that no figure counts yet and only says what becomes
// of them.
func TestFiguresNotJudgedYet(t *testing.T) {
	s := openStudio(t)
	if s.replay != nil {
		t.Skip("nothing is heard")
	}
	for _, c := range []struct {
		kind  string
		pause time.Duration
		parts []string
	}{
		{"a slow speaker, pauses inside a sentence", 600 * time.Millisecond, []string{"I would like to know", "how many people", "were in the room", "last night."}},
		{"a slow speaker, longer ones", 900 * time.Millisecond, []string{"I would like to know", "how many people", "were in the room", "last night."}},
	} {
		pcm := scripted.Silence(time.Second)
		for _, part := range c.parts {
			pcm = scripted.Join(pcm, sounds.Level(scripted.Flite(t, "slt", part, 1.2), -24), scripted.Silence(c.pause))
		}
		turns := 0
		for _, m := range s.hear(take{Kind: "slow", Name: c.kind}, mixed(scripted.Join(pcm, scripted.Silence(time.Second))), false).Moments {
			if m.What == "EndOfTurn" {
				turns++
			}
		}
		t.Logf("%s of %v: %d turns, not judged yet", c.kind, c.pause, turns)
	}
}
