package generate_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// closeScores is how near the two best scores may be for two implementations to choose differently:
// rounding alone decides then.
const closeScores = 1e-3

// TestSmolLM2EqualsPyTorch compares greedy answers of the installed SmolLM2-135M-Instruct with
// those of PyTorch on the same GGUF file, token by token. Every sixth question is asked;
// SENSORY_AGENT_FULL=1 asks all of them.
func TestSmolLM2EqualsPyTorch(t *testing.T) {
	dir := filepath.Dir(testmodels.Path(t, "smollm2-135m-instruct", "config.json"))
	testmodels.Path(t, "smollm2-135m-instruct", "onnx/decoder_model_merged.onnx")
	var golden []struct {
		Question string  `json:"question"`
		Prompt   []int   `json:"prompt"`
		IDs      []int   `json:"ids"`
		Margin   float64 `json:"margin"`
	}
	if err := json.Unmarshal(read(t, "smollm2/golden.json"), &golden); err != nil {
		t.Fatal(err)
	}
	m := openModel(t, generate.Dir(dir), generate.Options{Options: ort.Options{Threads: 2}})
	if m.Vision() {
		t.Error("a language model claims vision")
	}
	cache := m.NewPromptCache()
	closeAfter(t, cache)
	asked := 0
	for i, g := range golden {
		if i%6 != 0 && os.Getenv("SENSORY_AGENT_FULL") == "" {
			continue
		}
		asked++
		got := answer(t, cache, prompt.Request{Messages: user(g.Question), MaxTokens: 64})
		if got.PromptTokens != len(g.Prompt) {
			t.Errorf("%q: prompt of %d tokens, want %d", g.Question, got.PromptTokens, len(g.Prompt))
		}
		if !slices.Equal(got.IDs, g.IDs) && g.Margin >= closeScores {
			t.Errorf("%q: got %v\nwant %v", g.Question, got.IDs, g.IDs)
		}
		if stopped := got.Reason == generate.ReasonEnd; stopped != (len(g.IDs) < 64) {
			t.Errorf("%q: stopped by %q after %d tokens", g.Question, got.Reason, got.Tokens)
		}
		t.Logf("%q: %.60q, first token %v, %d tokens in %v, %d reused", g.Question, got.Text, got.FirstToken, got.Tokens, got.Total, got.Reused)
	}
	if asked < 4 {
		t.Errorf("only %d questions", asked)
	}
}
