package turn

import (
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn/interrupt"
)

// hold says that somebody has the audible persona pause, until it is known what they say.
type hold struct {
	on    bool
	until time.Duration // when their words are not waited for any longer; 0 while they speak
}

// holdFor pauses the audible persona for what is said into a microphone.
func (t *Table) holdFor(m *mic) {
	m.hold = hold{on: true}
	if t.pause(t.floor.holder) {
		t.stats.Held++
	}
}

// pause has the audible persona pause, and tells whether it did not already.
func (t *Table) pause(r *reply) bool {
	if r.held {
		return false
	}
	r.held, r.heldAt = true, t.now
	t.emit(Hold{Seat: r.id.Seat, On: true})
	if s := t.seat(r.id.Seat); s != nil {
		s.state = Listening
	}
	return true
}

// unpause has the audible persona go on where it was, if nobody holds it and its connection is
// there. It tells whether it does.
func (t *Table) unpause() bool {
	r := t.floor.holder
	if r == nil || !r.held || t.holding() {
		return false
	}
	s := t.seat(r.id.Seat)
	if s == nil || !s.up {
		return false
	}
	r.held, r.sounded = false, t.now
	t.floor.since += t.now - r.heldAt
	t.emit(Hold{Seat: r.id.Seat})
	s.state = Speaking
	return true
}

// connection takes note that the connection of a seat is interrupted, or back. What it is saying
// waits meanwhile, and goes on with the word that was cut; an outage that lasts so long that nobody
// waits for the rest ends it.
func (t *Table) connection(e Connection) {
	t.stand(e.Seat, func(s *seat) { s.up = e.Up })
	switch r := t.floor.holder; {
	case e.Up:
		t.unpause()
	case r != nil && r.id.Seat == e.Seat && r.phase == speaking:
		t.pause(r)
	}
}

// release has the audible persona go on where it was, unless somebody else holds it.
func (t *Table) release(m *mic) {
	if !m.hold.on {
		return
	}
	m.hold = hold{}
	if t.unpause() {
		t.stats.Resumed++
	}
}

// holding tells whether anybody has the audible persona pause.
func (t *Table) holding() bool {
	return slices.ContainsFunc(t.mics, func(m *mic) bool { return m.hold.on })
}

// letHold forgets who holds a reply that has ended, and throws away what its player still has.
func (t *Table) letHold(r *reply) {
	if !r.held {
		return
	}
	r.held = false
	for _, m := range t.mics {
		m.hold = hold{}
	}
	t.emit(Flush{Seat: r.id.Seat})
}

// releaseLate has a persona go on that was paused by what nobody has understood in time.
func (t *Table) releaseLate() {
	for _, m := range slices.Clone(t.mics) {
		switch {
		case !m.hold.on || m.hold.until == 0:
		case t.now >= m.hold.until:
			t.release(m)
		default:
			t.wakeBy(m.hold.until)
		}
	}
}

// heldTooLong stops the reply that has the floor where it has been paused for so long that nobody
// waits for the rest of it, and tells whether it did.
func (t *Table) heldTooLong(r *reply) bool {
	if end := r.heldAt + t.policy.Floor.Stale; t.now < end {
		t.wakeBy(end)
		return false
	}
	i := slices.IndexFunc(t.mics, func(m *mic) bool { return m.hold.on })
	if i < 0 {
		t.endReply(r, ReasonNoAudio) // its connection has not come back
		return true
	}
	t.interruptedBy(t.mics[i], r)
	t.goOn()
	return true
}

// confirm stops the persona that pauses for a question, where that asks something of a persona, or
// tells whoever speaks to stop, and nobody else by name. It tells whether it did.
func (t *Table) confirm(q *trigger, meant *Addressed) bool {
	r, m := t.floor.holder, q.over
	q.over = nil
	if m == nil || !m.hold.on || r == nil || !r.held {
		return false
	}
	if len(meant.Responders) == 0 && (meant.Rule == RuleHuman || !interrupt.Insists(q.Text)) {
		return false // people speak with each other
	}
	t.interruptedBy(m, r)
	return true
}

// insisted stops the persona that pauses for somebody who asks nothing, for why, but has told it to
// stop all the same, as the fast ear heard.
func (t *Table) insisted(m *mic, text string, why Reason) {
	r := t.floor.holder
	if r == nil || !r.held || !m.hold.on || why != ReasonBackchannel || !m.overlap.Insisted(text) {
		return
	}
	t.interruptedBy(m, r)
	t.goOn()
}

// spokenOver tells whether somebody speaks whose words a persona would pause for at once.
func (t *Table) spokenOver() bool {
	return t.policy.Duck == 0 && slices.ContainsFunc(t.mics, func(m *mic) bool { return m.overlap.Over() })
}
