package speech_test

import (
	"errors"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

func TestSpeakersAreHeard(t *testing.T) {
	for _, spec := range []string{"flite:slt", "flite:slt@0.8", "espeak:en-us"} {
		pcm, err := speech.Say(t.Context(), spec, "what do you see in the picture?")
		if err != nil {
			t.Fatalf("%s: %v", spec, err)
		}
		if n := len(pcm); n < speech.SampleRate || n > 4*speech.SampleRate {
			t.Errorf("%s: %d samples for seven words", spec, n)
		}
		if level := media.DBFS(pcm); level < -40 {
			t.Errorf("%s: level %.1f dBFS", spec, level)
		}
	}
}

func TestUnknownSpeakerAndEmptyTextAreRefused(t *testing.T) {
	if _, err := speech.Say(t.Context(), "siri", "hello"); !errors.Is(err, speech.ErrUnknownSpeaker) {
		t.Errorf("got %v, want ErrUnknownSpeaker", err)
	}
	if _, err := speech.Say(t.Context(), speech.Default, " "); !errors.Is(err, speech.ErrNoText) {
		t.Errorf("got %v, want ErrNoText", err)
	}
}

func TestTrimLeavesSilenceOut(t *testing.T) {
	if got := speech.Trim([]float32{0, 0.005, 0.5, 0, -0.02, 0.009, 0}); len(got) != 3 || got[0] != 0.5 || got[2] != -0.02 {
		t.Errorf("%v", got)
	}
	if got := speech.Trim([]float32{0, 0}); len(got) != 0 {
		t.Errorf("%v", got)
	}
}
