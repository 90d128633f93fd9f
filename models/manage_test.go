package models_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/models"
)

func put(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestPullAdoptsFilesThatAreThere(t *testing.T) {
	data := bytesOf(40, 2_000)
	s := store(t, entry("m", "m.bin", data, true), models.Options{})
	put(t, filepath.Join(s.Root(), "m", "m.bin"), data)
	if s.Installed("m") {
		t.Fatal("installed before its digest was ever computed")
	}
	res, err := s.Pull(t.Context(), "m")
	if err != nil || res[0].Kept != 1 || !s.Installed("m") {
		t.Fatalf("%+v, %v", res, err)
	}
	put(t, filepath.Join(s.Root(), "m", "m.bin"), flipped(data, 3))
	if s.State("m") != models.StateChanged {
		t.Fatalf("state %q of a file with another time", s.State("m"))
	}
	var bad *models.PullError
	if _, err := s.Pull(t.Context(), "m"); !errors.As(err, &bad) || len(bad.Attempts) != 0 || !strings.Contains(err.Error(), "models import m") {
		t.Fatalf("got %v", err)
	}
}

func TestRemove(t *testing.T) {
	data := bytesOf(42, 2_000)
	local := filepath.Join(t.TempDir(), "src.bin")
	put(t, local, data)
	s := store(t, entry("m", "m.bin", data, true, "file: "+local), models.Options{})
	if freed, err := s.Remove(t.Context(), "m"); freed != 0 || err != nil {
		t.Fatalf("nothing there: %d, %v", freed, err)
	}
	if _, err := s.Pull(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	freed, err := s.Remove(t.Context(), "m")
	if err != nil || freed < 2_000 || len(tree(t, s.Root())) != 0 {
		t.Fatalf("freed %d, %v, left %v", freed, err, tree(t, s.Root()))
	}
	if _, err := s.Remove(t.Context(), "nobody"); !errors.Is(err, models.ErrUnknownModel) {
		t.Fatalf("got %v", err)
	}
}

func TestImport(t *testing.T) {
	a, b := bytesOf(43, 500), bytesOf(44, 600)
	yaml := "  - id: m\n    name: test\n    kind: component\n    licence: MIT\n    files:\n" +
		"      - {path: onnx/a.bin, size: 500, sha256: " + digest(a) + "}\n      - {path: b.json}\n"
	from := t.TempDir()
	put(t, filepath.Join(from, "a.bin"), a)
	put(t, filepath.Join(from, "b.json"), b)
	s := store(t, yaml, models.Options{})
	if _, err := s.Import(t.Context(), "m", filepath.Join(from, "b.json")); err != nil {
		t.Fatal(err)
	}
	if s.Installed("m") {
		t.Fatal("installed with one file of two")
	}
	if _, err := s.Import(t.Context(), "m", from); err != nil {
		t.Fatal(err)
	}
	lock, err := s.Lock("m")
	if err != nil || !s.Installed("m") || len(lock.Files) != 2 {
		t.Fatalf("lock %+v, %v", lock, err)
	}
	for _, f := range lock.Files {
		if want := map[string]string{"onnx/a.bin": models.OriginCatalog, "b.json": models.OriginUser}[f.Path]; f.Origin != want {
			t.Errorf("%s: origin %q, want %q", f.Path, f.Origin, want)
		}
	}
	put(t, filepath.Join(from, "a.bin"), flipped(a, 1))
	s2 := store(t, yaml, models.Options{})
	if _, err := s2.Import(t.Context(), "m", from); !errors.Is(err, models.ErrDigest) {
		t.Fatalf("wrong bytes: %v", err)
	}
	for _, c := range []struct{ id, path string }{{"nobody", from}, {"m", filepath.Join(from, "nowhere")}, {"calibration", from}} {
		if _, err := s.Import(t.Context(), c.id, c.path); err == nil {
			t.Errorf("import %v: no error", c)
		}
	}
}

func TestConversion(t *testing.T) {
	data := bytesOf(46, 3_000)
	local := filepath.Join(t.TempDir(), "m.ggml")
	put(t, local, data)
	yaml := strings.Replace(entry("m", "m.ggml", data, true, "file: "+local), "    files:", "    convert: double\n    outputs: [out/twice.bin]\n    files:", 1)
	runs, version, fail := 0, 1, error(nil)
	converters := func() map[string]models.Converter {
		return map[string]models.Converter{"double": {Version: version, Run: func(_ context.Context, in, out string, progress func(int64, int64)) error {
			runs++
			progress(1, 2)
			src, err := os.ReadFile(in)
			if err != nil {
				return err
			}
			if err := os.MkdirAll(filepath.Join(out, "out"), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(out, "out", "twice.bin"), append(src, src...), 0o600); err != nil {
				return err
			}
			return fail
		}}}
	}
	s := store(t, yaml, models.Options{Converters: converters()})
	fail = errors.New("broken input")
	if _, err := s.Pull(t.Context(), "m"); !errors.Is(err, models.ErrConvert) || !errors.Is(err, fail) {
		t.Fatalf("got %v", err)
	}
	if _, err := s.Path("m", "out/twice.bin"); !errors.Is(err, models.ErrNotInstalled) || s.Installed("m") {
		t.Fatalf("a failed conversion left something: %v", tree(t, s.Root()))
	}
	fail = nil
	for range 2 {
		if _, err := s.Pull(t.Context(), "m"); err != nil {
			t.Fatal(err)
		}
	}
	if runs != 2 || !bytes.Equal(mustRead(t, filepath.Join(s.Root(), "m", "out", "twice.bin")), append(bytes.Clone(data), data...)) {
		t.Fatalf("%d runs", runs)
	}
	if err := os.Remove(filepath.Join(s.Root(), "m", "out", "twice.bin")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pull(t.Context(), "m"); err != nil || runs != 3 {
		t.Fatalf("lost output: %d runs, %v", runs, err)
	}
	version = 2
	s2 := models.New(s.Root(), s.Catalog(), models.Options{Converters: converters(), Tools: &packages{}})
	defer s2.Close()
	if s2.Installed("m") {
		t.Fatal("files of an older converter count as installed")
	}
	if _, err := s2.Pull(t.Context(), "m"); err != nil || runs != 4 {
		t.Fatalf("newer converter: %d runs, %v", runs, err)
	}
	s3 := models.New(t.TempDir(), s.Catalog(), models.Options{Converters: map[string]models.Converter{}, Tools: &packages{}})
	defer s3.Close()
	if _, err := s3.Pull(t.Context(), "m"); !errors.Is(err, models.ErrConvert) {
		t.Fatalf("unknown step: %v", err)
	}
}

func TestCalibrationIsAlwaysThere(t *testing.T) {
	s := store(t, entry("m", "m.bin", nil, false), models.Options{})
	if !s.Installed(models.CalibrationID) {
		t.Fatal("not installed")
	}
	fsys, err := s.FS(models.CalibrationID)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"config.json", "generation_config.json", "preprocessor_config.json", "tokenizer.json",
		"onnx/vision_encoder.onnx", "onnx/embed_tokens.onnx", "onnx/decoder_model_merged.onnx",
	} {
		if info, err := fs.Stat(fsys, name); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Pull(t.Context(), models.CalibrationID); err != nil {
		t.Fatal(err)
	}
}
