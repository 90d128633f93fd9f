package models_test

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/models"
)

// TestWhatStandsBesideAGraph is checked with it: the configuration that its reader takes from the
// same folder, and the weights it names.
func TestWhatStandsBesideAGraph(t *testing.T) {
	from := t.TempDir()
	yaml := "  - {id: m, name: test, kind: component, licence: MIT, folder: " + from + "}\n"
	small, weights, other := bytesOf(56, 100), bytesOf(57, 5_000_000), bytesOf(58, 5_000_000)
	for name, data := range map[string][]byte{
		"a.onnx": weights, "a.onnx_data": other, "a.onnx.data": other, "config.json": small, "b.onnx": other, "a.onnx2": weights,
	} {
		put(t, filepath.Join(from, name), data)
	}
	for name, found := range map[string]bool{
		"a.onnx": true, "a.onnx_data": true, "a.onnx.data": true, "config.json": true, "b.onnx": false, "a.onnx2": false,
	} {
		s := store(t, yaml, models.Options{})
		if _, err := s.Pull(t.Context(), "m"); err != nil {
			t.Fatal(err)
		}
		damage(t, filepath.Join(s.Root(), "m", name), oneBit)
		if _, err := s.Path("m", "a.onnx"); errors.Is(err, models.ErrDamaged) != found || !found && err != nil {
			t.Errorf("%s damaged: %v", name, err)
		}
		if _, err := s.Folder(t.Context(), "m"); !errors.Is(err, models.ErrDamaged) {
			t.Errorf("%s damaged: the folder is %v", name, err)
		}
	}
}

// TestFolderLeavesOtherVariantsAlone reads only what runs: neither the file that a conversion began
// with nor graphs of another variant.
func TestFolderLeavesOtherVariantsAlone(t *testing.T) {
	for _, c := range []struct {
		variant   string
		unread    []string
		withPlain bool
	}{
		{"", []string{"onnx/embed_tokens_q4.onnx", "onnx/decoder_model_merged_q4.onnx", "onnx/decoder_model_merged_q4.onnx_data"}, true},
		{"", nil, false},
		{"_q4", []string{"onnx/embed_tokens.onnx", "onnx/decoder_model_merged.onnx"}, true},
	} {
		from := t.TempDir()
		names := []string{
			"config.json", "tokenizer.json", "onnx/embed_tokens_q4.onnx", "onnx/decoder_model_merged_q4.onnx",
			"onnx/decoder_model_merged_q4.onnx_data",
		}
		if c.withPlain {
			names = append(names, "onnx/embed_tokens.onnx", "onnx/decoder_model_merged.onnx")
		}
		for i, name := range names {
			put(t, filepath.Join(from, name), bytesOf(uint64(60+i), 100))
		}
		yaml := "  - {id: m, name: test, kind: model, family: llama, capabilities: [chat], context: 100, licence: MIT, folder: " + from + ", variant: \"" + c.variant + "\"}\n"
		for _, name := range names {
			s := store(t, yaml, models.Options{})
			if _, err := s.Pull(t.Context(), "m"); err != nil {
				t.Fatal(err)
			}
			damage(t, filepath.Join(s.Root(), "m", name), oneBit)
			unread := slices.Contains(c.unread, name)
			if _, err := s.Folder(t.Context(), "m"); errors.Is(err, models.ErrDamaged) == unread || unread && err != nil {
				t.Errorf("variant %q, %s damaged: %v", c.variant, name, err)
			}
		}
	}
}
