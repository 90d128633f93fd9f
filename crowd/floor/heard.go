package floor

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const (
	frameTime = 20 * time.Millisecond
	// audible is the level in dBFS from which a frame is sound: a canned voice has -9, and -20
	// while it is lowered.
	audible = -45.0
	// whole is how long a pause belongs to a sound: some lost packets.
	whole = 60 * time.Millisecond
	// lowered is by how many dB a voice is quieter where it was lowered.
	lowered = 6.0
)

// Frame is 20 ms of sound of one persona, as it was heard.
type Frame struct {
	Who  string
	At   time.Time // when its first sample came
	DBFS float64
}

// Span is a sound of one persona without a pause.
type Span struct {
	Who        string
	Start, End time.Time
}

func (s Span) length() time.Duration { return s.End.Sub(s.Start) }

// Spans are the sounds in what was heard, by their start.
func Spans(frames []Frame) []Span {
	frames = slices.Clone(frames)
	slices.SortStableFunc(frames, func(a, b Frame) int { return a.At.Compare(b.At) })
	open := map[string]*Span{}
	var out []*Span
	for _, f := range frames {
		if math.IsNaN(f.DBFS) || f.DBFS < audible {
			continue
		}
		s := open[f.Who]
		if s == nil || f.At.Sub(s.End) > whole {
			s = &Span{Who: f.Who, Start: f.At}
			open[f.Who] = s
			out = append(out, s)
		}
		if end := f.At.Add(frameTime); end.After(s.End) {
			s.End = end
		}
	}
	spans := make([]Span, len(out))
	for i, s := range out {
		spans[i] = *s
	}
	slices.SortStableFunc(spans, func(a, b Span) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Who, b.Who))
	})
	return spans
}

// Overlap is how long two personas or more were heard at once.
func Overlap(spans []Span) time.Duration {
	type edge struct {
		at time.Time
		by int
	}
	var edges []edge
	for _, s := range spans {
		edges = append(edges, edge{s.Start, 1}, edge{s.End, -1})
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.by, b.by)) })
	var total time.Duration
	heard := 0
	for i, e := range edges {
		if heard > 1 {
			total += e.at.Sub(edges[i-1].at)
		}
		heard += e.by
	}
	return total
}

// quieter is when a persona was heard quieter than before, from a time on; false where it was not.
func quieter(frames []Frame, who string, from time.Time) (time.Time, bool) {
	loud := math.Inf(-1)
	for _, f := range frames {
		switch {
		case f.Who != who || f.DBFS < audible:
		case f.At.Before(from):
			loud = f.DBFS
		case f.DBFS < loud-lowered:
			return f.At, true
		}
	}
	return time.Time{}, false
}

// Jain is Jain's index of fairness of counts: 1 where all are the same, 1/n where one has all; 0
// without any.
func Jain(counts []int) float64 {
	sum, squares := 0.0, 0.0
	for _, n := range counts {
		sum, squares = sum+float64(n), squares+float64(n)*float64(n)
	}
	if squares == 0 {
		return 0
	}
	return sum * sum / (float64(len(counts)) * squares)
}
