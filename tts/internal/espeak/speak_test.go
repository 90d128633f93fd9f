package espeak_test

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"testing"

	"github.com/sensory-agent/sensory-agent/tts/internal/espeak"
)

func speak(ctx context.Context, text string, speed float64) ([]float32, error) {
	var pcm []float32
	err := espeak.Speak(ctx, espeak.Config{Voice: "en-us"}, text, speed, func(p []float32) error {
		pcm = append(pcm, p...)
		return nil
	})
	return pcm, err
}

func TestSpeak(t *testing.T) {
	pcm, err := speak(t.Context(), "hello world", 1)
	if err != nil {
		t.Fatal(err)
	}
	if s := float64(len(pcm)) / espeak.SampleRate; s < 0.5 || s > 2 {
		t.Errorf("%.2f s for two words", s)
	}
	peak := 0.0
	for _, v := range pcm {
		peak = max(peak, math.Abs(float64(v)))
	}
	if peak < 0.1 || peak > 1 {
		t.Errorf("peak %.3f", peak)
	}
	fast, err := speak(t.Context(), "hello world", 2)
	if err != nil || len(fast) > len(pcm)*8/10 {
		t.Errorf("twice the speed: %d samples after %d, %v", len(fast), len(pcm), err)
	}
}

func TestSpeakStops(t *testing.T) {
	full := errors.New("full")
	for name, c := range map[string]struct {
		stop func(cancel func()) error
		want error
	}{
		"consumer": {func(func()) error { return full }, full},
		"context":  {func(cancel func()) error { cancel(); return nil }, context.Canceled},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		pieces := 0
		err := espeak.Speak(ctx, espeak.Config{Voice: "en-us"}, "one two three four five six seven eight nine ten", 1, func([]float32) error {
			pieces++
			return c.stop(cancel)
		})
		if !errors.Is(err, c.want) || pieces != 1 {
			t.Errorf("%s: %v after %d pieces", name, err, pieces)
		}
		cancel()
	}
	if ids := children(t, "espeak-ng"); len(ids) != 0 {
		t.Errorf("processes %v are left", ids)
	}
}

func TestSpeakErrors(t *testing.T) {
	drop := func([]float32) error { return nil }
	if err := espeak.Speak(t.Context(), espeak.Config{Program: filepath.Join(t.TempDir(), "none"), Voice: "en-us"}, "a", 1, drop); !errors.Is(err, espeak.ErrMissing) {
		t.Errorf("missing program: %v", err)
	}
	var died *espeak.ProcessError
	if err := espeak.Speak(t.Context(), espeak.Config{Voice: "qqq"}, "a", 1, drop); !errors.As(err, &died) || !died.UnknownVoice() {
		t.Errorf("unknown voice: %v", err)
	}
	if err := espeak.Speak(t.Context(), espeak.Config{Program: "true", Voice: "en-us"}, "a", 1, drop); !errors.As(err, &died) {
		t.Errorf("a program without output: %v", err)
	}
}
