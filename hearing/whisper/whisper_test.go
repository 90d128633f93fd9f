package whisper_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing/internal/installed"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/whisper"
)

func open(tb testing.TB, weights string, threads int) *whisper.Model {
	tb.Helper()
	return installed.Whisper(tb, installed.Runtime(tb), weights, whisper.Options{Session: ort.Options{Threads: threads}})
}

func TestTranscribe(t *testing.T) {
	long := "The old lighthouse stands on a rocky island. Every evening the keeper climbs the narrow stairs and lights the lamp. " +
		"Ships from many countries can see it from twenty miles away. In winter the storms are so strong that nobody can visit the island for weeks."
	scripted.CheckTranscripts(t, open(t, installed.Weights32, 2), []scripted.Clip{
		{Name: "slt", PCM: scripted.Flite(t, "slt", scripted.Question, 1), Phrases: []string{"what color is the large triangle on the left"}},
		{
			Name: "espeak", PCM: scripted.Espeak(t, "How many people are in the room today?"),
			Phrases: []string{"how many people are in the room today"},
		},
		{Name: "shorter than a second", PCM: scripted.Flite(t, "slt", "Good morning.", 1), Phrases: []string{"good morning"}},
		{
			Name: "long", PCM: scripted.Flite(t, "slt", long, 1),
			Phrases: []string{"lighthouse", "the narrow stairs", "twenty|20", "storms are so strong", "for weeks."},
		},
		{
			Name: "longer than the window", PCM: scripted.Flite(t, "slt", long+" "+long+" Now we come to the end.", 1),
			Phrases: []string{"lighthouse", "come to the end"},
		},
	})
}

// Published encoders declare a fixed number of frames; the one used here takes any, so the test
// declares it in its place.
func TestFixedWindowHearsTheSame(t *testing.T) {
	m := open(t, installed.Weights32, 2)
	m.FixFrames(3000)
	scripted.CheckTranscripts(t, m, []scripted.Clip{{
		Name: "slt", PCM: scripted.Flite(t, "slt", "The library is closed on Sunday afternoon.", 1),
		Phrases: []string{"library is closed on sunday afternoon"},
	}})
}

// TestNoSpeechOfAClip: noise is likelier to hold none than a question is, and a clip of two pieces
// holds some when one does.
func TestNoSpeechOfAClip(t *testing.T) {
	m := open(t, installed.Weights8, 2)
	speech := scripted.AsHeard(scripted.Flite(t, "slt", scripted.Question, 1))
	for _, c := range []struct {
		name      string
		pcm       []float32
		low, high float32
	}{
		{"hiss", scripted.Noise(2*time.Second, 0.01, 1), 0.05, 1},
		{"a question", speech, 0, 0.03},
		{"a question, then half a minute of hiss", scripted.Join(speech, scripted.Noise(29*time.Second, 0.002, 1)), 0, 0.03},
	} {
		got, err := m.Transcribe(t.Context(), c.pcm)
		if err != nil {
			t.Fatal(err)
		}
		if got.NoSpeech < c.low || got.NoSpeech > c.high {
			t.Errorf("%s: no speech %.3f, want %v to %v (%q)", c.name, got.NoSpeech, c.low, c.high, got.Text)
		}
	}
}

func TestTranscribeRefuses(t *testing.T) {
	m := open(t, installed.Weights32, 1)
	scripted.CheckRefusals(t, m, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := m.Transcribe(ctx, scripted.Noise(20*time.Second, 0.1, 1)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("cancelled: %v", err)
	}
	t.Logf("stopped after %v", time.Since(start))
}

func BenchmarkTranscribe(b *testing.B) {
	for name, weights := range map[string]string{"32bit": installed.Weights32, "8bit": installed.Weights8} {
		b.Run(name, func(b *testing.B) { scripted.BenchmarkClip(b, open(b, weights, 2)) })
	}
}
