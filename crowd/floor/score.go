package floor

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/crowd"
)

// Goals.
const (
	goalSilence = 200.0 // ms, p95 from the first sound of a person, and from when it is known
	goalGap     = 300.0 // ms, p50 between two speakers
	goalJain    = 0.9
	// fewTurns is how many open turns a persona needs for its share to say anything.
	fewTurns = 3
)

// Turn is what came of a step.
type Turn struct {
	Step
	Began time.Time // the first sound of the question, or when it was typed
	Over  time.Time // nobody spoke or thought any more
	// Lost says that the turn did not come to an end in time.
	Lost bool
	// Cut is what was said over an answer; nil where nothing was.
	Cut *Cut
}

// Cut is what a person said over an answer.
type Cut struct {
	Who   string    // the persona that was speaking
	Began time.Time // the first sound of it
	// Told is when the room knew that the persona is to pause, or stop; zero where it did not.
	Told time.Time
}

// Result is what was measured. Times are in milliseconds.
type Result struct {
	Bench    string `json:"bench"`
	Host     string `json:"host"`
	Personas int    `json:"personas"`
	Turns    int    `json:"turns"`
	// Kinds are the turns by kind, Wrong those that did not go as they should, and how.
	Kinds   map[Kind]int `json:"kinds"`
	Wrong   []string     `json:"wrong"`
	Seconds float64      `json:"seconds"`
	Spans   int          `json:"spans"`
	// OverlapMS is how long two personas were heard at once.
	OverlapMS float64 `json:"overlap_ms"`
	// Gap is the silence between two personas that answer the same question, Gaps how many there
	// were.
	Gap  crowd.Spread `json:"gap_ms"`
	Gaps int          `json:"gaps"`
	// Of interruptions: from the first sound of the person until the persona is heard quieter,
	// until it is not heard any more, and until then from when the room knew that it is to pause.
	Interruptions int          `json:"interruptions"`
	Quieter       crowd.Spread `json:"speech_to_quieter_ms"`
	Silence       crowd.Spread `json:"speech_to_silence_ms"`
	Told          crowd.Spread `json:"told_to_silence_ms"`
	// Jain is Jain's index over the answers to open questions, which Shares counts by persona.
	Jain   float64        `json:"jain"`
	Shares map[string]int `json:"shares"`
	// Problems are what the room reported.
	Problems []string `json:"problems,omitempty"`
}

// Score is what turns and what was heard come to. clause is how long one clause of an answer
// sounds, and clauses how many a long answer has.
func Score(personas int, turns []Turn, frames []Frame, clause time.Duration, clauses int) *Result {
	frames = slices.Clone(frames)
	slices.SortStableFunc(frames, func(a, b Frame) int { return a.At.Compare(b.At) })
	spans := Spans(frames)
	s := scorer{personas: personas, frames: frames, spans: spans, short: clause, long: time.Duration(clauses) * clause, shares: map[string]int{}}
	out := &Result{
		Bench: "floor", Personas: personas, Turns: len(turns), Kinds: map[Kind]int{}, Wrong: []string{}, Shares: s.shares,
		Spans: len(spans), OverlapMS: ms(Overlap(spans)),
	}
	for _, who := range names()[:personas] {
		s.shares[who] = 0
	}
	for i := range turns {
		t := &turns[i]
		out.Kinds[t.Kind]++
		if why := s.turn(t); why != "" {
			out.Wrong = append(out.Wrong, fmt.Sprintf("turn %d, %s: %s", t.Number, t.Kind, why))
		}
	}
	var counts []int
	for _, who := range names()[:personas] {
		counts = append(counts, s.shares[who])
	}
	out.Jain, out.Gaps, out.Interruptions = Jain(counts), len(s.gaps), len(s.silences)
	out.Gap, out.Quieter, out.Silence, out.Told = crowd.SpreadOf(s.gaps), crowd.SpreadOf(s.quiets), crowd.SpreadOf(s.silences), crowd.SpreadOf(s.tolds)
	return out
}

// scorer adds up turns.
type scorer struct {
	personas    int
	frames      []Frame
	spans       []Span
	short, long time.Duration // of answers
	shares      map[string]int

	gaps, quiets, silences, tolds []float64
}

