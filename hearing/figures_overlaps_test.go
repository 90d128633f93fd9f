package hearing_test

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/cognition/turn/script"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/internal/sounds"
)

// overlapsEnv names the file that TestFiguresOverheard writes.
const overlapsEnv = "SENSORY_AGENT_OVERLAPS"

// besides is what people say while a persona speaks and do not mean for it.
func besides() (talk, laughter []string) {
	said := scripted.Choose(
		"Bob, can you pass me the salt?|Bob, have you seen my keys?|Bob, what time is your train?|I will be right there, Bob|Bob, the door please|Hey Bob, look at that",
		"Bob, did you call the doctor?|Thank you, Bob|Bob, are you coming with us?|Bob, where did you put it?|No Bob, the other door|Okay Bob, see you at six",
		"Bob, who was that?|Bob, wait for me|Bob, do you want some tea?|Listen, Bob, I have to go|Bob, it is on the table|Hi Bob, come in",
	)
	return strings.Split(said, "|"), []string{"ha ha ha", "he he he he", "ha ha"}
}

// overheard has everybody speak with somebody else over an answer, laugh, cough, and make a noise.
func (s *studio) overheard() (takes []take) {
	kinds := map[string]bool{"talk": true, "laughter": true, "cough": true, "noise": true}
	if s.replay != nil {
		return s.again(func(kind string) bool { return kinds[kind] })
	}
	const before = 960 * time.Millisecond
	play := func(kind, name string, pcm []float32, level float64) {
		pcm = scripted.Join(scripted.Noise(before, roomTone, 1), sounds.Level(pcm, level), scripted.Noise(1500*time.Millisecond, roomTone, 2))
		takes = append(takes, s.hear(take{Kind: kind, Name: name, Begins: before}, pcm, true))
	}
	talk, laughter := besides()
	for _, who := range s.cast() {
		for _, text := range talk {
			play("talk", who.Name+" "+text, who.Say(s.t, text), -24)
		}
		for _, text := range laughter {
			play("laughter", who.Name+" "+text, who.Say(s.t, text), -24)
		}
	}
	for i, kind := range sounds.Kinds() {
		name, times := "noise", 1
		switch kind.Name {
		case "coughs":
			name, times = "cough", 8
		case "laughter":
			name, times = "laughter", 8
		}
		for n := range times {
			seed := scripted.Seed(uint64(100*i + n)) // there are a few
			play(name, fmt.Sprintf("%s %d", kind.Name, n), kind.Make(seed, 1.5, -24), -24)
		}
	}
	return takes
}

// TestFiguresOverheard records what is said and heard over an answer and not meant for it. What a
// table makes of it is scored by package overlaps.
func TestFiguresOverheard(t *testing.T) {
	s := openStudio(t)
	takes := s.overheard()
	if path := os.Getenv(overlapsEnv); path != "" {
		writeOverlaps(t, path, append(s.overlaps(), takes...))
	}
	for _, k := range takes {
		for _, m := range k.Moments {
			if m.What == "Final" {
				t.Logf("%s %s: %q", k.Kind, k.Name, as[hearing.Final](t, m).Text)
			}
		}
	}
}

// writeOverlaps writes what ears made of takes over an answer, as package overlaps reads it.
func writeOverlaps(t *testing.T, path string, takes []take) {
	t.Helper()
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(out)
	for _, k := range takes {
		_, _ = fmt.Fprintf(w, "\noverlap %s begins=%s %s\n", k.Kind, script.Seconds(k.Begins), k.Name)
		for _, m := range k.Moments {
			if e := k.event(t, m); e != nil {
				line, err := script.FormatEvent(m.At, e)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = fmt.Fprintln(w, line)
			}
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// event is a moment as a table is told of it; nil where it is not.
func (k take) event(t *testing.T, m moment) turn.Event {
	t.Helper()
	const who = "ada"
	switch m.What {
	case "SpeechStarted":
		return turn.Voiced{Who: who}
	case "SpeechSustained":
		return turn.Voiced{Who: who, Length: as[hearing.SpeechSustained](t, m).Voiced}
	case "Interim":
		e := as[hearing.Interim](t, m)
		return turn.Interim{Who: who, Text: e.Text, At: e.At, AvgLogProb: roughly(e.AvgLogProb)}
	case "SpeechStopped":
		return turn.Paused{Who: who, At: as[hearing.SpeechStopped](t, m).At}
	case "SpeechResumed":
		return turn.Resumed{Who: who}
	case "EndOfTurn":
		return turn.Ended{Who: who, Utterance: as[hearing.EndOfTurn](t, m).Utterance}
	case "Final", "Dismissed":
		e := as[hearing.Final](t, m)
		if why := e.Evidence.Doubt(); why != hearing.DoubtNone {
			return turn.Unclear{Who: who, Utterance: e.Utterance, Why: why.String()}
		}
		return turn.Heard{
			Who: who, Utterance: e.Utterance, Text: e.Evidence.Text, From: e.SpeechStart, To: e.SpeechEnd, Voiced: e.Evidence.Voiced,
			AvgLogProb: roughly(e.Evidence.AvgLogProb), Fast: e.Evidence.Interim,
		}
	}
	return nil
}

// roughly is a number with two decimals.
func roughly(x float32) float32 { return float32(math.Round(float64(x)*100) / 100) }
