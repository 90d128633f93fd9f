package memory

import (
	"slices"
	"strings"
	"time"
)

// MaxHistory is the most memories of a persona that have ended and are still kept, with their
// times: what was superseded, expired or demoted. The oldest of more are let go, and the change
// names them.
const MaxHistory = 512

// Consolidate tidies the memories of a persona: those whose time is over expire, those that say the
// same are merged, what a newer one contradicts is superseded, and where a subject has as many as
// its budget, those that were said least and longest ago are demoted until three quarters are left.
// It is a pure function; done twice at one time it changes nothing the second time. It is work for
// when a room is idle: it compares every memory with those about the same subject.
func (g *Gate) Consolidate(memories []Memory, now time.Time) Change {
	now = milli(now)
	list := slices.Clone(memories)
	slices.SortFunc(list, inOrder)
	c := consolidation{gate: g, now: now, list: list, before: memories}
	c.expire()
	c.merge()
	c.demote()
	return c.change()
}

type consolidation struct {
	gate   *Gate
	now    time.Time
	list   []Memory // in order
	before []Memory
}

func (c *consolidation) expire() {
	for i, m := range c.list {
		if m.Status == Active && !m.Expires.IsZero() && !m.Expires.After(c.now) {
			c.list[i] = m.end(Expired, ReasonTTL, m.Expires, "")
		}
	}
}

// merge compares the active memories of each subject, the older with the newer ones.
func (c *consolidation) merge() {
	claims := make([]claim, len(c.list))
	for i := range c.list {
		if c.list[i].Status != Active {
			continue
		}
		claims[i] = claimOf(c.list[i].Text, calledBy(c.list[i].Subject, nil))
	}
	for i := range c.list {
		for k := i + 1; k < len(c.list) && c.list[k].Subject == c.list[i].Subject; k++ {
			a, b := &c.list[i], &c.list[k]
			if a.Status != Active || b.Status != Active || !alike(a, b) {
				continue
			}
			switch {
			case claims[i].contradicts(claims[k]):
				c.settle(a, b)
			case claims[i].duplicates(claims[k]):
				*a = c.merged(*a, *b)
				*b = b.end(Superseded, ReasonMerged, c.now, a.ID)
			}
		}
	}
}

// settle ends one of two that cannot both hold: the one of less trust, and of equals the older one.
func (c *consolidation) settle(older, newer *Memory) {
	if older.Trust > newer.Trust {
		older, newer = newer, older
	}
	*older = older.end(Superseded, ReasonContradict, c.now, newer.ID)
}

// merged is what two memories that say the same become: the older one, said as often as both, with
// the trust of its whole lineage.
func (c *consolidation) merged(a, b Memory) Memory {
	a.Count = min(a.Count+b.Count, MaxCount)
	a.Updated = later(a.Updated, b.Updated)
	a.Sources = union(a.Sources, b.Sources)
	if a.Expires.IsZero() || b.Expires.IsZero() {
		a.Expires = time.Time{}
	} else {
		a.Expires = later(a.Expires, b.Expires)
	}
	if a.Trust == Operator || b.Trust == Operator { // an operator vouches for the text, whoever said it
		a.Trust, a.Reason = Operator, ReasonPromoted
	} else {
		a.Trust = min(a.Trust, b.Trust)
	}
	return a
}

// demote makes room where the budget of a subject is used up.
func (c *consolidation) demote() {
	crowds := map[[3]string][]int{}
	for i := range c.list {
		if c.list[i].Status == Active {
			crowds[crowd(&c.list[i])] = append(crowds[crowd(&c.list[i])], i)
		}
	}
	for _, at := range crowds { // they have nothing in common: the order does not matter
		if len(at) < c.gate.budget() {
			continue
		}
		slices.SortFunc(at, func(i, k int) int { return weaker(&c.list[i], &c.list[k]) })
		for n, i := range at {
			if len(at)-n <= c.gate.budget()*3/4 || c.list[i].Trust == Operator {
				break
			}
			c.list[i] = c.list[i].end(Demoted, ReasonCrowded, c.now, "")
		}
	}
}

// weaker is the order in which memories give way.
func weaker(a, b *Memory) int {
	if aOp, bOp := a.Trust == Operator, b.Trust == Operator; aOp != bOp {
		if aOp {
			return 1
		}
		return -1
	}
	if a.Count != b.Count {
		return a.Count - b.Count
	}
	if d := a.Updated.Compare(b.Updated); d != 0 {
		return d
	}
	return strings.Compare(a.ID, b.ID)
}

// change is what is other than before.
func (c *consolidation) change() Change {
	var out Change
	was := make(map[string]*Memory, len(c.before))
	for i := range c.before {
		was[c.before[i].ID] = &c.before[i]
	}
	var ended []Memory
	for _, m := range c.list {
		if m.ended() {
			ended = append(ended, m)
		}
	}
	slices.SortFunc(ended, func(a, b Memory) int {
		if d := a.Ended.Compare(b.Ended); d != 0 {
			return d
		}
		return strings.Compare(a.ID, b.ID)
	})
	gone := map[string]bool{}
	for _, m := range ended[:max(0, len(ended)-MaxHistory)] {
		gone[m.ID] = true
		out.Forget = append(out.Forget, Forgotten{ID: m.ID, Reason: ReasonHistory})
	}
	for _, m := range c.list {
		if !gone[m.ID] && !equal(m, *was[m.ID]) {
			out.Put = append(out.Put, m)
		}
	}
	return out
}

// equal tells whether nothing that consolidation changes has changed.
func equal(a, b Memory) bool {
	return a.Status == b.Status && a.Count == b.Count && a.Updated.Equal(b.Updated) && a.Expires.Equal(b.Expires) && a.Trust == b.Trust &&
		slices.Equal(a.Sources, b.Sources)
}
