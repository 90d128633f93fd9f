package smoke

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Answer is what became of one persona's part of the turn.
type Answer struct {
	Persona string `json:"persona"`
	// TextMS is when its text was there, HeardMS when the listener began to hear it, WrittenMS when
	// it was in the chat; in ms after the message was kept, 0 for what did not happen.
	TextMS    int64 `json:"text_ms,omitempty"`
	HeardMS   int64 `json:"heard_ms,omitempty"`
	WrittenMS int64 `json:"written_ms,omitempty"`
	// Cut is why people heard no more of it.
	Cut string `json:"cut,omitempty"`
}

// Silence is a persona that gave a reason why it does not reply.
type Silence struct {
	Persona string `json:"name"`
	Reason  string `json:"reason"`
}

// Storm is what the answers cost, beside what the plan allows.
type Storm struct {
	// Planned is how many replies there may be: one of each persona. Generations are those that
	// there were, Turns the turns that came of the message.
	Planned     int `json:"planned"`
	Generations int `json:"generations"`
	Turns       int `json:"turns"`
	// CPUSeconds are those of the program from the message until nothing came of it any more,
	// CPUAllowed what Planned may cost and what the program uses while nothing happens.
	CPUSeconds float64 `json:"cpu_s"`
	CPUAllowed float64 `json:"cpu_allowed_s"`
}

// TimingObservation is what a run of the timing smoke saw, as far as it came.
type TimingObservation struct {
	// Personas are those that were to be seated.
	Personas []string
	// Problem is what chat send or chat export said where it failed.
	Problem string
	// Kept tells whether the export has the message.
	Kept     bool
	Answers  []Answer
	Silences []Silence
	// Storm is nil where it was not measured.
	Storm *Storm
}

// missing are the personas of which nothing is known.
func (o *TimingObservation) missing() []string {
	out := []string{}
	for _, p := range o.Personas {
		if !slices.ContainsFunc(o.Answers, func(a Answer) bool { return a.Persona == p }) &&
			!slices.ContainsFunc(o.Silences, func(s Silence) bool { return s.Persona == p }) {
			out = append(out, p)
		}
	}
	return out
}

// at is when an answer was there, or began to be heard; not ok where it was not.
func (a *Answer) at(aloud bool) (after time.Duration, ok bool) {
	ms := a.TextMS
	if aloud {
		ms = a.HeardMS
	} else if ms == 0 {
		ms = a.WrittenMS
	}
	return time.Duration(ms) * time.Millisecond, ms > 0
}

// times are when the first answer was there and when the last, and which personas answered and were
// not heard.
func (o *TimingObservation) times(aloud bool) (first, last time.Duration, unheard []string) {
	first = -1
	for i := range o.Answers {
		after, ok := o.Answers[i].at(aloud)
		if !ok {
			unheard = append(unheard, o.Answers[i].Persona)
			continue
		}
		if first < 0 || after < first {
			first = after
		}
		last = max(last, after)
	}
	return first, last, unheard
}

// JudgeTiming gives the verdict on an observation: a bucket and one sentence with the observed
// numbers. It is pure.
func JudgeTiming(o TimingObservation, b TimingBudgets) (Bucket, string) {
	first, last, unheard := o.times(b.Aloud)
	missing := o.missing()
	answered := fmt.Sprintf("%d of %d personas replied, %d gave a reason not to", len(o.Answers), len(o.Personas), len(o.Silences))
	switch {
	case !o.Kept:
		return ProbeNotPersisted, "the message is not in the export" + because(o.Problem)
	case len(o.Answers) == 0:
		return NoPersonasReplied, "nobody replied; " + listed(o.Silences, missing)
	case first < 0 || first > b.First:
		return FirstResponseBudgetExceeded, fmt.Sprintf("the first reply %s, the budget is %s", was(first), b.First)
	case len(o.Answers) < b.Minimum:
		return FairnessViolated, fmt.Sprintf("%s, at least %d are to reply; %s", answered, b.Minimum, listed(o.Silences, missing))
	case len(missing) > 0:
		return AllResponseBudgetExceeded, fmt.Sprintf("%s; %s", answered, listed(o.Silences, missing))
	case len(unheard) > 0:
		return AllResponseBudgetExceeded, fmt.Sprintf("nobody heard %s within %s", strings.Join(unheard, ", "), b.limit())
	case last > b.All:
		return AllResponseBudgetExceeded, fmt.Sprintf("the last reply %s, the budget is %s", was(last), b.All)
	case o.Storm != nil && o.Storm.Generations > o.Storm.Planned:
		return StormDetected, fmt.Sprintf("%d generations in %d turns, the plan has %d", o.Storm.Generations, o.Storm.Turns, o.Storm.Planned)
	case o.Storm != nil && o.Storm.CPUSeconds > o.Storm.CPUAllowed:
		return StormDetected, fmt.Sprintf("%.1f s of processor, %.1f s are allowed for %d replies", o.Storm.CPUSeconds, o.Storm.CPUAllowed, o.Storm.Planned)
	}
	return Passed, fmt.Sprintf("%s: the first after %s, all after %s", answered, first, last)
}

func because(problem string) string {
	if problem == "" {
		return ""
	}
	return ": " + problem
}

func was(after time.Duration) string {
	if after < 0 {
		return "never came"
	}
	return "came after " + after.String()
}

// listed says who was silent and why, and of whom nothing is known.
func listed(silences []Silence, missing []string) string {
	var parts []string
	for _, s := range silences {
		parts = append(parts, s.Persona+": "+s.Reason)
	}
	for _, m := range missing {
		parts = append(parts, m+": nothing is known of it")
	}
	if len(parts) == 0 {
		return "nobody was silent"
	}
	return strings.Join(parts, ", ")
}
