package models_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/models"
)

// vlmFiles are the files of a model in the layout of the Idefics3 exports.
func vlmFiles() []string {
	return []string{
		"config.json", "onnx/decoder_model_merged.onnx", "onnx/embed_tokens.onnx", "onnx/vision_encoder.onnx", "preprocessor_config.json",
		"tokenizer.json",
	}
}

// folderEntry is a user's own model in a folder.
func folderEntry(family, folder, more string) string {
	return "  - {id: mine, name: my model, kind: model, family: " + family + ", capabilities: [chat, vision], context: 4096, licence: own, folder: " +
		folder + more + "}\n"
}

func link(t *testing.T, target, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}

func TestUserFolderEntry(t *testing.T) {
	from := t.TempDir()
	for i, name := range vlmFiles() {
		put(t, filepath.Join(from, name), bytesOf(uint64(i), 900))
	}
	put(t, filepath.Join(from, ".git", "secret"), []byte("x"))
	s := store(t, folderEntry("idefics3", from, ""), models.Options{})
	if s.Installed("mine") || s.State("mine") != models.StateAbsent {
		t.Fatal("installed before it was pulled")
	}
	res, err := s.Pull(t.Context(), "mine")
	if err != nil || res[0].Fetched != 6 || len(res[0].Outside) != 0 {
		t.Fatalf("%+v, %v", res, err)
	}
	got := tree(t, filepath.Join(s.Root(), "mine"))
	want := append(vlmFiles(), "model.lock.json")
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	fsys, err := s.FS("mine")
	if err != nil {
		t.Fatal(err)
	}
	if data, err := fs.ReadFile(fsys, "config.json"); err != nil || digest(data) != digest(bytesOf(0, 900)) {
		t.Fatalf("other bytes, %v", err)
	}
	if s.Readiness().States["mine"].Stage != model.StageVerified {
		t.Fatal("not verified")
	}
	checks, err := s.Verify(t.Context(), "mine")
	if err != nil || len(checks) != 6 {
		t.Fatalf("verify %+v, %v", checks, err)
	}
	for _, c := range checks {
		if c.Err != nil || c.Origin != models.OriginUser {
			t.Errorf("%+v", c)
		}
	}
}

// TestFolderOfLinks is a folder as a Hugging Face cache keeps it: every name is a link into
// ../blobs. It is taken whole, and the result says where the bytes came from.
func TestFolderOfLinks(t *testing.T) {
	cache := t.TempDir()
	from := filepath.Join(cache, "snapshots", "0")
	for i, name := range vlmFiles() {
		blob := filepath.Join(cache, "blobs", fmt.Sprint(i))
		put(t, blob, bytesOf(uint64(i), 900))
		up := ".."
		if strings.Contains(name, "/") {
			up = "../.."
		}
		link(t, filepath.Join(up, "..", "blobs", fmt.Sprint(i)), filepath.Join(from, name))
	}
	for name, folder := range map[string]string{"snapshot": from, "link to the snapshot": filepath.Join(cache, "latest")} {
		t.Run(name, func(t *testing.T) {
			if folder != from {
				link(t, from, folder)
			}
			s := store(t, folderEntry("idefics3", folder, ""), models.Options{})
			res, err := s.Pull(t.Context(), "mine")
			if err != nil || res[0].Fetched != 6 || !s.Installed("mine") {
				t.Fatalf("%+v, %v", res, err)
			}
			for i, name := range vlmFiles() {
				path, err := s.Path("mine", name)
				if err != nil {
					t.Fatal(err)
				}
				info, err := os.Lstat(path)
				if err != nil || !info.Mode().IsRegular() || digest(mustRead(t, path)) != digest(bytesOf(uint64(i), 900)) {
					t.Errorf("%s: %v, %v, or other bytes", name, info, err)
				}
			}
			want := "config.json -> " + filepath.Join(cache, "blobs", "0")
			if len(res[0].Outside) != 6 || res[0].Outside[0] != want {
				t.Errorf("outside of the folder: %q, want 6, the first %q", res[0].Outside, want)
			}
		})
	}
	t.Run("import", func(t *testing.T) {
		s := store(t, folderEntry("idefics3", "/nowhere", ""), models.Options{})
		if res, err := s.Import(t.Context(), "mine", from); err != nil || res.Fetched != 6 || len(res.Outside) != 6 {
			t.Fatalf("%+v, %v", res, err)
		}
	})
}