// turn adds up one turn and says what is wrong with it; empty for nothing.
func (s *scorer) turn(t *Turn) string {
	var own []Span
	for _, span := range s.spans {
		if !span.Start.Before(t.Began) && !span.Start.After(t.Over) {
			own = append(own, span)
		}
	}
	switch {
	case t.Lost:
		return "it did not come to an end"
	case t.Over.IsZero():
		return "it was not held"
	}
	switch t.Kind {
	case Interrupted:
		return s.interrupted(t, own)
	case Aside:
		return s.aside(t, own)
	case Open, Everybody, Named:
	}
	heard := speakers(own)
	if t.Kind == Open {
		for _, who := range heard {
			s.shares[who]++
		}
	}
	for i := 1; i < len(own); i++ {
		if own[i].Who != own[i-1].Who {
			s.gaps = append(s.gaps, ms(own[i].Start.Sub(own[i-1].End)))
		}
	}
	switch {
	case len(heard) != t.Answers(s.personas):
		return fmt.Sprintf("%d were heard, not %d: %s", len(heard), t.Answers(s.personas), strings.Join(heard, " "))
	case t.Names != nil && !slices.Equal(heard, t.Names):
		return fmt.Sprintf("%s were heard, not %s", strings.Join(heard, " "), strings.Join(t.Names, " "))
	}
	for _, who := range heard {
		if got := sounded(own, who); got < s.short*8/10 {
			return fmt.Sprintf("%s was heard for %v, not %v", who, got, s.short)
		}
	}
	return ""
}

// interrupted adds up a turn in which a person spoke over an answer.
func (s *scorer) interrupted(t *Turn, own []Span) string {
	if t.Cut == nil {
		return "nobody spoke to be interrupted"
	}
	var end time.Time
	for _, span := range own {
		if span.Who == t.Cut.Who && span.Start.Before(t.Cut.Began) {
			end = span.End
		}
	}
	switch {
	case end.IsZero():
		return t.Cut.Who + " was not heard"
	case t.Cut.Told.IsZero():
		return t.Cut.Who + " was not stopped"
	case end.Before(t.Cut.Began):
		return t.Cut.Who + " had ended before somebody spoke"
	}
	s.silences = append(s.silences, ms(end.Sub(t.Cut.Began)))
	s.tolds = append(s.tolds, ms(max(0, end.Sub(t.Cut.Told))))
	if at, found := quieter(s.frames, t.Cut.Who, t.Cut.Began); found && at.Before(end) {
		s.quiets = append(s.quiets, ms(at.Sub(t.Cut.Began)))
	} else {
		s.quiets = append(s.quiets, ms(end.Sub(t.Cut.Began))) // it was silent before it was quieter
	}
	after := slices.DeleteFunc(slices.Clone(own), func(span Span) bool { return !span.Start.After(end) })
	if heard := speakers(after); len(heard) != t.Answers(s.personas) {
		return fmt.Sprintf("%d answered the interruption: %s", len(heard), strings.Join(heard, " "))
	}
	return ""
}

// aside adds up a turn in which a person said "yeah" over an answer: it goes on.
func (s *scorer) aside(t *Turn, own []Span) string {
	heard := speakers(own)
	switch {
	case t.Cut == nil:
		return "nobody spoke for somebody to agree to"
	case len(heard) != 1:
		return fmt.Sprintf("%d were heard, not 1: %s", len(heard), strings.Join(heard, " "))
	}
	if got := sounded(own, heard[0]); got < s.long*8/10 {
		return fmt.Sprintf("%s was heard for %v, not %v", heard[0], got, s.long)
	}
	return ""
}

// speakers are who was heard, in the order of their first sound.
func speakers(spans []Span) (out []string) {
	for _, s := range spans {
		if !slices.Contains(out, s.Who) {
			out = append(out, s.Who)
		}
	}
	return out
}

// sounded is how long somebody was heard.
func sounded(spans []Span, who string) (total time.Duration) {
	for _, s := range spans {
		if s.Who == who {
			total += s.length()
		}
	}
	return total
}

// few says that there were too few open turns for shares to say anything.
func (r *Result) few() bool { return r.Kinds[Open] < fewTurns*r.Personas }

// Failure is ErrMissed with every goal that was missed, or nil.
func (r *Result) Failure() error {
	var missed []error
	miss := func(is bool, format string, args ...any) {
		if is {
			missed = append(missed, fmt.Errorf(format, args...))
		}
	}
	miss(r.OverlapMS > 0, "two personas were heard at once for %.0f ms", r.OverlapMS)
	miss(r.Silence.P95 > goalSilence, "silence %.0f ms after the first sound (p95), at most %.0f", r.Silence.P95, goalSilence)
	miss(r.Told.P95 > goalSilence, "silence after %.0f ms (p95), at most %.0f", r.Told.P95, goalSilence)
	miss(r.Gap.P50 > goalGap, "a gap of %.0f ms (p50), at most %.0f", r.Gap.P50, goalGap)
	miss(!r.few() && r.Jain < goalJain, "Jain's index %.3f, at least %.1f", r.Jain, goalJain)
	miss(len(r.Wrong) > 0, "%d turns went wrong", len(r.Wrong))
	if len(missed) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrMissed, errors.Join(missed...))
}

// ms is a duration in milliseconds.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
