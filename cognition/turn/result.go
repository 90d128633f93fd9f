package turn

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Result is what came of a plan: every persona of it with what it said, or why it was silent.
type Result struct {
	Turn        string      `json:"turn"`
	Fingerprint string      `json:"fingerprint"`
	Replies     []Told      `json:"replies"`
	Silences    []Quiet     `json:"silences"`
	Divergences []Deviation `json:"divergences"`
}

// ErrResult means that what came of a plan cannot be read; see ResultError.
var ErrResult = errors.New("invalid plan result")

// ResultError says what of a result cannot be used.
type ResultError struct {
	// Field is its path, as in "replies[2].persona".
	Field string
	// Problem says what is wrong and what would be right.
	Problem string
}

// Error implements error.
func (e *ResultError) Error() string { return fmt.Sprintf("plan result: %s: %s", e.Field, e.Problem) }

// Unwrap returns ErrResult.
func (e *ResultError) Unwrap() error { return ErrResult }

// ReadResult reads a result as JSON, as strictly as ReadRequest, and checks it. Its errors are
// *ResultError, or the reader's.
func ReadResult(r io.Reader) (Result, error) {
	var out Result
	err := decode(r, &out)
	var bad *wrong
	switch {
	case errors.As(err, &bad):
		return Result{}, &ResultError{bad.field, bad.problem}
	case err != nil:
		return Result{}, fmt.Errorf("plan result: %w", err)
	}
	c := &checker{}
	c.text("turn", out.Turn, mostName, true)
	c.text("fingerprint", out.Fingerprint, mostName, true)
	for i, t := range out.Replies {
		at := fmt.Sprintf("replies[%d]", i)
		c.text(at+".persona", t.Persona, mostName, true)
		c.number(at+".start_ms", t.Start, 0, mostPlanTime)
		c.number(at+".finish_ms", t.Finish, t.Start, mostPlanTime)
		c.number(at+".heard_ms", t.Heard, 0, mostPlanTime)
		c.length(at+".source_keys", len(t.SourceKeys), mostSources)
		if t.Cut != "" {
			c.reason(at+".cut", t.Cut)
		}
	}
	for i, q := range out.Silences {
		at := fmt.Sprintf("silences[%d]", i)
		c.text(at+".name", q.Seat, mostName, true)
		c.reason(at+".reason", q.Why)
	}
	if c.err != nil {
		return Result{}, &ResultError{c.err.Field, c.err.Problem}
	}
	return out, nil
}

// Told is a reply that was made.
type Told struct {
	Persona string `json:"persona"`
	Text    string `json:"text"`
	// Lane and ContextKey are what it was made with.
	Lane       string `json:"lane,omitempty"`
	ContextKey string `json:"context_key,omitempty"`
	// SourceKeys name what it was made from beside its context, as those of a PlannedReply.
	SourceKeys []string `json:"source_keys,omitempty"`
	// Start and Finish of its text after the turn began, in ms.
	Start  int64 `json:"start_ms"`
	Finish int64 `json:"finish_ms"`
	// Heard is when somebody began to hear it; 0 where nobody did.
	Heard int64 `json:"heard_ms,omitempty"`
	// Cut is why people heard no more of it than Text; empty for a whole reply. One that was
	// written since it could not be heard in time has ReasonStale, and was not heard.
	Cut Reason `json:"cut,omitempty"`
}

// Deviation is one point in which the carrying out left the plan.
type Deviation struct {
	Kind    DeviationKind `json:"kind"`
	Persona string        `json:"persona,omitempty"`
	Planned string        `json:"planned,omitempty"`
	Was     string        `json:"was,omitempty"`
}

// Budgets are until when the first reply, and all, are to be there, in ms; 0 is 10 and 30 s.
type Budgets struct{ First, All int64 }

// Budgets are those of a request.
func (r Request) Budgets() Budgets { return Budgets{r.FirstBudget, r.AllBudget} }

func (b Budgets) complete() Budgets {
	if b.First == 0 {
		b.First = defaultFirst
	}
	if b.All == 0 {
		b.All = defaultAll
	}
	return b
}

