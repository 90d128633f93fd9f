package main

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/models"
)

// TestFilesThatAreCheckedBeforeTheyAreLoadedAreNamed: those of a folder that was copied, and all
// where that is asked for.
func TestFilesThatAreCheckedBeforeTheyAreLoadedAreNamed(t *testing.T) {
	modelsFixture(t)
	if out, _, err := runModels(t, "pull", "tiny"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	load := func(verify bool) (path, said string) {
		t.Helper()
		var to bytes.Buffer
		out := newTimeline(&to, false)
		store, err := models.Open("", models.Options{Digests: verify, Progress: checking(out)})
		if err != nil {
			t.Fatal(err)
		}
		if path, err = store.Path("tiny", "a.onnx"); err != nil {
			t.Fatal(err)
		}
		store.Close()
		if err := out.close(slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		return path, to.String()
	}
	path, said := load(false)
	if said != "" {
		t.Errorf("a file that is as it was: %q", said)
	}
	const want = "tiny/a.onnx, 0 MB\n"
	if _, said = load(true); !strings.Contains(said, "checks") || !strings.HasSuffix(said, want) || strings.Count(said, "\n") != 1 {
		t.Errorf("asked for: %q", said)
	}
	copied := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, copied, copied); err != nil {
		t.Fatal(err)
	}
	if _, said = load(false); !strings.HasSuffix(said, want) {
		t.Errorf("with another time: %q", said)
	}
	if _, said = load(false); said != "" {
		t.Errorf("its record was made fresh, and still: %q", said)
	}
}
