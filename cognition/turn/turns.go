package turn

import (
	"slices"
	"strconv"
)

// current is the turn under way.
type current struct {
	trigger
	replies     []*reply // in their order
	interrupted bool     // somebody has stopped one of them
	said        int      // replies that somebody has heard or read
}

// ask takes a question: it is addressed, then answered or put into the queue.
func (t *Table) ask(q trigger, utterance uint64, to []string) {
	if len(t.seats) == 0 {
		t.emit(Keep{Who: q.Who, Utterance: utterance})
		t.emit(Skip{Who: q.Who, Why: ReasonNoPersona})
		return
	}
	meant := t.meant(&q, to)
	if t.asksToWait(&q, &meant) {
		t.waits(&q, utterance)
		return
	}
	t.turns++
	q.Turn = t.turns
	t.personAsks(q.Who)
	stopped := t.confirm(&q, &meant)
	t.emit(Keep{Who: q.Who, Utterance: utterance, Turn: q.Turn})
	for _, s := range t.seats {
		if s.leaving {
			t.emit(Silence{Turn: q.Turn, Seat: s.name, Why: ReasonRemoved})
		}
	}
	for _, s := range meant.Silences {
		t.emit(Silence{Turn: q.Turn, Seat: s.Seat, Why: s.Why})
	}
	q.Group = len(meant.Responders) > 1 && (meant.Rule == RuleGroup || meant.Rule == RuleMode)
	if q.Responders = meant.Responders; len(q.Responders) == 0 {
		t.emit(Over{Turn: q.Turn})
		if stopped {
			t.goOn()
		}
		return
	}
	c := t.turn
	if c != nil {
		t.remember(c)
	}
	if c != nil && c.interrupted && t.floor.human != nil && t.floor.human.who == q.Who {
		t.decide(t.order.replace(q, &t.policy.Waiting))
		return
	}
	t.decide(t.order.ask(q, &t.policy.Waiting))
}

// waits has personas be silent for somebody who asks that.
func (t *Table) waits(q *trigger, utterance uint64) {
	r := t.floor.holder
	if q.over != nil && q.over.hold.on && r != nil && r.held {
		t.interruptedBy(q.over, r)
	}
	t.emit(Keep{Who: q.Who, Utterance: utterance})
	t.emit(Skip{Who: q.Who, Why: ReasonWait})
	t.goOn()
}

// remember notes what is left of a turn, in case that it is put back into the queue.
func (t *Table) remember(c *current) {
	left := make([]string, 0, len(c.replies))
	for _, r := range c.replies {
		if r.phase.live() {
			left = append(left, r.id.Seat)
		}
		t.order.answering.Try = max(t.order.answering.Try, r.id.Try)
	}
	t.order.answering.Responders = left
}

// decide does what the order of answers decided.
func (t *Table) decide(d decision) {
	if c := t.turn; d.stop && c != nil {
		for _, r := range c.replies {
			if r.phase.live() && (d.why != ReasonYielded || r.phase != queued) {
				t.stopReply(r, d.why)
			}
		}
		t.turn = nil
		if d.why != ReasonYielded {
			t.emit(Over{Turn: c.Turn})
		}
	}
	for _, x := range d.lost {
		t.lose(x)
	}
	if d.start != nil {
		t.begin(*d.start)
	}
}

// lose reports a question that nothing will come of.
func (t *Table) lose(x lost) {
	for _, name := range x.trigger.Responders {
		t.emit(Silence{Turn: x.trigger.Turn, Seat: name, Why: x.why})
	}
	t.emit(Over{Turn: x.trigger.Turn})
}

// withdraw ends a turn, or the wait for it, since whoever asked does not want it any more.
func (t *Table) withdraw(turn uint64) {
	if c := t.turn; c != nil && c.Turn == turn {
		c.interrupted = true // it is not asked for more
		t.wakes.calls = nil
		for _, r := range c.replies {
			switch {
			case !r.phase.live() || r.finishing:
			case r.phase == speaking:
				r.finishing = true
				t.emit(Finish{Reply: r.id, Why: ReasonWithdrawn})
			default:
				t.stopReply(r, ReasonWithdrawn)
			}
		}
		t.goOn()
		return
	}
	for _, x := range t.order.withdraw(turn) {
		t.lose(x)
	}
}

