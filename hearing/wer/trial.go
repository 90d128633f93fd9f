package wer

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
)

//go:embed sentences.txt
var sentences string

// Sentences returns the sentences that figures of this project are measured with: 64 questions and
// statements of everyday English.
func Sentences() []string {
	return strings.Split(strings.TrimSpace(sentences), "\n")
}

// Trial measures a way of hearing: every sentence is spoken, sent over a link and heard.
type Trial struct {
	Speak func(ctx context.Context, text string) ([]float32, error)   // returns 16 kHz samples
	Link  func(ctx context.Context, pcm []float32) ([]float32, error) // what arrives of them; nil: all
	Hear  func(ctx context.Context, pcm []float32) (text string, err error)
}

// Miss is a sentence that was not heard as it was said.
type Miss struct {
	Said, Heard string
	Errors      Errors
}

// Run speaks all texts and returns the summed errors and the sentences with any. It stops at the
// first error of a stage.
func (t Trial) Run(ctx context.Context, texts []string) (Errors, []Miss, error) {
	var sum Errors
	var misses []Miss
	for _, said := range texts {
		pcm, err := t.Speak(ctx, said)
		if err != nil {
			return sum, misses, fmt.Errorf("speak %q: %w", said, err)
		}
		if t.Link != nil {
			if pcm, err = t.Link(ctx, pcm); err != nil {
				return sum, misses, fmt.Errorf("link %q: %w", said, err)
			}
		}
		heard, err := t.Hear(ctx, pcm)
		if err != nil {
			return sum, misses, fmt.Errorf("hear %q: %w", said, err)
		}
		e := Count(said, heard)
		sum = sum.Add(e)
		if e.Total() > 0 {
			misses = append(misses, Miss{Said: said, Heard: heard, Errors: e})
		}
	}
	return sum, misses, nil
}
