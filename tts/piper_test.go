package tts

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"testing"

	"github.com/sensory-agent/sensory-agent/tts/internal/espeak"
)

// scriptedGraph gives fixed samples in place of a model's.
type scriptedGraph struct {
	pieces [][]float32
	err    error
	closed int
}

func (s *scriptedGraph) run(_ context.Context, _ []int64, _ [3]float32, yield func([]float32) error) error {
	for _, p := range s.pieces {
		if err := yield(p); err != nil {
			return err
		}
	}
	return s.err
}

func (s *scriptedGraph) Close() error {
	s.closed++
	return nil
}

// scriptedPiper is a Piper voice around a scripted graph.
func scriptedPiper(t *testing.T, g piperGraph) *piper {
	t.Helper()
	c, err := parsePiperConfig([]byte(smallConfig))
	if err != nil {
		t.Fatal(err)
	}
	return &piper{spec: "piper:scripted", config: c, graph: g, speech: phonemizer(t, espeak.Config{Voice: "en-us"}), log: slog.New(slog.DiscardHandler)}
}

func TestPiperNeverEmitsBrokenSamples(t *testing.T) {
	nan := tone(22050, 2205, 0.5)
	nan[2000] = float32(math.NaN())
	failed := errors.New("kernel failed")
	for name, c := range map[string]struct {
		graph *scriptedGraph
		want  error
	}{
		"nan in the second piece": {&scriptedGraph{pieces: [][]float32{tone(22050, 2205, 0.5), nan}}, ErrNotFinite},
		"silence":                 {&scriptedGraph{pieces: [][]float32{make([]float32, 40000)}}, ErrSilent},
		"nothing":                 {&scriptedGraph{}, ErrSilent},
		"a failed run":            {&scriptedGraph{err: failed}, failed},
	} {
		v := scriptedPiper(t, c.graph)
		err := v.Synthesize(t.Context(), "a ba", func(pcm []float32) error {
			for _, s := range pcm {
				if math.IsNaN(float64(s)) {
					t.Errorf("%s: NaN on air", name)
				}
			}
			return nil
		})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		if err := errors.Join(v.Close(), v.Close()); err != nil || c.graph.closed != 1 {
			t.Errorf("%s: close: %v, %d times", name, err, c.graph.closed)
		}
		if err := v.Synthesize(t.Context(), "a", nil); !errors.Is(err, ErrClosed) {
			t.Errorf("%s: after close: %v", name, err)
		}
	}
}

func TestPiperWithoutKnownPhonemesHasNothingToSay(t *testing.T) {
	v := scriptedPiper(t, &scriptedGraph{pieces: [][]float32{tone(22050, 2205, 0.5)}})
	if err := v.Synthesize(t.Context(), "zoo", nil); !errors.Is(err, ErrNothingToSay) {
		t.Errorf("got %v", err)
	}
}

func TestVoiceSurvivesTheEndOfItsProcess(t *testing.T) {
	v := scriptedPiper(t, &scriptedGraph{pieces: [][]float32{tone(22050, 2205, 0.5)}})
	drop := func([]float32) error { return nil }
	if err := v.Synthesize(t.Context(), "a ba", drop); err != nil {
		t.Fatal(err)
	}
	if err := v.speech.Kill(); err != nil {
		t.Fatal(err)
	}
	var died *ProcessError
	if err := v.Synthesize(t.Context(), "a ba", drop); !errors.As(err, &died) || died.Voice != "en-us" {
		t.Errorf("got %v, want a process error", err)
	}
	if err := v.Synthesize(t.Context(), "a ba", drop); err != nil {
		t.Errorf("the next clause: %v", err)
	}
}
