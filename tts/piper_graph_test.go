package tts

import (
	"log/slog"
	"math"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/tts/internal/espeak"
)

// With the noise turned off the model is deterministic: what the cut graph makes piece by piece is
// what the graph as published makes at once, sample by sample.
func TestPiecesEqualTheWhole(t *testing.T) {
	path := testmodels.Path(t, "piper-en_US-joe-medium", "en_US-joe-medium.onnx")
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, rt) })
	v, err := Open(t.Context(), rt, "piper:en_US-joe-medium", FilesIn(testmodels.Dir()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, v) })
	session, err := rt.Load(t.Context(), ort.Source{Path: path}, ort.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	whole := &wholeGraph{session}
	t.Cleanup(func() { closed(t, whole) })
	p := v.(*piper)
	cut, ok := p.graph.(*cutGraph)
	if !ok {
		t.Fatal("the graph was not cut")
	}
	if cut.hop != 256 || cut.context != 10 {
		t.Errorf("hop %d, context %d", cut.hop, cut.context)
	}
	for _, text := range []string{"Hi.", "I can see a red circle in the upper left corner, and a blue square below it."} {
		phonemes, err := transcribe(t.Context(), phonemizer(t, espeak.Config{Voice: "en-us"}), slog.New(slog.DiscardHandler), text)
		if err != nil {
			t.Fatal(err)
		}
		ids, _, unknown := p.config.encode(phonemes)
		if unknown != 0 {
			t.Errorf("%d phonemes of %q are unknown", unknown, phonemes)
		}
		comparePieces(t, whole, cut, ids)
	}
}

func comparePieces(t *testing.T, whole *wholeGraph, cut *cutGraph, ids []int64) {
	t.Helper()
	scales := [3]float32{0, 1, 0}
	var want, got []float32
	pieces := 0
	if err := whole.run(t.Context(), ids, scales, func(pcm []float32) error { want = slices.Clone(pcm); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := cut.run(t.Context(), ids, scales, func(pcm []float32) error { pieces++; got = append(got, pcm...); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) || len(want) == 0 {
		t.Fatalf("%d samples in pieces, %d in the whole", len(got), len(want))
	}
	if len(want) > 3*firstFrames*cut.hop && pieces < 2 {
		t.Error("only one piece")
	}
	for i := range want {
		if d := math.Abs(float64(got[i] - want[i])); d > pieceTolerance || math.IsNaN(d) {
			t.Fatalf("sample %d of %d: %v in a piece, %v in the whole", i, len(want), got[i], want[i])
		}
	}
}

func closed(t *testing.T, c interface{ Close() error }) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
