package engine

import (
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
)

// Series says how many pictures of a track an answer is made from, and which.
type Series struct {
	// Pictures is how many there are at most; 0 and 1 mean the newest alone.
	Pictures int
	// Spacing is how much older a picture is at least than the next one, Within how much older than
	// the newest at most.
	Spacing, Within time.Duration
}

// View is a sight as one question is asked about it.
type View struct {
	*Sight
	// Ago is how old it was then.
	Ago time.Duration
}

// Seen is what a question is asked about: sights of one track, oldest first; empty for nothing. It
// is immutable.
type Seen []View

// Look is what is seen in sights, oldest first, by somebody who asks at a time. A sight that does
// not say when it was captured counts as new.
func Look(at time.Time, sights ...*Sight) Seen {
	out := make(Seen, 0, len(sights))
	for _, s := range sights {
		view := View{Sight: s}
		if !s.Captured.IsZero() {
			view.Ago = max(at.Sub(s.Captured), 0)
		}
		out = append(out, view)
	}
	return out
}

// times is one sight as if it were so many, all of them long ago.
func times(s *Sight, pictures int) Seen { return slices.Repeat(Seen{{s, longAgo}}, pictures) }

// Newest is the last of the sights; nil for none.
func (s Seen) Newest() *Sight {
	if len(s) == 0 {
		return nil
	}
	return s[len(s)-1].Sight
}

// At is the same as somebody sees it who asks at another time.
func (s Seen) At(at time.Time) Seen {
	sights := make([]*Sight, len(s))
	for i, v := range s {
		sights[i] = v.Sight
	}
	return Look(at, sights...)
}

// Told is what a model without eyes is told, before the question, where there is so much room: of
// the newest sight. It is empty for sights that a model takes itself.
func (s Seen) Told(room prompt.Room) string {
	newest := s.Newest()
	if newest == nil || newest.Perceived == nil {
		return ""
	}
	return newest.Perceived.Text(s[len(s)-1].Ago, room)
}

// Tokens is how many tokens of a prompt the pictures are; 0 where only a server knows.
func (s Seen) Tokens() int {
	total := 0
	for _, v := range s {
		total += v.Tokens()
	}
	return total
}

// parts are the sights as a model takes them. Where there are several, each stands behind its time.
func (s Seen) parts() []prompt.Part {
	var out []prompt.Part
	for _, v := range s {
		part := v.part()
		if part == nil {
			continue
		}
		if len(s) > 1 {
			out = append(out, prompt.SeenAgo(v.Ago))
		}
		out = append(out, part)
	}
	return out
}

// leases are those of the sights.
func (s Seen) leases() []*compute.Lease {
	var out []*compute.Lease
	for _, v := range s {
		out = append(out, v.Lease)
	}
	return out
}

// part is the sight as a model takes it; nil for one that it is told of in words.
func (s *Sight) part() prompt.Part {
	if s.Perceived != nil {
		return nil
	}
	if s.Picture != nil {
		return *s.Picture
	}
	f := s.Features
	return generate.Image{
		Features: f.Data, Tokens: f.Tokens, Hidden: f.Hidden, Rows: f.Rows, Cols: f.Cols, Grid: generate.Grid(f.Grid),
	}
}
