package room_test

import (
	"errors"
	"image/color"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// TestTextPersona puts a language model without eyes into a room where somebody shows something.
func TestTextPersona(t *testing.T) {
	testmodels.Path(t, "smollm2-135m-instruct", "onnx/decoder_model_merged.onnx")
	dir := filepath.Dir(testmodels.Path(t, "smollm2-135m-instruct", "config.json"))
	questions := []string{"What is the capital of France?", "Translate 'good morning' to Spanish."}
	want := greedy(t, dir, questions)
	var parts []string
	models, err := fixture.Open(t, func(c *engine.Config) {
		c.Files, c.Resolution.Sources = generate.Dir(dir), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range models.Machine().Pool().Models {
		parts = append(parts, s.Name)
	}
	if all := strings.Join(parts, " "); strings.Contains(all, "vision") || !strings.Contains(all, "decoder_model_merged") {
		t.Errorf("loaded: %s", all)
	}
	s := setStageWith(t, models, participant.Config{})
	if _, err := s.human.OpenCamera(t.Context(), participant.CameraConfig{FPS: 5}, plain(320, 240, color.RGBA{220, 30, 30, 255})); err != nil {
		t.Fatal(err)
	}
	reused := 0
	for i, q := range questions {
		if err := s.human.Chat(q); err != nil {
			t.Fatal(err)
		}
		trace := s.turn(t)
		if trace.Err != nil || trace.Picture {
			t.Fatalf("trace %+v", trace)
		}
		transcript, chat := s.said(t)
		if want[i] == "" || trace.Answer != want[i] || transcript != want[i] || chat != want[i] {
			t.Errorf("%q: answer %q, transcript %q, chat %q, generate gives %q", q, trace.Answer, transcript, chat, want[i])
		}
		t.Logf("%q: %q, %d of %d prompt tokens held, first token %v", q, trace.Answer, trace.Reused, trace.PromptTokens, trace.FirstToken.Sub(trace.Features))
		reused = trace.Reused
	}
	if reused < 8 {
		t.Errorf("%d tokens of the second prompt were held: its beginning is that of the first", reused)
	}
	if err := s.session.Ask(t.Context(), "ada", strings.Repeat("word ", 9000)); err != nil {
		t.Fatal(err)
	}
	granted := models.Machine().Compute().Token
	trace := s.turn(t)
	var long *prompt.TooLongError
	if !errors.As(trace.Err, &long) || long.Tokens <= long.Limit || long.Limit != 8191 {
		t.Errorf("9,000 words: %v", trace.Err)
	}
	if now := models.Machine().Compute().Token; now != granted || trace.Tokens != 0 {
		t.Errorf("%d leases were granted for a prompt that fits nowhere", now-granted)
	}
	for _, e := range s.all() {
		switch e := e.(type) {
		case room.Saw:
			t.Errorf("saw %+v", e)
		case room.TrackOpened:
			if e.Source != "microphone" {
				t.Errorf("subscribed to %s", e.Source)
			}
		}
	}
}

// greedy is what the model itself says.
func greedy(t *testing.T, dir string, questions []string) []string {
	t.Helper()
	m := generator(t, dir)
	var out []string
	for _, q := range questions {
		r, err := m.Generate(t.Context(), prompt.Request{Messages: []prompt.Message{{Role: prompt.User, Text: q}}, MaxTokens: 96}, nil)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r.Text)
	}
	return out
}

// generator opens a language model by itself, closed with the test.
func generator(t *testing.T, dir string) *generate.Model {
	t.Helper()
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(t)})
	if err != nil {
		t.Fatal(err)
	}
	m, err := generate.Open(t.Context(), rt, generate.Dir(dir), generate.Options{Options: ort.Options{Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(m.Close(), rt.Close()); err != nil {
			t.Error(err)
		}
	})
	return m
}
