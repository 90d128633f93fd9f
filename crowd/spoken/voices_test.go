package spoken_test

import (
	"context"
	"errors"
	"testing"

	"github.com/sensory-agent/sensory-agent/crowd/spoken"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
	"github.com/sensory-agent/sensory-agent/tts"
)

// hum says everything with two pieces of sound; "nothing" it cannot say.
type hum struct{ tts.Voice }

var errMute = errors.New("no voice")

func (hum) SampleRate() int { return 24000 }

func (hum) Synthesize(_ context.Context, text string, emit func([]float32) error) error {
	if text == "nothing" {
		return errMute
	}
	piece := make([]float32, 12000)
	for i := range piece {
		piece[i] = 0.5
	}
	if err := emit(piece); err != nil {
		return err
	}
	clear(piece[6000:])
	return emit(piece)
}

func TestSay(t *testing.T) {
	say := spoken.Say(map[string]tts.Voice{"piper:x": hum{}})
	pcm, err := say(t.Context(), "piper:x", "Hello.")
	if err != nil || len(pcm) < speech.SampleRate-2000 || len(pcm) > speech.SampleRate+2000 || pcm[speech.SampleRate/4] < 0.4 || pcm[speech.SampleRate*7/8] > 0.1 {
		t.Errorf("%d samples, %v", len(pcm), err)
	}
	if _, err := say(t.Context(), "piper:x", "nothing"); !errors.Is(err, errMute) {
		t.Errorf("%v", err)
	}
	if _, err := say(t.Context(), "piper:y", "Hello."); !errors.Is(err, speech.ErrUnknownSpeaker) {
		t.Errorf("%v", err)
	}
}
