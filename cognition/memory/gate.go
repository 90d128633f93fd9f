package memory

import (
	"slices"
	"strings"
	"time"
)

// Gate decides what becomes a memory of one persona. It is data; the zero value of a bound is its
// default.
type Gate struct {
	// Persona is the persona: its identity and what it is called. Prompt is what it is told to be.
	Persona Person
	Prompt  string
	// Kinds are those that are kept; nil keeps all.
	Kinds []Kind
	// Budget is the most active memories about one subject, Quarantined the most that wait for
	// somebody to look at them.
	Budget, Quarantined int
	// TTL is how long a memory of a kind is kept after it was last said; 0 or absent is for ever.
	// Nil is [DefaultTTL].
	TTL map[Kind]time.Duration
}

// Defaults of a gate. 64 short texts about somebody are eight times what a block of 2 KB holds.
const (
	DefaultBudget      = 64
	DefaultQuarantined = 64
)

// DefaultTTL is how long memories live: who somebody is, for ever; what they like, a year; anything
// else half of one; and what happens at a time, a month.
func DefaultTTL() map[Kind]time.Duration {
	const day = 24 * time.Hour
	return map[Kind]time.Duration{Preference: 365 * day, Fact: 182 * day, Event: 31 * day}
}

func (g *Gate) budget() int {
	if g.Budget > 0 {
		return g.Budget
	}
	return DefaultBudget
}

func (g *Gate) quarantined() int {
	if g.Quarantined > 0 {
		return g.Quarantined
	}
	return DefaultQuarantined
}

// expires is when a memory of a kind that was said at a time is over; the zero time for never.
func (g *Gate) expires(k Kind, at time.Time) time.Time {
	ttl := g.TTL
	if ttl == nil {
		ttl = DefaultTTL()
	}
	if d := ttl[k]; d > 0 {
		return milli(at.Add(d))
	}
	return time.Time{}
}

// Decision is what the gate decided on a candidate.
type Decision struct {
	Candidate Candidate
	// Step is where it was decided: one of [Steps].
	Step    string
	Outcome Outcome
	Reason  Reason
	// Memory is what it became, or the memory that it duplicates; its ID is empty where there is
	// none.
	Memory Memory
	// Change is what it changes.
	Change Change
}

// Change is what happens to memories.
type Change struct {
	// Put are new or changed memories.
	Put []Memory
	// Forget are ids of memories that go for good, with why.
	Forget []Forgotten
}

// Forgotten is a memory that goes for good.
type Forgotten struct {
	ID     string
	Reason Reason
}

// Empty says that nothing happens.
func (c Change) Empty() bool { return len(c.Put) == 0 && len(c.Forget) == 0 }

// Apply returns the memories with the change made, in their order, new ones behind. The memories
// that were passed stay as they are.
func (c Change) Apply(memories []Memory) []Memory {
	out := slices.Clone(memories)
	for _, m := range c.Put {
		if i := slices.IndexFunc(out, func(o Memory) bool { return o.ID == m.ID }); i >= 0 {
			out[i] = m
		} else {
			out = append(out, m)
		}
	}
	return slices.DeleteFunc(out, func(m Memory) bool {
		return slices.ContainsFunc(c.Forget, func(f Forgotten) bool { return f.ID == m.ID })
	})
}

// then is this change and another one behind it.
func (c Change) then(next Change) Change {
	return Change{
		Put:    next.Apply(c.Apply(nil)),
		Forget: slices.Concat(c.Forget, next.Forget),
	}
}

// step is one question of the gate; it answers with a reason, or with none and the next is asked.
type step struct {
	name string
	ask  func(*judgement) Reason
}

func steps() []step {
	return []step{
		{"shape", (*judgement).shape},
		{"human", (*judgement).human},
		{"persona", (*judgement).restates},
		{"duplicate", (*judgement).duplicate},
		{"suspicion", (*judgement).suspicion},
		{"trust", (*judgement).trust},
		{"kind", (*judgement).kind},
		{"contradiction", (*judgement).contradiction},
		{"budget", (*judgement).budget},
	}
}

// Steps are the questions of the gate in their order. The first one that has a reason decides.
func Steps() []string {
	var out []string
	for _, s := range steps() {
		out = append(out, s.name)
	}
	return out
}

// Decide judges a candidate of a room. lineage has what it cites, people are who is or was there,
// known are all memories of the persona. Nothing that is passed changes, and the same arguments
// give the same decision.
func (g *Gate) Decide(c Candidate, room string, lineage *Lineage, people []Person, known []Memory) Decision {
	j := newJudgement(g, c, room, lineage, people, known)
	d := Decision{Candidate: c, Outcome: Admit, Reason: ReasonNew}
	for _, s := range steps() {
		if d.Step = s.name; j.decided(&d, s.ask(j)) {
			return d
		}
	}
	if len(j.superseded) > 0 {
		d.Reason = ReasonSupersedes
	}
	j.memory.Status, j.memory.Reason = Active, d.Reason
	d.Memory = j.memory
	d.Change.Put = append(slices.Clone(j.superseded), j.memory)
	return d
}

// decided takes a reason; an empty one decides nothing.
func (j *judgement) decided(d *Decision, why Reason) bool {
	if why == "" {
		return false
	}
	d.Reason, d.Outcome = why, why.outcome()
	switch {
	case why == ReasonDuplicate:
		d.Memory = *j.same
		if j.raised {
			d.Change.Put = []Memory{*j.same}
		}
	case d.Outcome == Quarantine && j.crowded():
		d.Reason, d.Outcome = ReasonOverBudget, Drop
	case d.Outcome == Quarantine:
		j.memory.Status, j.memory.Reason = Quarantined, why
		d.Memory, d.Change.Put = j.memory, []Memory{j.memory}
	}
	return true
}

// crowded says that there is no place in quarantine.
func (j *judgement) crowded() bool {
	n := 0
	for _, m := range j.known {
		if m.Status == Quarantined {
			n++
		}
	}
	return n >= j.gate.quarantined()
}

// alike tells whether two memories can be about the same thing: in one room, or about somebody
// whom both know for certain.
func alike(a, b *Memory) bool {
	if a.Persona != b.Persona || a.Subject != b.Subject {
		return false
	}
	return a.Room == b.Room || strings.HasPrefix(a.Subject, subjectPerson) && a.Trust >= Known && b.Trust >= Known
}
