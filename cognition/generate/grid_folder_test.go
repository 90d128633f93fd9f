package generate_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

func TestGridRequestErrors(t *testing.T) {
	w := openGrids(t, "qwen2_vl", generate.Options{})
	good := w.images["exact"]
	none, short, tiles, huge := good, good, good, good
	none.Grid = generate.Grid{}
	short.Grid.H--
	tiles.Rows, tiles.Cols = 1, 1
	huge.Grid = generate.Grid{T: 1 << 62, H: 4, W: 12}
	for i, image := range []generate.Image{none, short, tiles, huge} {
		if _, err := w.PromptTokens(user("x", image)); !errors.Is(err, generate.ErrImage) {
			t.Errorf("picture %d: %v", i, err)
		}
	}
	other := openModel(t, os.DirFS("testdata/idefics3"), generate.Options{})
	square := noise(other, 4, 1)
	square.Grid = generate.Grid{T: 1, H: 2, W: 2}
	if _, err := other.PromptTokens(user("x", square)); !errors.Is(err, generate.ErrImage) {
		t.Errorf("a grid for a model of tiles: %v", err)
	}
	plain, err := w.PromptTokens(user("x", good))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := w.PromptTokens(user("<|image_pad|><|im_end|><|vision_start|>", good)); err != nil || n < plain+20 {
		t.Errorf("special tokens in what a person says took %d tokens beside %d (%v)", n, plain, err)
	}
}

// gridFiles is a folder of the family in memory, to be damaged.
func gridFiles(t *testing.T, name string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	root := os.DirFS(filepath.Join(gridFolder, name))
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, path)
		files[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func (w *gridWorld) first() []prompt.Message { return w.messages(&w.talks[2]) }

// TestGridFolders opens folders that lack something, or that say what they are in other words.
func TestGridFolders(t *testing.T) {
	rt := openRuntime(t)
	for _, c := range []struct {
		name          string
		change        func(files fstest.MapFS)
		kind          error
		file, mention string
	}{
		{"no image token", edit("config.json", `"image_token_id"`, `"image_id"`), generate.ErrField, "config.json", "image_token_id"},
		{"no such image token", edit("config.json", `"image_token_id": `, `"image_token_id": 9`), generate.ErrField, "config.json", "image_token_id"},
		{"another family", edit("config.json", `"model_type": "qwen2_vl"`, `"model_type": "idefics3"`), generate.ErrGraph, "decoder_model_merged.onnx", "position_ids"},
		{"a template without pictures", edit("chat_template.jinja", `<|image_pad|>`, ``), generate.ErrField, "chat_template.jinja", "<|image_pad|>"},
		{"no decoder", func(files fstest.MapFS) { delete(files, "onnx/decoder_model_merged.onnx") }, generate.ErrFile, "onnx/decoder_model_merged.onnx", "missing"},
	} {
		files := gridFiles(t, "qwen2_vl")
		c.change(files)
		_, err := generate.Open(t.Context(), rt, files, generate.Options{})
		var fe *generate.FileError
		if !errors.Is(err, c.kind) || !errors.As(err, &fe) || fe.File != c.file {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		wantText(t, err, c.mention)
	}
	files := gridFiles(t, "qwen2_vl")
	edit("config.json", `"model_type": "qwen2_vl"`, `"model_type": "qwen2_5_vl"`)(files)
	w := openGrids(t, "qwen2_vl", generate.Options{})
	m := openModel(t, files, generate.Options{})
	if got := answer(t, m, prompt.Request{Messages: w.first(), MaxTokens: 48}); !slices.Equal(got.IDs, w.talks[2].IDs) {
		t.Errorf("as Qwen2.5-VL it says %v, want %v", got.IDs, w.talks[2].IDs)
	}
	idefics := fstest.MapFS{}
	for _, name := range []string{
		"config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja",
		"onnx/embed_tokens.onnx", "onnx/decoder_model_merged.onnx",
	} {
		idefics[name] = &fstest.MapFile{Data: read(t, "idefics3/"+name)}
	}
	edit("config.json", `"model_type": "idefics3"`, `"model_type": "qwen3_vl"`)(idefics)
	if _, err := generate.Open(t.Context(), rt, idefics, generate.Options{}); !errors.Is(err, generate.ErrGraph) || !strings.Contains(err.Error(), "position_ids") {
		t.Errorf("positions of one axis: %v", err)
	}
}

// edit replaces the first such text of a file.
func edit(file, old, text string) func(files fstest.MapFS) {
	return func(files fstest.MapFS) {
		files[file].Data = bytes.Replace(files[file].Data, []byte(old), []byte(text), 1)
	}
}
