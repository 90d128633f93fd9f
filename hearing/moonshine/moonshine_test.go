package moonshine_test

import (
	"context"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/moonshine"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

func open(tb testing.TB) *moonshine.Model {
	tb.Helper()
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(tb)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = rt.Close() })
	tokenizer, err := os.ReadFile(testmodels.Path(tb, "moonshine-tiny", "tokenizer.bin"))
	if err != nil {
		tb.Fatal(err)
	}
	m, err := moonshine.Open(tb.Context(), rt, moonshine.Files{
		Encoder:   testmodels.Path(tb, "moonshine-tiny", "encoder_model.ort"),
		Decoder:   testmodels.Path(tb, "moonshine-tiny", "decoder_model_merged.ort"),
		Tokenizer: tokenizer,
	}, ort.Options{}, 1)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := m.Close(); err != nil {
			tb.Error(err)
		}
	})
	return m
}

func TestTranscribe(t *testing.T) {
	m := open(t)
	long := "The old lighthouse stands on a rocky island. Every evening the keeper climbs the narrow stairs and lights the lamp. " +
		"Ships from many countries can see it from twenty miles away. In winter the storms are so strong that nobody can visit the island for weeks."
	for _, c := range []struct {
		name  string
		pcm   []float32
		words []string
	}{
		{"slt", scripted.Flite(t, "slt", "What colour is the large triangle on the left?", 1), []string{"what", "color", "triangle", "left"}},
		{"espeak", scripted.Espeak(t, "How many people are in the room today?"), []string{"how many people", "room"}},
		{"shorter than a second", scripted.Flite(t, "slt", "Good morning.", 1), []string{"good morning"}},
		{"longer than nine seconds", scripted.Flite(t, "slt", long, 1), []string{"island", "from many countries", "twenty|20", "storms", "for weeks"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			got, err := m.Transcribe(t.Context(), c.pcm)
			t.Logf("%.1f s in %v: %+v", float64(len(c.pcm))/hearing.SampleRate, time.Since(start), got)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(strings.ToLower(got.Text), "colour", "color")
			for _, word := range c.words {
				found := false
				for _, alternative := range strings.Split(word, "|") {
					found = found || strings.Contains(text, alternative)
				}
				if !found {
					t.Errorf("%q lacks %q", got.Text, word)
				}
			}
			if got.Tokens == 0 || !(got.AvgLogProb < 0) {
				t.Errorf("%d tokens, log probability %v", got.Tokens, got.AvgLogProb)
			}
		})
	}
}

func TestTranscribeIsTheSameConcurrently(t *testing.T) {
	m := open(t)
	pcm := scripted.Flite(t, "slt", "The quick brown fox jumps over the lazy dog.", 1)
	want, err := m.Transcribe(t.Context(), pcm)
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan string, 3)
	for range cap(results) {
		go func() {
			got, err := m.Transcribe(t.Context(), pcm)
			results <- got.Text
			if err != nil {
				t.Error(err)
			}
		}()
	}
	for range cap(results) {
		if got := <-results; got != want.Text {
			t.Errorf("got %q, alone it was %q", got, want.Text)
		}
	}
}

func TestTranscribeRefuses(t *testing.T) {
	m := open(t)
	for name, pcm := range map[string][]float32{
		"nothing":  nil,
		"too long": make([]float32, 65*hearing.SampleRate),
		"nan":      {0, float32(math.NaN()), 0},
		"infinite": {0, float32(math.Inf(1))},
	} {
		if _, err := m.Transcribe(t.Context(), pcm); !errors.Is(err, hearing.ErrAudio) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Transcribe(ctx, make([]float32, hearing.SampleRate)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func BenchmarkTranscribe(b *testing.B) {
	m := open(b)
	pcm := scripted.Flite(b, "slt", "What colour is the large triangle on the left?", 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Transcribe(b.Context(), pcm); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(pcm))/hearing.SampleRate, "audio-s")
}
