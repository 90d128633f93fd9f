package spoken

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/cognition/turn/addressing"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

// Ears are what hears: *engine.Models is one, whose methods say what these do.
type Ears interface {
	Detector() (engine.Detector, error)
	Interim(h engine.Holder) hearing.Transcriber
	Final(h engine.Holder) hearing.Transcriber
}

var _ Ears = (*engine.Models)(nil)

// Set is a set of labelled lines.
type Set struct {
	Name  string
	Lines []addressing.Line
}

// Config says what is measured.
type Config struct {
	// Ears stay the caller's.
	Ears Ears
	// Voices say every line, each of them; package speech names them.
	Voices []string
	Sets   []Set
	// Limit is how many lines of each set are drawn at most, 0 for all; the same Seed draws the
	// same.
	Limit int
	Seed  uint64
	// Kept is what was heard in a run before, and takes what is heard in this one; nil keeps
	// nothing.
	Kept io.ReadWriter
	// Progress, if set, is told what was heard of a line, done of all so far.
	Progress func(done, of int, h Heard)
	// Say is [speech.Say] where it is nil.
	Say func(ctx context.Context, voice, text string) ([]float32, error)
}

// Heard is what was heard of one line.
type Heard struct {
	Voice string `json:"voice"`
	Said  string `json:"said"`
	// Texts are the transcripts, one for each turn that the line was taken for.
	Texts []string `json:"texts"`
	// Unclear is why something was heard and not understood for certain, in a word each.
	Unclear []string `json:"unclear,omitempty"`
	// Evidence is what was known of each of those turns, in their order, so that another rule of
	// what was said can be tried without hearing them again; none in files of older runs.
	Evidence []hearing.Evidence `json:"evidence,omitempty"`
}

// judge takes what was said, and what is unclear, from the evidence.
func (h *Heard) judge(names []string) {
	if len(h.Evidence) == 0 {
		return
	}
	h.Texts, h.Unclear = []string{}, nil
	for _, e := range h.Evidence {
		if why := e.Doubt(); why == hearing.DoubtNone {
			h.Texts = append(h.Texts, e.Reading(names))
		} else {
			h.Unclear = append(h.Unclear, why.String())
		}
	}
}

func (c *Config) validate() error {
	if c.Say == nil {
		c.Say = speech.Say
	}
	if c.Progress == nil {
		c.Progress = func(int, int, Heard) {}
	}
	switch {
	case c.Ears == nil || len(c.Voices) == 0 || len(c.Sets) == 0:
		return fmt.Errorf("%w: it takes ears, voices and lines", ErrConfig)
	case c.Limit < 0:
		return fmt.Errorf("%w: a limit of %d lines", ErrConfig, c.Limit)
	}
	return nil
}

// Run measures, one line after the other. What Kept has is not heard again. Errors: ErrConfig,
// ErrKept, those of speech.Say and of the ears; what was heard until then is in Kept.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	known, err := readKept(cfg.Kept)
	if err != nil {
		return nil, err
	}
	sets, total := drawn(cfg.Sets, cfg.Limit, cfg.Seed), 0
	for _, s := range sets {
		total += len(s.Lines) * len(cfg.Voices)
	}
	out := &Result{Bench: "addressing spoken", Voices: cfg.Voices}
	done := 0
	for _, s := range sets {
		for _, voice := range cfg.Voices {
			heard := make([]Heard, len(s.Lines))
			for i, line := range s.Lines {
				h, found := known[key{voice, line.Text}]
				if !found {
					if h, err = hear(ctx, &cfg, voice, line); err != nil {
						return nil, fmt.Errorf("%s, line %d, said by %s: %w", s.Name, line.Number, voice, err)
					}
					if err := keep(cfg.Kept, h); err != nil {
						return nil, err
					}
				}
				done++
				h.judge(names(line))
				heard[i] = h
				cfg.Progress(done, total, h)
			}
			if err := out.add(s, voice, heard); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// drawn are some lines of each set, in their order.
func drawn(sets []Set, limit int, seed uint64) []Set {
	out := slices.Clone(sets)
	for i, s := range out {
		if limit == 0 || limit >= len(s.Lines) {
			continue
		}
		places := rand.New(rand.NewPCG(seed, uint64(i))).Perm(len(s.Lines))[:limit] // a sample; i is small
		slices.Sort(places)
		out[i].Lines = make([]addressing.Line, limit)
		for n, at := range places {
			out[i].Lines[n] = s.Lines[at]
		}
	}
	return out
}
