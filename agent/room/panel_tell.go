package room

import (
	"time"
	"unicode/utf8"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// tellPanels tells everybody who watches a persona what happened; of the room, those who watch any.
func (a *actor) tellPanels(s *Seat, at time.Time, e lk.SessionEvent) {
	for _, seat := range a.sitting {
		if (s == nil || seat == s) && len(seat.panel.watchers) > 0 {
			_ = seat.conn.TellSession(seat.panel.watchers, at, e) // the room is left: a problem would be told here too
		}
	}
}

// panelEffect tells panels what the table decided, after it was done.
func (a *actor) panelEffect(e turn.Effect, why *cause) {
	now := time.Now()
	switch e := e.(type) {
	case turn.Show:
		if e.Shape != turn.ShapeNothing {
			a.tellPanels(nil, now, lk.Transcribed{Text: why.text, Final: e.Shape == turn.ShapeFinal})
		}
	case turn.Keep:
		a.keptItem(e, why, now)
	case turn.Said:
		p := a.history.part(e.Reply)
		p.said, p.at = &e, now
		if p.trace != nil || !a.lives(e.Reply) {
			a.wholeReply(e.Reply)
		}
	case turn.Cancel:
		if s := a.seat(e.Reply.Seat); s != nil && e.Why == turn.ReasonInterrupted {
			a.tellPanels(s, now, lk.Overlap{Stopped: true, Began: s.panel.ducked, At: now})
			s.panel.ducked = time.Time{}
		}
	case turn.Gain:
		a.held(e, now)
	case turn.Hold:
		if s := a.seat(e.Seat); s != nil && !e.On {
			a.tellPanels(s, now, lk.FalseInterruption{Resumed: true})
		}
	case turn.Over:
		a.overFor(e.Turn)
	}
}

// held takes note that a persona's voice is lower for somebody who speaks, or back.
func (a *actor) held(e turn.Gain, now time.Time) {
	s := a.seat(e.Seat)
	switch {
	case s == nil:
	case e.Level < 1 && s.panel.ducked.IsZero():
		s.panel.ducked = now
	case e.Level >= 1 && !s.panel.ducked.IsZero():
		a.tellPanels(s, now, lk.Overlap{Began: s.panel.ducked, At: now})
		s.panel.ducked = time.Time{}
	}
}

// keptItem takes what a person said or wrote.
func (a *actor) keptItem(e turn.Keep, why *cause, now time.Time) {
	i := lk.SessionItem{Who: e.Who, Text: why.text, At: now}
	if !why.typed {
		i.At, i.Metrics = why.timing.SpeechStart, spokenMetrics(why.timing)
		for _, s := range a.sitting {
			s.panel.used.Heard += max(0, why.timing.SpeechEnd.Sub(why.timing.SpeechStart))
		}
	}
	i = a.history.add(i)
	if why.input != nil {
		why.input.turn = e.Turn
		why.input.came = append(why.input.came, i)
	}
	a.tellPanels(nil, now, lk.ItemAdded{Item: i})
}

// wholeReply takes what a persona said, of which nothing more comes.
func (a *actor) wholeReply(r turn.Reply) {
	i, heard := a.history.whole(r)
	if !heard {
		return
	}
	for _, s := range a.sitting {
		own := i
		if own.Own = s.holder.Persona == i.Who; own.Own {
			s.panel.used.Characters += utf8.RuneCountInString(i.Text)
		}
		a.tellPanels(s, time.Now(), lk.ItemAdded{Item: own})
	}
	for _, run := range a.inputs {
		if run.turn == r.Turn {
			own := i
			own.Own = run.seat.holder.Persona == i.Who
			run.came = append(run.came, own)
		}
	}
}

// lives tells whether more is to come of a reply: how it went.
func (a *actor) lives(r turn.Reply) bool {
	for _, answer := range a.live {
		if answer.name == r {
			return true
		}
	}
	return false
}

// overFor takes note that a turn is over. What is half known of its replies stays so, but of those
// that are still ending.
func (a *actor) overFor(n uint64) {
	for r := range a.history.half {
		if r.Turn == n && !a.lives(r) {
			a.wholeReply(r)
		}
	}
	for _, r := range a.inputs {
		r.over = r.over || r.turn == n
	}
	a.ranOver()
}

// ranOver answers input whose turn is over, once everything that was said in it is known.
func (a *actor) ranOver() {
	for i := len(a.inputs) - 1; i >= 0; i-- {
		r := a.inputs[i]
		waits := false
		for _, answer := range a.live {
			waits = waits || answer.name.Turn == r.turn
		}
		if r.over && !waits {
			a.ran(r, lk.History{Items: r.came, Run: true})
		}
	}
}

// panelNote tells panels what was observed.
func (a *actor) panelNote(s *Seat, e Event) {
	switch e := e.(type) {
	case TurnDone:
		if s == nil {
			return
		}
		s.panel.uses(&e.Trace)
		a.tellPanels(s, e.At, lk.UsageUpdated{Usage: s.usage(e.At)})
		r := turn.Reply{Turn: e.Trace.Turn, Seat: s.holder.Persona}
		p := a.history.part(r)
		p.trace = &e.Trace
		switch {
		case p.said != nil:
			a.wholeReply(r)
		case a.tried[r.Turn] == nil: // the turn is over: nobody heard anything of it
			delete(a.history.half, r)
		}
		a.ranOver()
	case Problem:
		a.tellPanels(s, e.At, lk.SessionError{Text: e.Err.Error()})
	}
}
