package scripted

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// Clip is speech and what a transcript of it has to contain.
type Clip struct {
	Name    string
	PCM     []float32
	Phrases []string // lower case, American spelling; alternatives are separated by "|"
}

// CheckTranscripts transcribes every clip in a subtest.
func CheckTranscripts(t *testing.T, engine hearing.Transcriber, clips []Clip) {
	t.Helper()
	for _, c := range clips {
		t.Run(c.Name, func(t *testing.T) {
			start := time.Now()
			got, err := engine.Transcribe(t.Context(), c.PCM)
			t.Logf("%.1f s in %v: %+v", float64(len(c.PCM))/hearing.SampleRate, time.Since(start), got)
			if err != nil {
				t.Fatal(err)
			}
			for _, phrase := range c.Phrases {
				if !says(got.Text, phrase) {
					t.Errorf("%q lacks %q", got.Text, phrase)
				}
			}
			if got.Tokens == 0 || !(got.AvgLogProb < 0) {
				t.Errorf("%d tokens, log probability %v", got.Tokens, got.AvgLogProb)
			}
		})
	}
}

// says reports whether text contains one of the alternatives.
func says(text, alternatives string) bool {
	text = strings.ReplaceAll(strings.ToLower(text), "colour", "color")
	for one := range strings.SplitSeq(alternatives, "|") {
		if strings.Contains(text, one) {
			return true
		}
	}
	return false
}

// CheckRefusals expects hearing.ErrAudio for clips that hold no sound or what is no sound, and for
// those given.
func CheckRefusals(t *testing.T, engine hearing.Transcriber, more map[string][]float32) {
	t.Helper()
	clips := map[string][]float32{
		"nothing":      nil,
		"not a number": {0, float32(math.NaN()), 0},
		"infinite":     {0, float32(math.Inf(1))},
	}
	for name, pcm := range more {
		clips[name] = pcm
	}
	for name, pcm := range clips {
		if _, err := engine.Transcribe(t.Context(), pcm); !errors.Is(err, hearing.ErrAudio) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Question is a sentence that engines are timed with.
const Question = "What colour is the large triangle on the left?"

// BenchmarkClip times a question of 2.6 s.
func BenchmarkClip(b *testing.B, engine hearing.Transcriber) {
	b.Helper()
	pcm := Flite(b, "slt", Question, 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := engine.Transcribe(b.Context(), pcm); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(pcm))/hearing.SampleRate, "audio-s")
}

// AsHeard puts the room's quiet around speech that the listener leaves around it: 400 ms before,
// 230 ms behind.
func AsHeard(pcm []float32) []float32 {
	const room = 0.0005 // −66 dB
	return Join(Noise(400*time.Millisecond, room, 1), pcm, Noise(230*time.Millisecond, room, 2))
}
