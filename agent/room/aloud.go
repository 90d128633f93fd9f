package room

import (
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reply"
)

// after compares a reply that has ended with the one of another persona that was audible before it:
// the silence between them where both answer the same question, and for how long both were audible,
// which the floor is there to prevent.
func (x aloud) after(last aloud) (gap, overlap time.Duration) {
	switch gap = x.from.Sub(last.to); {
	case last.seat == nil || last.seat == x.seat:
		return 0, 0
	case gap < 0:
		both := min(-gap, x.to.Sub(last.from), x.to.Sub(x.from), last.to.Sub(last.from))
		return 0, max(0, both)
	case x.turn != last.turn:
		return 0, 0
	}
	return gap, 0
}

// wasAloud takes note of when a reply was audible, and tells how that lay beside the one before.
func (a *actor) wasAloud(by *answer, t *reply.Trace) (gap, overlap time.Duration) {
	if t.FirstPacket.IsZero() {
		return 0, 0
	}
	this := aloud{seat: by.seat, turn: t.Turn, from: t.FirstPacket, to: t.Done}
	if !by.stopped.IsZero() && by.stopped.Before(t.Done) {
		this.to = by.stopped // it may end later than its sound
	}
	gap, overlap = this.after(a.aloud)
	a.aloud = this
	return gap, overlap
}
