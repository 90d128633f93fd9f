package whisper_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/whisper"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

func open(tb testing.TB, opt whisper.Options) *whisper.Model {
	tb.Helper()
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(tb)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = rt.Close() })
	encoder := testmodels.Path(tb, "whisper-base.en", "encoder_model.onnx")
	m, err := whisper.Open(tb.Context(), rt, whisper.Files{
		Encoder: encoder,
		Decoder: testmodels.Path(tb, "whisper-base.en", "decoder_model_merged.onnx"),
		Config:  os.DirFS(filepath.Dir(encoder)),
	}, opt)
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
	m := open(t, whisper.Options{Session: ort.Options{Threads: 2}})
	long := "The old lighthouse stands on a rocky island. Every evening the keeper climbs the narrow stairs and lights the lamp. " +
		"Ships from many countries can see it from twenty miles away. In winter the storms are so strong that nobody can visit the island for weeks."
	for _, c := range []struct {
		name  string
		pcm   []float32
		words []string
	}{
		{"slt", scripted.Flite(t, "slt", "What colour is the large triangle on the left?", 1), []string{"what color is the large triangle on the left"}},
		{"espeak", scripted.Espeak(t, "How many people are in the room today?"), []string{"how many people are in the room today"}},
		{"shorter than a second", scripted.Flite(t, "slt", "Good morning.", 1), []string{"good morning"}},
		{"long", scripted.Flite(t, "slt", long, 1), []string{"lighthouse", "the narrow stairs", "twenty|20", "storms are so strong", "for weeks."}},
		{"longer than the window", scripted.Flite(t, "slt", long+" "+long+" Now we come to the end.", 1), []string{"lighthouse", "come to the end"}},
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

func TestTranscribeRefuses(t *testing.T) {
	m := open(t, whisper.Options{})
	for name, pcm := range map[string][]float32{
		"nothing":  nil,
		"nan":      {0, float32(math.NaN()), 0},
		"infinite": {0, float32(math.Inf(1))},
	} {
		if _, err := m.Transcribe(t.Context(), pcm); !errors.Is(err, hearing.ErrAudio) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := m.Transcribe(ctx, scripted.Noise(20*time.Second, 0.1, 1)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("cancelled: %v", err)
	}
	t.Logf("stopped after %v", time.Since(start))
}

func BenchmarkTranscribe(b *testing.B) {
	m := open(b, whisper.Options{Session: ort.Options{Threads: 2}})
	pcm := scripted.Flite(b, "slt", "What colour is the large triangle on the left?", 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Transcribe(b.Context(), pcm); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(pcm))/hearing.SampleRate, "audio-s")
}
