package tts_test

import (
	"math"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/tts"
)

// TestASeedGivesTheSameSpeech: a voice that is opened anew says the same clauses alike; said again,
// or with another seed, they differ.
func TestASeedGivesTheSameSpeech(t *testing.T) {
	say := func(opts ...tts.Option) (first, second []float32) {
		v := openVoice(t, joe, opts...)
		for _, pcm := range []*[]float32{&first, &second} {
			err := v.Synthesize(t.Context(), "I can see a red circle.", func(p []float32) error { *pcm = append(*pcm, p...); return nil })
			if err != nil {
				t.Fatal(err)
			}
		}
		return first, second
	}
	alike := func(a, b []float32) bool {
		return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x-y)) < 1e-4 })
	}
	first, second := say()
	if again, after := say(); !alike(first, again) || !alike(second, after) {
		t.Errorf("opened anew, %d and %d samples became %d and %d, or others", len(first), len(second), len(again), len(after))
	}
	if alike(first, second) {
		t.Error("said twice, a clause has the same samples: the voice has no noise")
	}
	if other, _ := say(tts.WithSeed(2)); alike(first, other) {
		t.Error("another seed gives the same samples")
	}
}
