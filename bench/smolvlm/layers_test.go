package smolvlm_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/bench/smolvlm"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// TestFewLayersEqualReference runs the whole path with three layers of language model and two of
// vision. SENSORY_AGENT_FULL=1 also answers about pictures in many tiles.
func TestFewLayersEqualReference(t *testing.T) {
	dir := writeFolder(t, smolvlm.Shape{TextLayers: 3, VisionLayers: 2})
	squares := 1
	if os.Getenv("SENSORY_AGENT_FULL") != "" {
		squares = 64
	}
	newRig(t, dir).equal(t, readReference(t, "testdata/golden.json"), max(squares, 5))
}

// TestPlainAttentionEqualsGrouped answers with both forms of attention over the same weights.
func TestPlainAttentionEqualsGrouped(t *testing.T) {
	var answers [2][][]int
	for i, plain := range []bool{false, true} {
		r := newRig(t, writeFolder(t, smolvlm.Shape{TextLayers: 2, VisionLayers: 1, Plain: plain}))
		cache := r.model.NewPromptCache()
		closeAfter(t, cache)
		for _, text := range []string{"Tell a story about the sea.", "Tell a story about the sea and the wind over it, at length.", "Hello."} {
			result, err := cache.Generate(t.Context(), prompt.Request{Messages: []prompt.Message{{Role: prompt.User, Text: text}}, MaxTokens: 24}, nil)
			if err != nil {
				t.Fatal(err)
			}
			answers[i] = append(answers[i], result.IDs)
		}
	}
	if !slices.EqualFunc(answers[0], answers[1], slices.Equal[[]int]) || slices.Equal(answers[0][0], answers[0][1]) {
		t.Errorf("grouped %v\nplain %v", answers[0], answers[1])
	}
}

// TestFolderEqualsReference runs the whole path over the folder SENSORY_AGENT_SMOLVLM, which holds
// a model and the golden.json that make.py made of it: the full size, in scripts/bench.
func TestFolderEqualsReference(t *testing.T) {
	dir := os.Getenv("SENSORY_AGENT_SMOLVLM")
	if dir == "" {
		t.Skip("SENSORY_AGENT_SMOLVLM names no folder; scripts/bench writes one")
	}
	newRig(t, dir).equal(t, readReference(t, filepath.Join(dir, "golden.json")), 64)
}
