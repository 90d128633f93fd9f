package engine_test

import (
	"context"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// namedEar keeps the names that it was told last.
type namedEar struct {
	hearing.Transcriber
	names []string
}

func (e *namedEar) TranscribeHinted(_ context.Context, _ []float32, names []string) (hearing.Transcript, error) {
	e.names = slices.Clone(names)
	return hearing.Transcript{Text: "told"}, nil
}

// TestLeasedEarTellsNames: each room tells its own to the ear that all share; an ear that takes
// none hears the same.
func TestLeasedEarTellsNames(t *testing.T) {
	m := openCanned(t, nil)
	shared := &namedEar{}
	for room, names := range map[string][]string{"lab": {"Iris", "Otto"}, "kitchen": {"Bella"}, "hall": nil} {
		got, err := hearing.Transcribe(t.Context(), m.SlowEar(engine.Holder{Room: room}, shared), nil, names)
		if err != nil || got.Text != "told" || !slices.Equal(shared.names, names) {
			t.Errorf("%s: %q, %v, told %q", room, got.Text, err, shared.names)
		}
	}
	h := engine.Holder{Room: "lab"}
	for _, ear := range []hearing.Transcriber{m.Interim(h), m.Final(h)} {
		if got, err := hearing.Transcribe(t.Context(), ear, nil, []string{"Iris"}); err != nil || got.Text != engine.CannedTranscript {
			t.Errorf("an ear that takes none: %q, %v", got.Text, err)
		}
	}
}
