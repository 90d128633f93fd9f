package turn

import "slices"

// Ordered is what of a plan a room carries out: who replies, in which order, lane and wave, and why
// the others are silent. The zero value is no plan.
type Ordered struct {
	// Key and Print are the plan's turn and fingerprint; a plan has both.
	Key, Print string
	Replies    []Placed
	Silences   []Quiet
}

// Order is what of the plan a room carries out.
func (p *Plan) Order() Ordered {
	out := Ordered{Key: p.Turn, Print: p.Fingerprint, Silences: slices.Clone(p.Silences)}
	for _, r := range p.Replies {
		out.Replies = append(out.Replies, Placed{Seat: r.Persona, Lane: r.Lane, Wave: r.Wave})
	}
	return out
}

func (o Ordered) clone() Ordered {
	o.Replies, o.Silences = slices.Clone(o.Replies), slices.Clone(o.Silences)
	return o
}

// none tells whether there is no plan.
func (o *Ordered) none() bool { return o.Print == "" }

func (o *Ordered) replies(seat string) bool {
	return slices.ContainsFunc(o.Replies, func(p Placed) bool { return p.Seat == seat })
}

// arranges tells whether replies are arranged as planned. Some may be missing, since it has turned
// out that they cannot be made: who is left goes in the same order and lanes, and in the same waves
// where nobody is missing.
func (o *Ordered) arranges(replies []Placed) bool {
	if o.none() {
		return false
	}
	rest := o.Replies
	for _, r := range replies {
		i := slices.IndexFunc(rest, func(p Placed) bool { return p.Seat == r.Seat && p.Lane == r.Lane })
		if i < 0 || len(replies) == len(o.Replies) && rest[i].Wave != r.Wave {
			return false
		}
		rest = rest[i+1:]
	}
	return true
}

// meant decides who is to reply to a question: its plan where it has one, else the address.
func (t *Table) meant(q *trigger, to []string) Addressed {
	o := &q.Plan
	if o.none() {
		return Address(t.call(q, to))
	}
	out := Addressed{Rule: RuleTarget}
	for _, p := range o.Replies {
		if s := t.seat(p.Seat); s != nil && !s.leaving && !slices.Contains(out.Responders, s.name) {
			out.Responders = append(out.Responders, s.name)
		}
	}
	for _, s := range t.seats {
		if s.leaving || o.replies(s.name) {
			continue
		}
		why := ReasonNotAddressed // it has come since
		if i := slices.IndexFunc(o.Silences, func(q Quiet) bool { return q.Seat == s.name }); i >= 0 {
			why = o.Silences[i].Why
		}
		out.Silences = append(out.Silences, Quiet{s.name, why})
	}
	return out
}
