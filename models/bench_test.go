package models_test

import (
	"testing"

	"github.com/sensory-agent/sensory-agent/models"
)

// BenchmarkLoad reads the built-in catalog: every command pays for it once.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := models.Load(); err != nil {
			b.Fatal(err)
		}
	}
}
