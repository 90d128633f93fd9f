package hearing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// interims returns how much was heard by each interim transcript of a scene in which somebody
// speaks for a while.
func interims(t *testing.T, cost time.Duration, speech time.Duration, alert bool) []time.Duration {
	t.Helper()
	events, _ := scenario(t, hearing.Config{Interim: &engine{delay: cost, text: "fast"}, Final: &engine{text: "slow"}}, func(s *scene) {
		s.Alert(true)
		s.Alert(alert)
		s.say(speech)
		s.hush(time.Second)
	})
	var all []time.Duration
	for _, e := range events {
		if i, ok := e.(hearing.Interim); ok {
			all = append(all, i.At)
		}
	}
	return all
}

// TestAlertHastensInterims: while somebody may interrupt, the first words come sooner and the next
// ones more often, as far as the engine's own cost allows. Speech begins with its first window of
// 32 ms.
func TestAlertHastensInterims(t *testing.T) {
	ms := func(all ...time.Duration) []time.Duration {
		for i := range all {
			all[i] *= time.Millisecond
		}
		return all
	}
	for _, c := range []struct {
		name  string
		cost  time.Duration
		alert bool
		want  []time.Duration
	}{
		{"calm", 10 * time.Millisecond, false, ms(260, 580, 704)},
		{"calm, an engine that takes no time", 0, false, ms(260, 580, 704)},
		{"alert", 10 * time.Millisecond, true, ms(200, 260, 320, 400, 460, 520, 580, 640, 720, 780, 840)},
		{"alert, a slow engine", 100 * time.Millisecond, true, ms(200, 420, 640)},
		{"calm, a slow engine", 195 * time.Millisecond, false, ms(260, 680)}, // done 5 ms before speech has stopped
	} {
		got := interims(t, c.cost, 640*time.Millisecond, c.alert)
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want about %v", c.name, got, c.want)
			continue
		}
		for i := range got {
			if d := got[i] - c.want[i]; d < -35*time.Millisecond || d > 35*time.Millisecond {
				t.Errorf("%s: %v, want about %v", c.name, got, c.want)
				break
			}
		}
	}
}

// TestWordThatIsOverIsHeardAtOnce: also one that is shorter than the first interim transcript waits
// for; once, and not again at the pause. TestAlertTellsThatAWordStays: what is understood again is
// reported while somebody may interrupt, and only then.
func TestAlertTellsThatAWordStays(t *testing.T) {
	for _, alert := range []bool{false, true} {
		fast := &answers{calls: []answer{text(10*time.Millisecond, "Stop.")}}
		events, _ := scenario(t, hearing.Config{Interim: fast, Final: &engine{text: "slow"}}, func(s *scene) {
			s.Alert(alert)
			s.say(640 * time.Millisecond)
			s.hush(time.Second)
		})
		n := 0
		for _, e := range events {
			if i, ok := e.(hearing.Interim); ok {
				if n++; i.Text != "Stop." || i.AvgLogProb != -0.4 {
					t.Errorf("%+v", i)
				}
			}
		}
		if alert && n < 8 || !alert && n != 1 {
			t.Errorf("alert %v: reported %d times", alert, n)
		}
	}
}

