package evaluate_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/scene/evaluate"
)

func TestEveryCodecIsSeenThrough(t *testing.T) {
	m := open(t)
	s, err := scene.Draw(scene.EvaluationSeed, scene.Options{Width: 320, Height: 240, Kind: scene.KindQuadrants})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range codec.VideoCodecs() {
		camera, err := evaluate.NewCamera(c, 320, 240)
		if err != nil {
			t.Fatal(err)
		}
		frame, err := camera.Film(s.Image)
		if err != nil {
			t.Fatal(err)
		}
		seen, err := m.See(t.Context(), frame)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := m.Answer(t.Context(), []evaluate.Sight{{Features: seen}}, "What do you see?")
		if err != nil {
			t.Fatal(err)
		}
		if got := s.StatedFacts(answer); len(got) < 3 {
			t.Errorf("%s: %q states only %v of %v", c, answer, got, s.Facts)
		}
		frame.Release()
		if err := errors.Join(camera.Close(), camera.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestCancelledRunEnds(t *testing.T) {
	m := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := evaluate.Run(ctx, m, evaluate.Config{Scenes: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestMarkdownShowsMissedGoals(t *testing.T) {
	r := evaluate.Report{Rows: []evaluate.Row{
		{Question: scene.AskReal, Group: "real wall", Asked: 100, Right: 97, Refused: 97},
		{Question: scene.AskCount, Group: "count", Asked: 100, Right: 97, Varied: 100, Refused: 3},
		{Question: scene.AskNumber, Group: "number", Asked: 100, Right: 91, Varied: 10, VariedRight: 9},
		{Question: scene.AskWhere, Group: "where shape", Asked: 100, Right: 91, BlindRight: 12, SwappedRight: 13},
	}}
	text := r.Markdown()
	for _, want := range []string{"| real wall | 100 | 0.970 | 0.000 | 0.000 | 0.000 | **no** |", "Of 410 questions about drawn pictures 3 ", "| number | 100 | 0.910 | 0.900 | 0.000 | 0.000 | yes |", "| where shape | 100 | 0.910 | 0.000 | 0.120 | 0.130 | **no** |"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}