func TestLinksInsideAFolder(t *testing.T) {
	from := t.TempDir()
	for i, name := range vlmFiles() {
		put(t, filepath.Join(from, strings.Replace(name, "onnx/", "graphs/", 1)), bytesOf(uint64(i), 900))
	}
	link(t, "graphs", filepath.Join(from, "onnx"))
	link(t, "config.json", filepath.Join(from, "generation_config.json"))
	s := store(t, folderEntry("idefics3", from, ""), models.Options{})
	res, err := s.Pull(t.Context(), "mine")
	if err != nil || len(res[0].Outside) != 0 || res[0].Fetched != 10 {
		t.Fatalf("%+v, %v", res, err)
	}
}

// TestFoldersThatAreNotWhole are refused before anything is copied.
func TestFoldersThatAreNotWhole(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, from string)
		words []string
	}{
		"no graphs": {
			func(t *testing.T, from string) { remove(t, filepath.Join(from, "onnx")) },
			[]string{"onnx/vision_encoder.onnx", "onnx/embed_tokens.onnx", "onnx/decoder_model_merged.onnx", "family idefics3"},
		},
		"no vocabulary": {func(t *testing.T, from string) { remove(t, filepath.Join(from, "tokenizer.json")) }, []string{"missing: tokenizer.json"}},
		"no processor": {
			func(t *testing.T, from string) { remove(t, filepath.Join(from, "preprocessor_config.json")) },
			[]string{"preprocessor_config.json or processor_config.json"},
		},
		"link to nowhere": {
			func(t *testing.T, from string) {
				link(t, "../blobs/9", filepath.Join(from, "onnx", "decoder.onnx_data"))
			},
			[]string{"decoder.onnx_data is a link to ../blobs/9, which is not there"},
		},
		"git lfs pointer": {
			func(t *testing.T, from string) {
				put(t, filepath.Join(from, "onnx", "vision_encoder.onnx"), []byte("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"))
			},
			[]string{"vision_encoder.onnx is a Git LFS pointer", "git lfs pull"},
		},
		"empty": {
			func(t *testing.T, from string) { remove(t, from); put(t, filepath.Join(from, ".hidden"), nil) },
			[]string{"has no files"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			from := t.TempDir()
			for i, name := range vlmFiles() {
				put(t, filepath.Join(from, name), bytesOf(uint64(i), 900))
			}
			c.spoil(t, from)
			s := store(t, folderEntry("idefics3", from, ""), models.Options{})
			_, err := s.Pull(t.Context(), "mine")
			if !errors.Is(err, models.ErrIncomplete) {
				t.Fatalf("got %v", err)
			}
			for _, word := range append(c.words, from) {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%q does not say %q", err, word)
				}
			}
			if got := tree(t, s.Root()); len(got) != 0 || s.State("mine") != models.StateAbsent {
				t.Errorf("left %v", got)
			}
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func TestFoldersWithoutEnd(t *testing.T) {
	loop := t.TempDir()
	link(t, "it", filepath.Join(loop, "it"))
	s := store(t, folderEntry("other", loop, ""), models.Options{})
	if _, err := s.Pull(t.Context(), "mine"); err == nil || errors.Is(err, models.ErrIncomplete) || !strings.Contains(err.Error(), "too many links") {
		t.Errorf("a link to itself: %v", err)
	}
	from := t.TempDir()
	put(t, filepath.Join(from, "a", "config.json"), []byte("{}"))
	link(t, "..", filepath.Join(from, "a", "b"))
	s = store(t, folderEntry("other", from, ""), models.Options{})
	if _, err := s.Pull(t.Context(), "mine"); err == nil || !strings.Contains(err.Error(), "without end") {
		t.Errorf("got %v", err)
	}
	from = t.TempDir()
	for i := range 501 {
		put(t, filepath.Join(from, fmt.Sprint(i)), []byte("x"))
	}
	s = store(t, folderEntry("other", from, ""), models.Options{})
	if _, err := s.Pull(t.Context(), "mine"); err == nil || !strings.Contains(err.Error(), "more than 500 files") {
		t.Errorf("got %v", err)
	}
}

// TestWhatFamiliesNeed has, for each family, the files of a whole model; without any one of them it
// is not whole.
func TestWhatFamiliesNeed(t *testing.T) {
	for i, c := range []struct {
		family, id, more string
		files            []string
	}{
		{"idefics3", "mine", "", vlmFiles()},
		{"qwen-vl", "mine", "", []string{"config.json", "tokenizer.json", "processor_config.json", "embed_tokens.onnx", "decoder_model_merged.onnx", "onnx/vision_encoder_fp16.onnx"}},
		{"llama", "mine", ", variant: _q4", []string{"config.json", "tokenizer.json", "onnx/embed_tokens_q4.onnx", "onnx/decoder_model_merged_q4.onnx"}},
		{"gemma3n", "mine", "", vlmFiles()},
		{"gemma3n", "mine", ", sound: true", append(vlmFiles(), "onnx/audio_encoder.onnx")},
		{"whisper", "mine", "", []string{"encoder_model_int8.onnx", "decoder_model_merged.onnx", "preprocessor_config.json", "generation_config.json", "vocab.json"}},
		{"moonshine", "mine", "", []string{"encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin"}},
		{"silero", "mine", "", []string{"silero_vad.onnx"}},
		{"piper", "piper-me", "", []string{"me.onnx", "me.onnx.json"}},
		{"kokoro", "kokoro-af_me", "", []string{"af_me.bin"}},
		{"onnxruntime", "mine", "", []string{"libonnxruntime.so.1.31.1"}},
	} {
		t.Run(fmt.Sprint(c.family, i), func(t *testing.T) {
			from := t.TempDir()
			for _, name := range c.files {
				put(t, filepath.Join(from, name), []byte(name))
			}
			put(t, filepath.Join(from, "README.md"), []byte("so that the folder is never empty"))
			yaml := strings.Replace(folderEntry(c.family, from, c.more), "id: mine", "id: "+c.id, 1)
			for _, without := range append([]string{""}, c.files...) {
				if without != "" {
					remove(t, filepath.Join(from, without))
				}
				s := store(t, yaml, models.Options{})
				_, err := s.Pull(t.Context(), c.id)
				if without == "" && err != nil || without != "" && !errors.Is(err, models.ErrIncomplete) {
					t.Errorf("without %q: %v", without, err)
				}
				if without != "" {
					put(t, filepath.Join(from, without), []byte(without))
				}
			}
		})
	}
}

// TestAModelPulledBeforeItWasChecked has a record, and lacks what its family needs.
func TestAModelPulledBeforeItWasChecked(t *testing.T) {
	from := t.TempDir()
	put(t, filepath.Join(from, "config.json"), []byte("{}"))
	s := store(t, folderEntry("other", from, ""), models.Options{})
	if _, err := s.Pull(t.Context(), "mine"); err != nil || s.State("mine") != models.StateInstalled {
		t.Fatalf("%v, %q", err, s.State("mine"))
	}
	c, err := models.Load(models.Document{Name: "test.yaml", Data: []byte("models:\n" + folderEntry("idefics3", from, ""))})
	if err != nil {
		t.Fatal(err)
	}
	next := models.New(s.Root(), c, models.Options{Tools: &packages{}})
	t.Cleanup(next.Close)
	if next.State("mine") != models.StatePartial || next.Installed("mine") {
		t.Errorf("state %q", next.State("mine"))
	}
	if _, err := next.Folder(t.Context(), "mine"); !errors.Is(err, models.ErrNotInstalled) {
		t.Errorf("got %v", err)
	}
}
