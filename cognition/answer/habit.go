package answer

import (
	"strings"
	"sync/atomic"
)

// Beginning says how the answers of a model begin.
type Beginning int32

const (
	// Unsure means that nothing is known yet. The beginning is held back until a mark, the end, or
	// HoldLimit says more.
	Unsure Beginning = iota
	// Plain means that answers begin with what is said; a thought, if any, opens with its mark.
	// Nothing is held back.
	Plain
	// Thinking means that answers begin inside a thought, whose opening mark stands in the prompt.
	// Everything up to the closing mark is taken out, and all of an answer that has none.
	Thinking
	// Suspected means that an answer before this one began inside a thought. Everything up to the
	// closing mark is taken out; an answer that the model ended without one is shown as a whole.
	Suspected
)

// Habit is what was learnt of one model's answers. The zero value knows nothing. It may be used
// from any goroutine.
type Habit struct{ begins atomic.Int32 }

// NewHabit returns what is known from the catalog or from the model's own template. Thinking stays;
// Plain is corrected where an answer shows otherwise.
func NewHabit(b Beginning) *Habit {
	h := &Habit{}
	h.begins.Store(int32(b))
	return h
}

// Begins is how the next answer is expected to begin.
func (h *Habit) Begins() Beginning { return Beginning(h.begins.Load()) }

// Learn takes what an answer showed, after [Filter.End]. An answer that ended without a mark says
// little where it was cut off: only one that the model ended makes Plain of Unsure. A closing mark
// without an opening one makes Suspected of both.
func (h *Habit) Learn(f *Filter) {
	switch {
	case h.Begins() == Thinking:
	case f.began == Suspected:
		h.begins.Store(int32(Suspected))
	case f.began == Plain:
		h.begins.CompareAndSwap(int32(Unsure), int32(Plain))
	}
}

// BeginsAfter says how an answer begins behind a prompt as a chat template writes it: Thinking
// where the prompt ends with the mark that opens a thought, Plain otherwise.
func BeginsAfter(prompt string) Beginning {
	prompt = lower(strings.TrimSpace(prompt))
	for _, p := range thoughtMarks() {
		if strings.HasSuffix(prompt, p.open) {
			return Thinking
		}
	}
	return Plain
}
