package engine_test

import (
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/generate/tokenizer"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

const (
	gridModels  = "../../cognition/generate/testdata/qwenvl" // small models of the Qwen VL family, with random weights
	gridPicture = "../../vision/testdata/patches"
)

// openSeer loads the eyes and the mind of a folder.
func openSeer(t *testing.T, folder string) *engine.Seer {
	t.Helper()
	seer, err := engine.OpenSeer(t.Context(), small(t), generate.Dir(folder))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := seer.Close(); err != nil {
			t.Error(err)
		}
	})
	return seer
}

// small is a machine for models that take next to nothing, closed with the test.
func small(t *testing.T) *engine.Machine {
	t.Helper()
	m, err := engine.OpenMachine(engine.MachineConfig{
		Library: fixture.Library(), Path: func(string, string) (string, error) { return testmodels.Runtime(t), nil }, Host: model.Host{Cores: 2, MemoryBytes: 4 << 30},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func gridFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestDescribesAsTheReference shows pictures of several shapes to models of the Qwen VL family,
// from the file to the words: what they say of each is what transformers.js says of it (make.mjs),
// and no two pictures get the same answer.
func TestDescribesAsTheReference(t *testing.T) {
	for _, name := range []string{"qwen2_vl", "qwen3_vl"} {
		folder := filepath.Join(gridModels, name)
		seer := openSeer(t, folder)
		words, err := tokenizer.Parse(gridFile(t, filepath.Join(folder, "tokenizer.json")))
		if err != nil {
			t.Fatal(err)
		}
		var talks []struct {
			Messages []struct {
				Text   string   `json:"text"`
				Images []string `json:"images"`
			} `json:"messages"`
			IDs []int `json:"ids"`
		}
		if err := json.Unmarshal(gridFile(t, filepath.Join(folder, "golden.json")), &talks); err != nil {
			t.Fatal(err)
		}
		said := map[string]string{}
		for _, talk := range talks {
			if len(talk.Messages) != 1 || len(talk.Messages[0].Images) != 1 {
				continue
			}
			picture := talk.Messages[0].Images[0]
			// Scores have room for more ids than there are tokens; one without a token writes
			// nothing.
			ids := slices.DeleteFunc(talk.IDs, func(id int) bool { return id >= words.Size() })
			want, err := words.Decode(ids, false)
			if err != nil {
				t.Fatal(err)
			}
			got, err := seer.Describe(t.Context(), decodePNG(t, filepath.Join(gridPicture, picture+".png")), talk.Messages[0].Text)
			if err != nil || got != strings.TrimSpace(want) {
				t.Errorf("%s of %s: %v\n got %q\nwant %q", name, picture, err, got, strings.TrimSpace(want))
			}
			if other, ok := said[got]; ok {
				t.Errorf("%s says the same of %s and %s: %q", name, picture, other, got)
			}
			said[got] = picture
		}
		if len(said) < 5 {
			t.Errorf("%s was shown %d pictures", name, len(said))
		}
	}
}

func decodePNG(t *testing.T, name string) image.Image {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	picture, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// TestOnlyVariantIsTaken opens a folder that holds nothing but one quantisation's graphs, as
// published ones do.
func TestOnlyVariantIsTaken(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(gridModels, "qwen3_vl"))); err != nil {
		t.Fatal(err)
	}
	for _, graph := range []string{"vision_encoder", "embed_tokens", "decoder_model_merged"} {
		if err := os.RemoveAll(filepath.Join(dir, "onnx", graph+"_gqa.onnx")); err != nil { // another variant of some
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "onnx", graph+".onnx"), filepath.Join(dir, "onnx", graph+"_q4.onnx")); err != nil {
			t.Fatal(err)
		}
	}
	if answer, err := openSeer(t, dir).Describe(t.Context(), decodePNG(t, filepath.Join(gridPicture, "exact.png")), "what do you see?"); err != nil || answer == "" {
		t.Errorf("%q, %v", answer, err)
	}
	if err := os.Remove(filepath.Join(dir, "onnx", "vision_encoder_q4.onnx")); err != nil {
		t.Fatal(err)
	}
	var fe *generate.FileError
	if _, err := engine.OpenSeer(t.Context(), small(t), generate.Dir(dir)); !errors.As(err, &fe) || fe.File != "onnx/vision_encoder.onnx" {
		t.Errorf("without a vision encoder: %v", err)
	}
}

// TestRandomWeightsAreNotReady opens such a model as a whole engine does: it runs, it is shown a
// red picture, and is refused for what it says.
func TestRandomWeightsAreNotReady(t *testing.T) {
	_, err := fixture.Open(t, func(c *engine.Config) { c.Files = generate.Dir(filepath.Join(gridModels, "qwen3_vl")) })
	var notReady *engine.NotReadyError
	if !errors.As(err, &notReady) || notReady.Shown != "red" || notReady.Answer == "" {
		t.Errorf("got %v", err)
	}
}
