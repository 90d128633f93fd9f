package convert_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/sensory-agent/sensory-agent/models/convert"
)

// names lists a folder, hidden entries included.
func names(tb testing.TB, dir string) map[string]bool {
	tb.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		tb.Fatal(err)
	}
	out := map[string]bool{}
	for _, e := range entries {
		out[e.Name()] = true
	}
	return out
}

func TestProgress(t *testing.T) {
	var last, total, calls int64
	dir := filepath.Join(t.TempDir(), "new", "out")
	err := convert.Whisper(t.Context(), save(t, "tiny.bin", newTinyWhisper().file), dir, func(done, all int64) {
		if done <= last || (total != 0 && all != total) {
			t.Errorf("progress went from %d of %d to %d of %d", last, total, done, all)
		}
		last, total = done, all
		calls++
	})
	if err != nil {
		t.Fatal(err)
	}
	var size int64
	for name := range names(t, dir) {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if last != total || total != size || calls < 5 {
		t.Errorf("%d of %d bytes in %d calls, %d on disk", last, total, calls, size)
	}
	if left := names(t, filepath.Dir(dir)); len(left) != 1 {
		t.Errorf("left beside the folder: %v", left)
	}
}

func TestCancelledConversionLeavesTheOldFiles(t *testing.T) {
	input := save(t, "tiny.bin", newTinyWhisper().file)
	dir := filepath.Join(t.TempDir(), "out")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"encoder_model.onnx": "old", "other": "kept"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := convert.Whisper(ctx, input, dir, func(done, total int64) {
		if done > total/2 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "encoder_model.onnx")); err != nil || string(got) != "old" {
		t.Errorf("the old file holds %q, %v", got, err)
	}
	if left := names(t, filepath.Dir(dir)); len(left) != 1 {
		t.Errorf("left beside the folder: %v", left)
	}
	if err := convert.Whisper(t.Context(), input, dir, nil); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); len(got) != 10 || !got["other"] {
		t.Errorf("after a whole conversion: %v", got)
	}
	if info, err := os.Stat(filepath.Join(dir, "encoder_model.onnx")); err != nil || info.Size() < 1000 {
		t.Errorf("the file was not replaced: %v, %v", info, err)
	}
}

func TestPathErrors(t *testing.T) {
	good := save(t, "tiny.bin", newTinyWhisper().file)
	if err := convert.Whisper(t.Context(), good+".missing", t.TempDir(), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing input: %v", err)
	}
	if err := convert.SmolLM2GGUF(t.Context(), good+".missing", t.TempDir(), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing input: %v", err)
	}
	if err := convert.Whisper(t.Context(), good, filepath.Join(good, "out"), nil); err == nil {
		t.Error("a folder below a file was made")
	}
}
