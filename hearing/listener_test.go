package hearing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

func TestListenerReportsATurn(t *testing.T) {
	interim, final := &engine{delay: 40 * time.Millisecond, text: "fast"}, &engine{delay: 100 * time.Millisecond, text: "slow"}
	events, stats := scenario(t, hearing.Config{Interim: interim, Final: final}, func(s *scene) {
		s.hush(640 * time.Millisecond)
		s.say(960 * time.Millisecond)
		s.hush(time.Second)
	})
	compare(t, events, `
		1 started 640ms
		1 sustained 128ms
		1 interim 900ms "fast 260 ms"
		1 sustained 500ms
		1 interim 1.22s "fast 580 ms"
		1 interim 1.54s "fast 900 ms"
		1 interim 1.64s "fast 960 ms"
		1 stopped 1.6s
		1 end 1.6s silence
		1 final 640ms-1.6s "slow 960 ms"
	`)
	if stats.Discarded != 0 || stats.DroppedSamples != 0 || stats.Failures != 0 || stats.Quiet == 0 {
		t.Errorf("%+v", stats)
	}
}

func TestListenerThrowsEarlyFinalAway(t *testing.T) {
	final := &engine{delay: 400 * time.Millisecond, text: "slow"}
	events, stats := scenario(t, hearing.Config{Final: final}, func(s *scene) {
		s.say(640 * time.Millisecond)
		s.hush(320 * time.Millisecond)
		s.say(640 * time.Millisecond)
		s.hush(time.Second)
	})
	compare(t, events, `
		1 started 0s
		1 sustained 128ms
		1 sustained 500ms
		1 stopped 640ms
		1 resumed 960ms
		1 sustained 1.2s
		1 stopped 1.6s
		1 end 1.6s silence
		1 final 0s-1.6s "slow 1280 ms"
	`)
	if stats.Discarded != 1 || final.calls != 2 || final.ended != 1 {
		t.Errorf("%+v, %d calls, %d ended early", stats, final.calls, final.ended)
	}
}

func TestListenerEndsACompleteSentenceSooner(t *testing.T) {
	events, _ := scenario(t, hearing.Config{Final: &engine{delay: 50 * time.Millisecond, text: "I am done."}}, func(s *scene) {
		s.say(640 * time.Millisecond)
		s.hush(time.Second)
	})
	var end hearing.EndOfTurn
	var final hearing.Final
	for _, e := range events {
		switch e := e.(type) {
		case hearing.EndOfTurn:
			end = e
		case hearing.Final:
			final = e
		}
	}
	if end.Reason != hearing.EndComplete || end.Silence != 352*time.Millisecond {
		t.Errorf("%+v", end)
	}
	timing := final.Timing
	if got := timing.SpeechEnd.Sub(timing.SpeechStart); got != 640*time.Millisecond {
		t.Errorf("speech lasted %v", got)
	}
	if got := timing.STTEnd.Sub(timing.STTBegin); got != 50*time.Millisecond {
		t.Errorf("the engine took %v", got)
	}
	if wait := timing.EndOfTurn.Sub(timing.SpeechEnd); wait < 340*time.Millisecond || wait > 380*time.Millisecond {
		t.Errorf("end of turn %v after the end of speech", wait)
	}
	if timing.Stopped.After(timing.STTBegin) || timing.Audio != 880*time.Millisecond {
		t.Errorf("%+v", timing)
	}
}

// TestListenerEndsAQuestionSooner: its final transcript begins when an interim one reads like a
// whole question, and what is known of the speaker is told after each utterance.
func TestListenerEndsAQuestionSooner(t *testing.T) {
	const asked = "what do you see in there?"
	var paces []hearing.Pace
	events, _ := scenario(t, hearing.Config{
		Interim: &answers{calls: []answer{text(20*time.Millisecond, asked)}}, Final: &answers{calls: []answer{text(50*time.Millisecond, asked)}},
		Endpoint: hearing.EndpointConfig{PatientSilence: time.Second},
		Paced:    func(p hearing.Pace) { paces = append(paces, p) },
	}, func(s *scene) {
		s.say(1280 * time.Millisecond)
		s.hush(time.Second)
	})
	for _, e := range events {
		switch e := e.(type) {
		case hearing.EndOfTurn:
			if e.Reason != hearing.EndComplete || e.Silence != 160*time.Millisecond {
				t.Errorf("%+v", e)
			}
		case hearing.Final:
			if begun := e.Timing.STTBegin.Sub(e.Timing.SpeechEnd); begun < 32*time.Millisecond || begun > 100*time.Millisecond {
				t.Errorf("the final transcript began %v after the end of speech", begun)
			}
		}
	}
	if len(paces) != 1 || paces[0] != (hearing.Pace{Met: true}) {
		t.Errorf("%+v", paces)
	}
}