// Compare finds every point in which a result leaves its plan, in the order of the plan. It is
// pure.
func Compare(p Plan, r Result, budgets Budgets) []Deviation {
	out := []Deviation{}
	b := budgets.complete()
	if r.Fingerprint != p.Fingerprint || r.Turn != p.Turn {
		out = append(out, Deviation{DeviationPlan, "", p.Turn + " " + p.Fingerprint, r.Turn + " " + r.Fingerprint})
	}
	heard, first := int64(0), int64(-1)
	for _, want := range p.Replies {
		i := slices.IndexFunc(r.Replies, func(t Told) bool { return t.Persona == want.Persona })
		if i < 0 {
			if j := slices.IndexFunc(r.Silences, func(q Quiet) bool { return q.Seat == want.Persona }); j >= 0 {
				out = append(out, want.Unmade(r.Silences[j].Why))
			} else {
				out = append(out, Deviation{DeviationMissing, want.Persona, "", ""})
			}
			continue
		}
		got := r.Replies[i]
		out = append(out, want.Made(got, b)...)
		if got.Heard > 0 && got.Heard < heard {
			out = append(out, Deviation{DeviationOrder, want.Persona, "", ""})
		}
		heard = max(heard, got.Heard)
		if first < 0 || got.Finish < first {
			first = got.Finish
		}
	}
	if (p.First == Meets || p.First == Unknown) && first > b.First {
		out = append(out, Deviation{DeviationLate, "", fmt.Sprint(b.First), fmt.Sprint(first)})
	}
	return append(out, unplanned(p, r)...)
}

// Unmade is how a planned reply that was not made leaves the plan.
func (want *PlannedReply) Unmade(why Reason) Deviation { return want.without(why, DeviationSilent) }

// without is a reply, or the rest of one, that is missing for a reason; kind is that of most
// reasons.
func (want *PlannedReply) without(why Reason, kind DeviationKind) Deviation {
	switch why {
	case ReasonFailed, ReasonLeaseRefused:
		kind = DeviationFailed
	case ReasonContextEvicted:
		kind = DeviationEvicted
	case ReasonRemoved:
		kind = DeviationLeft
	}
	return Deviation{kind, want.Persona, "", string(why)}
}

// Made is how a reply leaves the plan.
func (want *PlannedReply) Made(got Told, budgets Budgets) (out []Deviation) {
	if got.Lane != want.Lane {
		out = append(out, Deviation{DeviationLane, want.Persona, want.Lane, got.Lane})
	}
	if got.ContextKey != want.ContextKey {
		out = append(out, Deviation{DeviationContext, want.Persona, want.ContextKey, got.ContextKey})
	}
	if planned := keysOf(want.SourceKeys); planned != keysOf(newest(got.SourceKeys, want.SourceKeys)) {
		out = append(out, Deviation{DeviationSource, want.Persona, planned, keysOf(got.SourceKeys)})
	}
	if all := budgets.complete().All; want.Verdict != Misses && got.Finish > all {
		out = append(out, Deviation{DeviationLate, want.Persona, fmt.Sprint(all), fmt.Sprint(got.Finish)})
	}
	if got.Cut != "" {
		out = append(out, want.without(got.Cut, DeviationCut))
	}
	return out
}

// newest are the keys that were used, oldest first, without those of earlier pictures: a picture
// that was planned may be used with others of its track before it, track/41 before track/42.
func newest(used, planned []string) (out []string) {
	track := func(key string) string { return key[:max(strings.LastIndexByte(key, '/'), 0)] }
	for i, key := range used {
		earlier := track(key) != "" && slices.ContainsFunc(used[i+1:], func(later string) bool {
			return track(later) == track(key) && slices.Contains(planned, later)
		})
		if !earlier || slices.Contains(planned, key) {
			out = append(out, key)
		}
	}
	return out
}

// keysOf are keys as a divergence names them, whatever their order was.
func keysOf(keys []string) string { return strings.Join(slices.Sorted(slices.Values(keys)), " ") }

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
		switch {
		case slices.ContainsFunc(r.Silences[:i], func(q Quiet) bool { return q.Seat == got.Seat }):
			out = append(out, Deviation{DeviationTwice, got.Seat, "", ""})
		case !slices.ContainsFunc(p.Replies, func(w PlannedReply) bool { return w.Persona == got.Seat }) &&
			!slices.ContainsFunc(p.Silences, func(q Quiet) bool { return q.Seat == got.Seat }):
			out = append(out, Deviation{DeviationUnplanned, got.Seat, "", string(got.Why)})
		}
	}
	for _, want := range p.Silences {
		i := slices.IndexFunc(r.Silences, func(q Quiet) bool { return q.Seat == want.Seat })
		replied := slices.ContainsFunc(r.Replies, func(t Told) bool { return t.Persona == want.Seat })
		switch {
		case i < 0 && !replied:
			out = append(out, Deviation{DeviationMissing, want.Seat, string(want.Why), ""})
		case i >= 0 && !replied && r.Silences[i].Why != want.Why:
			out = append(out, Deviation{DeviationReason, want.Seat, string(want.Why), string(r.Silences[i].Why)})
		}
	}
	return out
}