func TestWordThatIsOverIsHeardAtOnce(t *testing.T) {
	events, _ := scenario(t, hearing.Config{Interim: &engine{delay: 10 * time.Millisecond, text: "fast"}, Final: &engine{delay: 50 * time.Millisecond, text: "ok"}}, func(s *scene) {
		s.say(192 * time.Millisecond)
		s.hush(160 * time.Millisecond)
		s.say(192 * time.Millisecond)
		s.hush(time.Second)
	})
	var got []string
	for line := range strings.Lines(lines(events)) {
		if strings.Contains(line, "interim") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	if want := []string{`1 interim 256ms "fast 200 ms"`, `1 interim 544ms "fast 400 ms"`}; len(got) < 2 || got[0][:9] != want[0][:9] ||
		!strings.Contains(got[0], "200 ms") || !strings.Contains(got[len(got)-1], "400 ms") || len(got) > 3 {
		t.Errorf("%q, want about %q", got, want)
	}
}

// TestInterimThatHeardAllStaysAWitness: one that is under way at the pause goes on when it has all
// words, is shown while the utterance lasts, and is evidence afterwards; one that lacks some is
// stopped and shown to nobody.
func TestInterimThatHeardAllStaysAWitness(t *testing.T) {
	for _, c := range []struct {
		name            string
		cost            time.Duration
		shown, evidence []string
		ended           int
	}{
		{"shown after the pause", 250 * time.Millisecond, []string{"fast 260 ms", "fast 640 ms"}, []string{"fast 640 ms"}, 0},
		{"too late to be shown", 1500 * time.Millisecond, nil, []string{""}, 1},
	} {
		fast := &engine{delay: c.cost, text: "fast"}
		final := &engine{delay: 1200 * time.Millisecond, text: "slow"}
		events, stats := scenario(t, hearing.Config{Interim: fast, Final: final}, func(s *scene) {
			s.say(640 * time.Millisecond)
			s.hush(2 * time.Second)
		})
		var shown, evidence []string
		for _, e := range events {
			switch e := e.(type) {
			case hearing.Interim:
				shown = append(shown, e.Text)
			case hearing.Final:
				evidence = append(evidence, e.Evidence.Interim)
			case hearing.Failed:
				t.Errorf("%s: %v", c.name, e.Err)
			}
		}
		if !slices.Equal(shown, c.shown) || !slices.Equal(evidence, c.evidence) || fast.ended != c.ended || stats.Failures != 0 {
			t.Errorf("%s: shown %q, evidence %q, %d ended early, %+v", c.name, shown, evidence, fast.ended, stats)
		}
	}
}

// TestLateWitnessIsNotShown: an interim transcript that comes after the end of its utterance, or
// within the next one, is no event.
func TestLateWitnessIsNotShown(t *testing.T) {
	events, _ := scenario(t, hearing.Config{Interim: &engine{delay: 900 * time.Millisecond, text: "fast"}, Final: &answers{calls: []answer{text(2*time.Second, "ok")}}}, func(s *scene) {
		s.say(160 * time.Millisecond)
		s.hush(640 * time.Millisecond)
		s.say(320 * time.Millisecond)
		s.hush(3 * time.Second)
	})
	var evidence []string
	for _, e := range events {
		switch e := e.(type) {
		case hearing.Interim:
			t.Errorf("utterance %d shows %q", e.Utterance, e.Text)
		case hearing.Final:
			evidence = append(evidence, e.Evidence.Interim)
		}
	}
	if want := []string{"fast 160 ms", "fast 320 ms"}; !slices.Equal(evidence, want) {
		t.Errorf("evidence %q, want %q", evidence, want)
	}
}

// TestVerdictOfAnEarlierTurnDoesNotEndTheNext: its transcript comes while the next utterance is
// silent, and reads like a whole sentence.
func TestVerdictOfAnEarlierTurnDoesNotEndTheNext(t *testing.T) {
	final := &answers{calls: []answer{text(1450*time.Millisecond, "I am done with it."), text(3*time.Second, "so am I then.")}}
	events, _ := scenario(t, hearing.Config{Final: final, Endpoint: hearing.EndpointConfig{PatientSilence: -1}}, func(s *scene) {
		s.say(640 * time.Millisecond)
		s.hush(640 * time.Millisecond)
		s.say(640 * time.Millisecond)
		s.hush(5 * time.Second)
	})
	for _, e := range events {
		if end, ok := e.(hearing.EndOfTurn); ok && (end.Reason != hearing.EndSilence || end.Silence != 512*time.Millisecond) {
			t.Errorf("utterance %d ended after %v: %v", end.Utterance, end.Silence, end.Reason)
		}
	}
	compare(t, events, `
		1 started 0s
		1 sustained 128ms
		1 sustained 500ms
		1 stopped 640ms
		1 end 640ms silence
		2 started 1.28s
		2 sustained 128ms
		2 sustained 500ms
		2 stopped 1.92s
		1 final 0s-640ms "I am done with it."
		2 end 1.92s silence
		2 final 1.28s-1.92s "so am I then."
	`)
}

// TestTrackThatFallsSilentEndsItsTurn: without another sample, as with a microphone that is muted,
// in time and not when the track ends.
func TestTrackThatFallsSilentEndsItsTurn(t *testing.T) {
	events, stats := scenario(t, hearing.Config{Final: &answers{calls: []answer{text(0, "ok")}}}, func(s *scene) {
		s.say(640 * time.Millisecond)
		time.Sleep(2 * time.Second)
	})
	compare(t, events, `
		1 started 0s
		1 sustained 128ms
		1 sustained 500ms
		1 stopped 640ms
		1 end 640ms silence
		1 final 0s-640ms "ok"
	`)
	if stats.Filled < 15 || stats.Filled > 70 {
		t.Errorf("%d windows were put in", stats.Filled)
	}
}

// TestSpeechThatFadesIsHeardAtOnce: an interim transcript begins with the first window that is not
// surely speech, once, and the final one as soon as speech has fallen silent; who speaks softly is
// heard no more often than others.
func TestSpeechThatFadesIsHeardAtOnce(t *testing.T) {
	const asked = "what do you see in there?"
	events, _ := scenario(t, hearing.Config{
		VAD: levels{}, Interim: &answers{calls: []answer{text(20*time.Millisecond, asked)}}, Final: &answers{calls: []answer{text(300*time.Millisecond, asked)}},
		FirstInterim: 10 * time.Second, InterimEvery: 10 * time.Second,
	}, func(s *scene) {
		s.write(320*time.Millisecond, 0.7)
		s.write(640*time.Millisecond, 0.95)
		s.write(32*time.Millisecond, 0.7)
		s.hush(time.Second)
	})
	var read []time.Duration
	for _, e := range events {
		switch e := e.(type) {
		case hearing.Interim:
			read = append(read, e.At)
		case hearing.EndOfTurn:
			if e.Reason != hearing.EndComplete || e.Silence != 160*time.Millisecond {
				t.Errorf("%+v: it was decided before the final transcript", e)
			}
		case hearing.Final:
			if begun := e.Timing.STTBegin.Sub(e.Timing.SpeechEnd); begun > 64*time.Millisecond {
				t.Errorf("the final transcript began %v after speech fell silent", begun)
			}
		}
	}
	if len(read) != 1 || read[0] < 960*time.Millisecond || read[0] > 1040*time.Millisecond {
		t.Errorf("heard up to %v: %s", read, lines(events))
	}
}
