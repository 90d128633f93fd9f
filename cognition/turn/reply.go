package turn

import (
	"strings"
	"time"
)

// saidKept bounds what is remembered of one reply: what is audible of it beyond that is not kept.
const saidKept = 16 << 10

// phase is how far a reply has come. It only moves forward, until the reply is begun anew.
type phase uint8

const (
	queued   phase = iota // not started
	thinking              // started
	ready                 // speech is prepared
	granted               // has the floor
	speaking              // audible
	ended
)

func (p phase) live() bool { return p != ended }

// reply is one persona's part of the turn under way.
type reply struct {
	id      Reply
	phase   phase
	blind   bool   // begun with nothing to look at
	thought bool   // its whole text is there
	text    string // which is this
	said    string // what was audible of it
	caption bool   // the room is shown what it says
	written bool   // its text is in the chat
	// finishing is true where it was told to end with its clause.
	finishing bool
	readyAt   time.Duration
	// isNext is true from when it could have had the floor, but for people and other agents.
	isNext    bool
	nextSince time.Duration
	// held is true while it pauses because somebody speaks, since heldAt.
	held   bool
	heldAt time.Duration
	// sounded is when a sound of it left last, or when that was asked for.
	sounded time.Duration
}

// endReply stops a reply before its end, and goes on with the turn.
func (t *Table) endReply(r *reply, why Reason) {
	t.stopReply(r, why)
	t.goOn()
}

// stopReply stops a reply before its end.
func (t *Table) stopReply(r *reply, why Reason) {
	if r.phase == queued {
		r.phase = ended
		t.emit(Silence{Turn: r.id.Turn, Seat: r.id.Seat, Why: why})
		return
	}
	t.emit(Cancel{Reply: r.id, Why: why})
	if why == ReasonFailed || why == ReasonNoAudio || why == ReasonOverTime || why == ReasonStalled {
		t.hadChance(r)
	}
	if !r.held && (r.phase == granted || r.phase == speaking) {
		t.emit(Flush{Seat: r.id.Seat})
	}
	t.finish(r, true)
}

// finish takes note that a reply has ended: the floor is free, and what was heard of it is kept.
func (t *Table) finish(r *reply, cut bool) {
	t.letHold(r)
	t.gain(r.id.Seat, 1)
	if r.caption {
		if !t.turn.Spoken {
			t.chat(r, r.said) // it was cut before its text was there
		}
		t.emit(Caption{Reply: r.id, Final: true})
		t.emit(Said{Reply: r.id, Text: r.said, Cut: cut})
		t.answeredBy(r, r.said, !cut)
		r.caption = false
	}
	t.floor.leave(r, t.now, t.gap(r.id))
	r.phase = ended
	if s := t.seat(r.id.Seat); s != nil {
		s.state = Listening
	}
}

// hadChance takes note that a persona could have said something: where the least recently heard are
// asked first, one that fails or passes is not asked again before the others.
func (t *Table) hadChance(r *reply) {
	if s := t.seat(r.id.Seat); s != nil {
		s.lastHeard = max(t.now, 1)
	}
}

// stopSeat ends what a seat is doing.
func (t *Table) stopSeat(s *seat, why Reason) {
	if t.turn == nil {
		return
	}
	for _, r := range t.turn.replies {
		if r.id.Seat == s.name && r.phase.live() {
			t.endReply(r, why)
			return
		}
	}
}

// chat puts the text of a reply into the chat, once.
func (t *Table) chat(r *reply, text string) {
	if !r.written && text != "" {
		r.written = true
		t.emit(Write{Reply: r.id, Text: text})
	}
}

// writeOut puts what was asked for in writing into the chat when its text is there: that does not
// wait for the voice. One that was begun with nothing to look at may still be begun anew, and waits
// for that as long as it may; what people have read is not begun anew.
func (t *Table) writeOut() {
	c := t.turn
	if c == nil || c.Spoken {
		return
	}
	for _, r := range c.replies {
		if !r.thought || r.written || !r.phase.live() || r.finishing {
			continue
		}
		if until := c.Asked + t.policy.Looking.Subscribe; r.blind && !t.order.audible && t.now < until {
			t.wakeBy(until)
			continue
		}
		t.order.audible = true
		t.chat(r, r.text)
	}
}

