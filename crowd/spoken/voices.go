package spoken

import (
	"context"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
	"github.com/sensory-agent/sensory-agent/tts"
)

// Say has texts said by voices of personas, by the name that they have in Config.Voices, and by
// those of package speech where there is none of that name.
func Say(voices map[string]tts.Voice) func(ctx context.Context, voice, text string) ([]float32, error) {
	return func(ctx context.Context, voice, text string) ([]float32, error) {
		v := voices[voice]
		if v == nil {
			return speech.Say(ctx, voice, text)
		}
		wav := media.WAV{Rate: v.SampleRate()}
		err := v.Synthesize(ctx, text, func(pcm []float32) error {
			wav.Samples = append(wav.Samples, pcm...)
			return nil
		})
		if err != nil {
			return nil, err
		}
		return speech.Convert(wav)
	}
}