func TestListenerFinalisesWhenTheTrackEnds(t *testing.T) {
	events, _ := scenario(t, hearing.Config{Final: &engine{delay: 3 * time.Second, text: "slow"}}, func(s *scene) {
		s.say(500 * time.Millisecond)
	})
	compare(t, events, `
		1 started 0s
		1 sustained 128ms
		1 sustained 500ms
		1 stopped 512ms
		1 end 512ms track_ended
		1 final 0s-512ms "slow 500 ms"
	`)
}

func TestListenerHearsAMutedTrackAsSilence(t *testing.T) {
	events, stats := scenario(t, hearing.Config{Final: &engine{text: "slow"}}, func(s *scene) {
		s.say(640 * time.Millisecond)
		time.Sleep(2 * time.Second)
		s.media += 2 * time.Second
		s.say(640 * time.Millisecond)
		s.hush(time.Second)
	})
	compare(t, events, `
		1 started 0s
		1 sustained 128ms
		1 sustained 500ms
		1 stopped 640ms
		1 end 640ms silence
		1 final 0s-640ms "slow 640 ms"
		2 started 2.624s
		2 sustained 128ms
		2 sustained 500ms
		2 stopped 3.264s
		2 end 3.264s silence
		2 final 2.624s-3.264s "slow 640 ms"
	`)
	if stats.Filled == 0 {
		t.Errorf("%+v", stats)
	}
}

func wanted() bool { return true }

// TestFinalCarriesTheSoundOfItsTurn: all of it and nothing else, also of an utterance that was
// transcribed in parts or went on after a pause, and only where it is asked for.
func TestFinalCarriesTheSoundOfItsTurn(t *testing.T) {
	act := func(s *scene) {
		s.hush(time.Second)
		s.say(640 * time.Millisecond)
		s.hush(320 * time.Millisecond)
		s.say(2 * time.Second)
		s.hush(time.Second)
		s.say(640 * time.Millisecond)
		s.hush(time.Second)
	}
	for name, cfg := range map[string]hearing.Config{"whole": {Sound: wanted}, "parts": {Sound: wanted, SoftPart: 500 * time.Millisecond, HardPart: time.Second}, "not asked for": {}, "not wanted": {Sound: func() bool { return false }}} {
		final := &answers{}
		for word := range strings.FieldsSeq("One. Two. Three. Four. Five. Six. Seven. Eight. Nine. Ten. Eleven. Twelve.") {
			final.calls = append(final.calls, text(50*time.Millisecond, word))
		}
		cfg.Final = final
		events, _ := scenario(t, cfg, act)
		var loud, length []time.Duration
		for _, e := range events {
			if final, ok := e.(hearing.Final); ok {
				n := 0
				for _, x := range final.PCM {
					if x != 0 {
						n++
					}
				}
				loud = append(loud, time.Duration(n)*time.Second/hearing.SampleRate)
				length = append(length, time.Duration(len(final.PCM))*time.Second/hearing.SampleRate)
			}
		}
		if len(loud) != 2 {
			t.Fatalf("%s: %d turns", name, len(loud))
		}
		if cfg.Sound == nil || !cfg.Sound() {
			if length[0]+length[1] != 0 {
				t.Errorf("%s: %v of sound", name, length)
			}
			continue
		}
		if loud[0] != 2640*time.Millisecond || loud[1] != 640*time.Millisecond {
			t.Errorf("%s: %v of speech, want 2.64 s and 640 ms", name, loud)
		}
		if length[0] < 2960*time.Millisecond+500*time.Millisecond || length[0] > 4*time.Second || length[1] < 640*time.Millisecond || length[1] > 1540*time.Millisecond {
			t.Errorf("%s: %v of sound", name, length)
		}
	}
}