// begin starts a turn.
func (t *Table) begin(q trigger) {
	c := &current{trigger: q}
	t.turn = c
	if !q.own() {
		t.wakes.calls, t.wakes.sinceHuman = nil, 0 // of a turn that a person's question has followed
	}
	for _, name := range q.Responders {
		why := Reason("")
		switch s := t.seat(name); {
		case t.wakes.sinceHuman >= t.policy.TurnsHard:
			why = ReasonTurnBudget
		case s == nil || s.leaving:
			why = ReasonRemoved
		case s.muted:
			why = ReasonMuted
		case !s.heard():
			why = ReasonNoAudio
		}
		if why != "" {
			t.emit(Silence{Turn: q.Turn, Seat: name, Why: why})
			continue
		}
		t.wakes.sinceHuman++
		c.replies = append(c.replies, &reply{id: Reply{Turn: q.Turn, Seat: name, Try: q.Try}})
	}
	if len(c.replies) > 0 {
		t.plan(c)
	}
	t.goOn()
}

// plan tells how the replies of a turn are arranged.
func (t *Table) plan(c *current) {
	out := Planned{Turn: c.Turn, Replies: make([]Placed, len(c.replies))}
	lanes := make([]string, len(c.replies))
	sees := false
	for i, r := range c.replies {
		s := t.seat(r.id.Seat)
		lanes[i], sees = s.lane, sees || s.sees
		out.Replies[i] = Placed{Seat: s.name, Lane: s.lane}
	}
	if v := t.choose(c.Who, c.Text, false); sees && v != nil {
		out.Source = v.id + "/" + strconv.FormatUint(v.number, 10)
	}
	parts := []string{strconv.FormatUint(c.Turn, 10), c.Who, c.Text, out.Source}
	for i, w := range waves(lanes, t.policy.capOf) {
		out.Replies[i].Wave = w
		parts = append(parts, out.Replies[i].Seat, lanes[i], strconv.Itoa(w))
	}
	out.Fingerprint = digest(parts...)
	if c.Plan.arranges(out.Replies) {
		out.Plan = c.Plan.Print
	}
	t.emit(out)
}

// goOn starts what may start, or ends the turn where all replies have ended.
func (t *Table) goOn() {
	c := t.turn
	if c == nil {
		return
	}
	if slices.ContainsFunc(c.replies, func(r *reply) bool { return r.phase.live() }) {
		t.startReplies()
		return
	}
	t.turn = nil
	t.emit(Over{Turn: c.Turn})
	t.decide(t.order.ended(c.Turn))
	t.wakeNext()
	t.askForMore(c)
}

// startReplies starts those whose time has come: as many as may think at once in their lane, and
// where later ones are to know what earlier ones say, each when the text of those before it is
// there.
func (t *Table) startReplies() {
	known := true
	for _, r := range t.turn.replies {
		if r.phase == queued && (known || t.policy.Context == Parallel) && t.room(t.seat(r.id.Seat).lane) {
			t.startReply(r)
		}
		known = known && (!r.phase.live() || r.thought)
	}
}

// room tells whether one more reply may think in a lane.
func (t *Table) room(lane string) bool {
	most := t.policy.capOf(lane)
	if most == 0 {
		return true
	}
	busy := 0
	for _, r := range t.turn.replies {
		if r.phase.live() && r.phase != queued && !r.thought && t.seat(r.id.Seat).lane == lane {
			busy++
		}
	}
	return busy < most
}

func (t *Table) startReply(r *reply) {
	c := t.turn
	s := t.seat(r.id.Seat)
	start := Start{Reply: r.id, Who: c.Who, Text: c.Text, Typed: !c.Spoken, Round: c.Round, Say: c.Say}
	if s.sees {
		t.lookAt(&start)
	}
	r.phase, r.blind = thinking, s.sees && start.Look == "" && start.Soon == ""
	s.state = Thinking
	t.takeGuess(c, &start)
	t.emit(start)
}
