package model_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// BenchmarkResolve resolves over 1,000 entries; the goal is at most 1 ms for an answer and for a
// refusal.
func BenchmarkResolve(b *testing.B) {
	entries := base()
	for i := range 1000 - len(entries) {
		e := entries[i%3*4]
		e.ID, e.Kind, e.Rank = fmt.Sprintf("more-%03d", i), model.KindModel, i%50
		entries = append(entries, e)
	}
	r := registry(b, entries)
	ready := at(model.StageVerified)
	b.Run("answer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := model.Resolve(embedded(), r, laptop(), ready); err != nil {
				b.Fatal(err)
			}
		}
	})
	blind := embedded()
	blind.Needs = append(blind.Needs, model.Need{Capability: model.Embedding})
	b.Run("refusal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := model.Resolve(blind, r, laptop(), ready); !errors.Is(err, model.ErrNoMultimodalBase) {
				b.Fatal(err)
			}
		}
	})
	b.Run("refusal of every candidate", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := model.Resolve(standard(), r, laptop(), ready); !errors.Is(err, model.ErrResidency) {
				b.Fatal(err)
			}
		}
	})
}
