package turn

import (
	"slices"
	"time"
)

// agentsBusy bounds the other agents that are followed while they are audible.
const agentsBusy = 64

// floor is the right to be audible. At most one reply has it; people take it at once.
type floor struct {
	holder *reply        // that has it; nil while nobody has
	since  time.Duration // when the holder was given it, then when it became audible
	last   string        // the seat that was audible last
	free   time.Duration // when another one may have it

	human   *mic          // who stopped a persona and has not been understood yet
	release time.Duration // when that is given up; 0 while they still speak
	busy    []string      // other agents that are audible
}

func (f *floor) busyWith(who string) {
	if len(f.busy) < agentsBusy && !slices.Contains(f.busy, who) {
		f.busy = append(f.busy, who)
	}
}

func (f *floor) quiet(who string) {
	f.busy = slices.DeleteFunc(f.busy, func(b string) bool { return b == who })
}

// grant gives the floor to the next reply, if it may have it, and takes it from one that keeps
// others waiting.
func (t *Table) grant() {
	f := &t.floor
	if f.human != nil && f.release > 0 && t.now >= f.release {
		f.human = nil
	}
	t.releaseLate()
	for t.turn != nil {
		if f.holder != nil {
			if !t.overdue() {
				return
			}
			continue
		}
		r := t.nextAudible()
		if r == nil {
			return
		}
		if len(f.busy) == 0 && f.human == nil && !t.spokenOver() {
			t.give(r)
			return
		}
		if t.now-r.nextSince < t.policy.Floor.Stale {
			t.wakeBy(r.nextSince + t.policy.Floor.Stale)
			if f.human != nil && f.release > 0 {
				t.wakeBy(f.release)
			}
			return
		}
		t.write(r)
	}
}

// give lets a reply become audible once the gap is over.
func (t *Table) give(r *reply) {
	f := &t.floor
	if t.now < f.free && f.last != r.id.Seat {
		t.wakeBy(f.free)
		return
	}
	f.holder, f.since, r.phase = r, t.now, granted
	t.emit(GiveFloor{Reply: r.id})
}

// nextAudible is the reply that is to have the floor next, nil while there is none: the first in
// order, or one behind it where the first was waited for long enough.
func (t *Table) nextAudible() *reply {
	isHead := true
	var next *reply
	for _, r := range t.turn.replies {
		if !r.phase.live() {
			continue
		}
		if r.phase == ready {
			wait := r.readyAt + t.policy.Floor.HeadWait
			switch {
			case isHead || t.now >= wait:
				next = r
			default:
				t.wakeBy(wait)
			}
			break
		}
		isHead = false
	}
	if next != nil && !next.isNext {
		next.nextSince, next.isNext = t.now, true
	}
	return next
}

// overdue takes the floor from a reply that keeps it too long while another is ready, and tells
// whether it did.
func (t *Table) overdue() bool {
	f := &t.floor
	if f.holder.held {
		return t.heldTooLong(f.holder)
	}
	if !slices.ContainsFunc(t.turn.replies, func(r *reply) bool { return r.phase == ready }) {
		return false
	}
	limit := t.policy.Floor.GrantExpires
	if f.holder.phase == speaking {
		limit = t.policy.Floor.HoldMax
	}
	if t.now < f.since+limit {
		t.wakeBy(f.since + limit)
		return false
	}
	t.endReply(f.holder, ReasonOverTime)
	return true
}

// leave takes the floor from a reply that has it.
func (f *floor) leave(r *reply, now, gap time.Duration) {
	if f.holder != r {
		return
	}
	f.holder = nil
	if r.phase == speaking {
		f.last, f.free = r.id.Seat, now+gap
	}
}

// gap is the silence after a reply: spread around its mean, so that it does not sound like
// clockwork, and the same whenever the conversation is replayed.
func (t *Table) gap(r Reply) time.Duration {
	f := &t.policy.Floor
	steps := uint64(f.Spread/time.Millisecond) + 1
	return max(0, f.Gap-f.Spread/2+time.Duration(spreadHash(r)%steps)*time.Millisecond)
}

// spreadHash is FNV-1a over turn and persona.
func spreadHash(r Reply) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for i := range 8 {
		h = (h ^ r.Turn>>(8*i)&0xff) * prime
	}
	for i := range len(r.Seat) {
		h = (h ^ uint64(r.Seat[i])) * prime
	}
	return h
}
