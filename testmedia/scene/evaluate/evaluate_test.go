package evaluate_test

import (
	"context"
	"errors"
	"image"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/scene/evaluate"
)

// open loads the model that is part of the program.
func open(t *testing.T) *evaluate.Model {
	t.Helper()
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Path(t, "runtime-cpu", "libonnxruntime.so.1.31.1")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
	})
	files, err := models.CalibrationFS()
	if err != nil {
		t.Fatal(err)
	}
	m, err := evaluate.Open(t.Context(), rt, files)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(m.Close(), m.Close()); err != nil {
			t.Error(err)
		}
	})
	return m
}

// TestReliableKinds holds the kinds that others rely on to their word, on pictures that the model
// never saw.
func TestReliableKinds(t *testing.T) {
	m := open(t)
	kinds := slices.DeleteFunc(scene.Kinds(), func(k scene.Kind) bool {
		return k == scene.KindDense || k == scene.KindReal || k == scene.KindChange
	})
	report, err := evaluate.Run(t.Context(), m, evaluate.Config{Scenes: 4, PerScene: 1, Kinds: kinds, Sizes: []image.Point{{X: 640, Y: 480}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + report.Markdown())
	var asked, right, blind, swapped int
	for _, row := range report.Rows {
		if !row.Reliable {
			continue
		}
		if row.Rate() < 0.75 { // the goal, less what four to twenty questions can tell
			t.Errorf("%s: %d of %d right", row.Group, row.Right, row.Asked)
		}
		if row.Question == scene.AskNoImage || row.Question == scene.AskChat || row.Question == scene.AskIsThere {
			continue
		}
		asked, right = asked+row.Asked, right+row.Right
		blind, swapped = blind+row.BlindRight, swapped+row.SwappedRight
	}
	if asked < 12 || 10*right < 9*asked {
		t.Errorf("%d of %d reliable questions answered right", right, asked)
	}
	if 10*blind > asked || 2*swapped > asked {
		t.Errorf("of %d questions %d are right without a picture, %d with another one: the picture does not matter", asked, blind, swapped)
	}
}

// TestTwoPicturesAndRealOnesAreAsked runs what the model does not know yet, for the rows alone.
func TestTwoPicturesAndRealOnesAreAsked(t *testing.T) {
	m := open(t)
	report, err := evaluate.Run(t.Context(), m, evaluate.Config{
		Scenes: 1, PerScene: 1, Kinds: []scene.Kind{scene.KindReal, scene.KindChange}, Sizes: []image.Point{{X: 320, Y: 240}},
	})
	if err != nil {
		t.Fatal(err)
	}
	asked := map[scene.QuestionKind]int{}
	for _, row := range report.Rows {
		asked[row.Question] += row.Asked
		if row.Right > row.Asked || row.Refused > row.Asked+row.Varied {
			t.Errorf("impossible counts: %+v", row)
		}
	}
	if asked[scene.AskReal] != 1 || asked[scene.AskChange] != 1 || asked[scene.AskDescribe] != 1 {
		t.Errorf("asked %v", asked)
	}
}

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