// write has a reply that people and other agents keep from the floor read instead of heard.
func (t *Table) write(r *reply) {
	if r.text != "" {
		t.chat(r, r.text)
		t.emit(Said{Reply: r.id, Text: r.text})
		t.answeredBy(r, r.text, true)
	}
	t.endReply(r, ReasonStale)
}

// running finds a reply that was started and has not ended; nil for any other, which is counted.
func (t *Table) running(id Reply) *reply {
	if t.turn != nil && t.turn.Turn == id.Turn {
		for _, r := range t.turn.replies {
			if r.id == id && r.phase.live() && r.phase != queued {
				return r
			}
		}
	}
	t.stats.Stray++
	return nil
}

func (t *Table) prepared(e Ready) {
	if r := t.running(e.Reply); r != nil && r.phase == thinking {
		r.phase, r.readyAt = ready, t.now
	}
}

func (t *Table) thoughtOut(e Thought) {
	if r := t.running(e.Reply); r != nil {
		r.thought, r.text = true, e.Text
		t.startReplies()
	}
}

// audible takes note of a clause that is being heard. A reply that never asked for the floor takes
// it where it is free, and is stopped where it is not.
func (t *Table) audible(e Audible) {
	r := t.running(e.Reply)
	if r == nil {
		return
	}
	f := &t.floor
	if f.holder != r {
		r.phase = granted
		if f.holder != nil || f.human != nil || len(f.busy) > 0 {
			t.endReply(r, ReasonFailed)
			return
		}
		f.holder = r
	}
	if r.phase != speaking {
		r.phase, f.since = speaking, t.now
	}
	r.sounded = t.now
	t.order.audible = true
	s := t.seat(r.id.Seat)
	if !r.held {
		s.state = Speaking
	}
	for _, m := range t.mics {
		switch pauses := t.policy.Duck == 0; {
		case !pauses && m.overlap.Ducked():
			t.gain(s.name, t.policy.Duck)
		case pauses && m.overlap.Over() && !m.hold.on:
			t.holdFor(m)
		}
	}
	t.invites, t.invited = strings.HasSuffix(strings.TrimSpace(e.Text), "?"), t.now
	if len(r.said)+len(e.Text) < saidKept {
		r.said = strings.TrimSpace(r.said + " " + e.Text)
	}
	r.caption = true
	t.emit(Caption{Reply: r.id})
}

// sounds takes note of when a reply was heard last, and gives up one that is not heard any more.
func (t *Table) sounds(e Sounded) {
	r := t.running(e.Reply)
	if r == nil || r.phase != speaking || r.held {
		return
	}
	if limit := t.policy.Floor.Silent; limit > 0 && e.Ago >= limit {
		t.stats.Stalled++
		t.endReply(r, ReasonStalled)
		return
	}
	r.sounded = max(r.sounded, t.now-e.Ago)
}

// watchSound asks whether the audible reply is heard, where that is not known for too long.
func (t *Table) watchSound() {
	r, limit := t.floor.holder, t.policy.Floor.Silent
	if r == nil || r.phase != speaking || r.held || limit == 0 {
		return
	}
	if t.now >= r.sounded+limit {
		r.sounded = t.now
		t.emit(Check{Reply: r.id})
	}
	t.wakeBy(r.sounded + limit)
}

func (t *Table) unheard(e Unheard) {
	if r := t.running(e.Reply); r != nil {
		t.endReply(r, ReasonNoAudio)
	}
}

func (t *Table) done(e Done) {
	r := t.running(e.Reply)
	if r == nil {
		return
	}
	whole := e.Outcome == Spoken && e.Text != ""
	if whole && !t.turn.Spoken {
		t.chat(r, e.Text)
	}
	switch {
	case r.caption:
	case whole:
		t.emit(Said{Reply: r.id, Text: e.Text}) // it has no voice
		t.answeredBy(r, e.Text, true)
	default:
		t.emit(Silence{Turn: r.id.Turn, Seat: r.id.Seat, Why: e.Outcome.Reason()})
		t.hadChance(r)
	}
	t.finish(r, e.Outcome != Spoken)
	t.goOn()
}

// Reason is why nothing was said.
func (o Outcome) Reason() Reason {
	switch o {
	case Spoken, Passed:
		return ReasonPassed
	case Refused:
		return ReasonLeaseRefused
	case Evicted:
		return ReasonContextEvicted
	case Broken:
	}
	return ReasonFailed
}
