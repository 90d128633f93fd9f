package turn_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/turn/script"
)

var update = flag.Bool("update", false, "rewrite the scripts with what the table does now: only by somebody who understands the difference")

// TestConversations replays the scripts.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				var out bytes.Buffer
				if err := script.Rewrite(&out, bytes.NewReader(text)); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			result, err := script.Replay(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if result.Effects == 0 {
				t.Error("nothing happens in it")
			}
			for _, d := range result.Diffs {
				t.Errorf("line %d: %s\ngot:\n  %s\nwant:\n  %s", d.Line, d.Event, strings.Join(d.Got, "\n  "), strings.Join(d.Want, "\n  "))
			}
		})
	}
}
