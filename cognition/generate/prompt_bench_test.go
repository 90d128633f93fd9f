package generate_test

import (
	"os"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
)

// BenchmarkPrompt renders, expands and encodes a conversation with one picture: what stands before
// the first run of a graph.
func BenchmarkPrompt(b *testing.B) {
	m := openModel(b, os.DirFS(calibration), generate.Options{})
	messages := user("what do you see?", noise(m, 64, 1))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Prompt(messages); err != nil {
			b.Fatal(err)
		}
	}
}
