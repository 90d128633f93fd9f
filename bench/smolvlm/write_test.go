package smolvlm_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/bench/smolvlm"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// closeAfter closes what a test made and reports a failing close.
func closeAfter(tb testing.TB, c interface{ Close() error }) {
	tb.Cleanup(func() {
		if err := c.Close(); err != nil {
			tb.Error(err)
		}
	})
}

// writeFolder writes a model with SmolLM2's vocabulary.
func writeFolder(tb testing.TB, shape smolvlm.Shape) string {
	tb.Helper()
	tokenizer, err := os.ReadFile(testmodels.Path(tb, "smollm2-135m-instruct", "tokenizer.json"))
	if err != nil {
		tb.Fatal(err)
	}
	dir := tb.TempDir()
	if err := smolvlm.Write(tb.Context(), dir, smolvlm.Options{Shape: shape, Tokenizer: tokenizer}); err != nil {
		tb.Fatal(err)
	}
	return dir
}

// TestStandIn loads a folder without SmolLM2's vocabulary: the same sizes and special tokens.
func TestStandIn(t *testing.T) {
	dir := t.TempDir()
	if err := smolvlm.Write(t.Context(), dir, smolvlm.Options{Shape: smolvlm.Shape{TextLayers: 1}}); err != nil {
		t.Fatal(err)
	}
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(t)})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, rt)
	m, err := generate.Open(t.Context(), rt, generate.Dir(dir), generate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, m)
	for id, want := range map[int]string{1: "<|im_start|>", 49152: "<global-img>", 49153: "<row_1_col_1>", 49188: "<row_6_col_6>", 49189: "<fake_token_around_image>", 49190: "<image>", 49279: "<end_of_utterance>"} {
		if got, ok := m.Tokenizer().Token(id); !ok || got != want {
			t.Errorf("token %d is %q, want %q", id, got, want)
		}
	}
	if m.Window() != smolvlm.Context || m.Hidden() != smolvlm.Hidden || !m.Vision() {
		t.Errorf("window %d, width %d, vision %v", m.Window(), m.Hidden(), m.Vision())
	}
}

// TestCheckpointHoldsEveryWeight adds up what the header of model.safetensors says.
func TestCheckpointHoldsEveryWeight(t *testing.T) {
	dir := t.TempDir()
	if err := smolvlm.Write(t.Context(), dir, smolvlm.Options{Shape: smolvlm.Shape{TextLayers: 1, VisionLayers: 1}, Checkpoint: true}); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(dir, "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, file)
	head := make([]byte, 8)
	if _, err := file.Read(head); err != nil {
		t.Fatal(err)
	}
	size := int64(head[0]) | int64(head[1])<<8
	text := make([]byte, size)
	if _, err := file.ReadAt(text, 8); err != nil {
		t.Fatal(err)
	}
	var header map[string]struct {
		Shape  []int64  `json:"shape"`
		Places [2]int64 `json:"data_offsets"`
	}
	if err := json.Unmarshal(text, &header); err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for name, entry := range header {
		if name == "__metadata__" {
			continue
		}
		count := int64(4)
		for _, dim := range entry.Shape {
			count *= dim
		}
		if entry.Places[1]-entry.Places[0] != count {
			t.Errorf("%s: %v takes %v", name, entry.Shape, entry.Places)
		}
		total += count
	}
	info, err := file.Stat()
	if err != nil || info.Size() != 8+size+total {
		t.Errorf("%d bytes for a header of %d and %d bytes of weights (%v)", info.Size(), size, total, err)
	}
	if got := header["model.text_model.layers.0.self_attn.k_proj.weight"].Shape; len(got) != 2 || got[0] != 192 || got[1] != smolvlm.Hidden {
		t.Errorf("k_proj has the shape %v", got)
	}
}

func TestWriteErrors(t *testing.T) {
	for _, text := range []string{"x", "{}", `{"model":{"vocab":{"a":0}},"added_tokens":[]}`} {
		err := smolvlm.Write(t.Context(), t.TempDir(), smolvlm.Options{Shape: smolvlm.Full(), Tokenizer: []byte(text)})
		if !errors.Is(err, smolvlm.ErrTokenizer) {
			t.Errorf("%q: %v", text, err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := smolvlm.Write(t.Context(), file, smolvlm.Options{Shape: smolvlm.Full()}); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file as folder: %v", err)
	}
}
