package turn

import (
	"fmt"
	"slices"
)

// Result is what came of a plan: every persona of it with what it said, or why it was silent.
type Result struct {
	Turn        string      `json:"turn"`
	Fingerprint string      `json:"fingerprint"`
	Replies     []Told      `json:"replies"`
	Silences    []Quiet     `json:"silences"`
	Divergences []Deviation `json:"divergences"`
}

// Told is a reply that was made.
type Told struct {
	Persona string `json:"persona"`
	Text    string `json:"text"`
	// Lane and ContextKey are what it was made with.
	Lane       string `json:"lane,omitempty"`
	ContextKey string `json:"context_key,omitempty"`
	// Start and Finish of its text after the turn began, in ms.
	Start  int64 `json:"start_ms"`
	Finish int64 `json:"finish_ms"`
	// Heard is when somebody began to hear it; 0 where nobody did.
	Heard int64 `json:"heard_ms,omitempty"`
}

// DeviationKind is how the carrying out of a plan left it.
type DeviationKind string

// Kinds of deviations.
const (
	DeviationLane      DeviationKind = "lane"      // a reply came from another lane
	DeviationContext   DeviationKind = "context"   // a reply was made with another context
	DeviationLate      DeviationKind = "late"      // a reply that was to be in time was not
	DeviationSilent    DeviationKind = "silent"    // a planned reply was not made
	DeviationUnplanned DeviationKind = "unplanned" // a reply was made that was not planned
	DeviationMissing   DeviationKind = "missing"   // nothing is known of a persona
	DeviationTwice     DeviationKind = "twice"     // a persona is there more than once
	DeviationOrder     DeviationKind = "order"     // replies were heard in another order
	DeviationPlan      DeviationKind = "plan"      // another plan was carried out
)

// Deviation is one point in which the carrying out left the plan.
type Deviation struct {
	Kind    DeviationKind `json:"kind"`
	Persona string        `json:"persona,omitempty"`
	Planned string        `json:"planned,omitempty"`
	Was     string        `json:"was,omitempty"`
}

// Compare finds every point in which a result leaves its plan, in the order of the plan. budget is
// the time for all, in ms; 0 is 30 s. It is pure.
func Compare(p Plan, r Result, budget int64) []Deviation {
	out := []Deviation{}
	add := func(kind DeviationKind, who, planned, was string) {
		out = append(out, Deviation{kind, who, planned, was})
	}
	if budget == 0 {
		budget = defaultAll
	}
	if r.Fingerprint != p.Fingerprint || r.Turn != p.Turn {
		add(DeviationPlan, "", p.Turn+" "+p.Fingerprint, r.Turn+" "+r.Fingerprint)
	}
	heard := int64(0)
	for _, want := range p.Replies {
		i := slices.IndexFunc(r.Replies, func(t Told) bool { return t.Persona == want.Persona })
		if i < 0 {
			if j := slices.IndexFunc(r.Silences, func(q Quiet) bool { return q.Seat == want.Persona }); j >= 0 {
				add(DeviationSilent, want.Persona, "", string(r.Silences[j].Why))
			} else {
				add(DeviationMissing, want.Persona, "", "")
			}
			continue
		}
		got := r.Replies[i]
		if got.Lane != want.Lane {
			add(DeviationLane, want.Persona, want.Lane, got.Lane)
		}
		if got.ContextKey != want.ContextKey {
			add(DeviationContext, want.Persona, want.ContextKey, got.ContextKey)
		}
		if want.Verdict == Meets && got.Finish > budget {
			add(DeviationLate, want.Persona, fmt.Sprint(budget), fmt.Sprint(got.Finish))
		}
		if got.Heard > 0 && got.Heard < heard {
			add(DeviationOrder, want.Persona, "", "")
		}
		heard = max(heard, got.Heard)
	}
	return append(out, unplanned(p, r)...)
}

// unplanned finds who should not be there, who is missing, and who is there twice.
func unplanned(p Plan, r Result) (out []Deviation) {
	for i, got := range r.Replies {
		switch {
		case slices.ContainsFunc(r.Replies[:i], func(t Told) bool { return t.Persona == got.Persona }),
			slices.ContainsFunc(r.Silences, func(q Quiet) bool { return q.Seat == got.Persona }):
			out = append(out, Deviation{DeviationTwice, got.Persona, "", ""})
		case !slices.ContainsFunc(p.Replies, func(w PlannedReply) bool { return w.Persona == got.Persona }):
			out = append(out, Deviation{DeviationUnplanned, got.Persona, "", ""})
		}
	}
	for i, got := range r.Silences {
		if slices.ContainsFunc(r.Silences[:i], func(q Quiet) bool { return q.Seat == got.Seat }) {
			out = append(out, Deviation{DeviationTwice, got.Seat, "", ""})
		}
	}
	for _, want := range p.Silences {
		there := slices.ContainsFunc(r.Silences, func(q Quiet) bool { return q.Seat == want.Seat }) ||
			slices.ContainsFunc(r.Replies, func(t Told) bool { return t.Persona == want.Seat })
		if !there {
			out = append(out, Deviation{DeviationMissing, want.Seat, string(want.Why), ""})
		}
	}
	return out
}
