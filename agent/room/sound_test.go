package room_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// gemma3n is the folder of a small model, with random weights, in the contract of Gemma 3n's
// export; gemmaClip is how many tokens it makes of a clip.
const (
	gemma3n   = "../../cognition/generate/testdata/gemma3n"
	gemmaClip = 6
)

// TestSpokenQuestionIsHeardByTheModel puts the model into a room, without eyes since its weights
// are random: what is said reaches it as sound beside the transcript, what is typed as text alone.
func TestSpokenQuestionIsHeardByTheModel(t *testing.T) {
	fixture.Installed(t)
	// The weights are random, and so is when an answer ends: with more tokens that end it, it is
	// short enough to be spoken here.
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(gemma3n)); err != nil {
		t.Fatal(err)
	}
	var ends []int
	for id := 0; id < 380; id += 8 {
		ends = append(ends, id)
	}
	data, err := json.Marshal(map[string]any{"eos_token_id": ends})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "generation_config.json"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	models, err := fixture.Open(t, func(c *engine.Config) { c.Files, c.Resolution.Sources, c.Sound = generate.Dir(folder), nil, true })
	if err != nil {
		t.Fatal(err)
	}
	s := setStageWith(t, models, participant.Config{})
	own := generator(t, folder)
	count := func(text string, clips ...prompt.Part) int {
		n, err := own.PromptTokens([]prompt.Message{{Role: prompt.User, Text: text, Parts: clips}})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	silent := generate.Audio{Features: make([]float32, gemmaClip*own.Hidden()), Tokens: gemmaClip, Hidden: own.Hidden()}
	s.say(t, "What do you hear?")
	spoken := answered(t, s)
	if !strings.Contains(strings.ToLower(spoken.Question), "hear") || !spoken.Sound || spoken.PromptTokens != count(spoken.Question, silent) {
		t.Errorf("spoken: %+v, want %d prompt tokens", spoken, count(spoken.Question, silent))
	}
	if err := s.human.Chat("what do you hear?"); err != nil {
		t.Fatal(err)
	}
	typed := s.turn(t)
	if typed.Sound || typed.PromptTokens != count(typed.Question) || typed.PromptTokens >= spoken.PromptTokens {
		t.Errorf("typed: %+v, want %d prompt tokens", typed, count(typed.Question))
	}
	t.Logf("spoken: %d prompt tokens, features after %v, error %v", spoken.PromptTokens, spoken.Features.Sub(spoken.Begin), spoken.Err)
}
