package memory

import (
	"slices"
	"strings"
	"time"
)

// end is the memory as it is when it has left the active ones.
func (m Memory) end(s Status, why Reason, at time.Time, by string) Memory {
	m.Status, m.Reason, m.Ended, m.SupersededBy = s, why, later(at, m.Created), by
	return m
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// union is both lists, each id once, at most [MaxSources] of them: the first ones stay.
func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, id := range b {
		if !slices.Contains(out, id) && len(out) < MaxSources {
			out = append(out, id)
		}
	}
	return out
}

// cutAny cuts the first of some prefixes that a text has.
func cutAny(text string, prefixes ...string) (rest string, found bool) {
	for _, p := range prefixes {
		if rest, found = strings.CutPrefix(text, p); found {
			return rest, true
		}
	}
	return text, false
}

// Promote makes a memory an active one that the operator vouches for: it has no time to live, gives
// way to nobody, and only another promoted one contradicts it. What it contradicts is superseded,
// and what says the same is merged into it. Errors: [ErrUnknown], [ErrSuperseded], [ErrBudget].
func Promote(memories []Memory, id string, now time.Time, budget int) (Change, error) {
	at := slices.IndexFunc(memories, func(m Memory) bool { return m.ID == id })
	if at < 0 {
		return Change{}, ErrUnknown
	}
	m := memories[at]
	if m.Status == Superseded {
		return Change{}, ErrSuperseded
	}
	m.Status, m.Reason, m.Trust = Active, ReasonPromoted, Operator
	m.Expires, m.Ended = time.Time{}, time.Time{}
	names := calledBy(m.Subject, nil)
	mine := claimOf(m.Text, names)
	var out Change
	n := 1
	for i := range memories {
		o := &memories[i]
		if o.ID == id || o.Status != Active || crowd(o) != crowd(&m) {
			continue
		}
		theirs := claimOf(o.Text, names)
		switch {
		case mine.contradicts(theirs):
			out.Put = append(out.Put, o.end(Superseded, ReasonContradict, milli(now), id))
		case mine.duplicates(theirs):
			out.Put = append(out.Put, o.end(Superseded, ReasonMerged, milli(now), id))
		default:
			n++
		}
	}
	if budget <= 0 {
		budget = DefaultBudget
	}
	if n > budget {
		return Change{}, ErrBudget
	}
	out.Put = append(out.Put, m)
	return out, nil
}
