package room

import (
	"strconv"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// do does what the table decided.
func (a *actor) do(e turn.Effect, why *cause) {
	switch e := e.(type) {
	case turn.Start:
		a.start(e)
	case turn.Guess:
		a.think(e)
	case turn.Drop:
		a.discard(e.Number, e.Why)
	case turn.Cancel:
		a.stop(e)
	case turn.Finish:
		if answer := a.named[e.Reply]; answer != nil {
			answer.last = e.Why
			answer.Finish()
		}
	case turn.GiveFloor:
		if answer := a.named[e.Reply]; answer != nil {
			answer.GiveFloor()
		}
	case turn.Gain:
		if s := a.seat(e.Seat); s != nil {
			s.player.SetGain(e.Level)
		}
	case turn.Check:
		a.check(e.Reply)
	case turn.Hold:
		a.hold(a.seat(e.Seat), e.On)
	case turn.Flush:
		if s := a.seat(e.Seat); s != nil {
			s.player.Flush()
			s.held = false
			a.alert()
		}
	case turn.State:
		a.setState(a.seat(e.Seat), e.State)
	case turn.Subscribe:
		a.wish(e.Track)
	case turn.Look:
		if eye := a.eyes[e.Track]; eye != nil {
			eye.Request()
		}
	case turn.Standing:
		a.standing(e, why)
	case turn.Publish:
		a.republish(a.seat(e.Seat), e.On)
	case turn.WakeAt:
		a.wakeAt(e.At)
	default:
		a.tell(e, why)
	}
}

// tell does what people see or read, and what is kept.
func (a *actor) tell(e turn.Effect, why *cause) {
	switch e := e.(type) {
	case turn.Planned:
		a.observe(nil, Planned{At: time.Now(), Plan: e})
	case turn.Show:
		a.show(e, why)
	case turn.Keep:
		a.keep(e, why)
	case turn.Caption:
		a.caption(e, why)
	case turn.Write:
		if s := a.seat(e.Reply.Seat); s != nil {
			a.wrote(s, e)
		}
	case turn.Silence:
		a.silent(e)
	case turn.Over:
		a.last = a.tried[e.Turn]
		delete(a.tried, e.Turn)
	case turn.Said: // it is kept in the store as it is observed
		a.said(e)
	case turn.Wakes:
		a.wakes(e)
	case turn.Round:
		a.round(e)
	case turn.Greet, turn.Skip:
	}
}

// silent reports that a persona does not answer. Of a reply that was begun, the reply itself
// reports the end.
func (a *actor) silent(e turn.Silence) {
	q, s := a.tried[e.Turn], a.seat(e.Seat)
	if q == nil || s == nil || q.begun(e.Seat) {
		return
	}
	now := time.Now()
	a.explain(s, strconv.FormatUint(e.Turn, 10)+" "+string(e.Why))
	if quiet(e.Why) {
		a.observe(s, Silent{At: now, Turn: e.Turn, Who: q.Who, Why: e.Why})
		return
	}
	err := a.reason(e.Why)
	a.observe(s, TurnDone{At: now, Trace: reply.Trace{
		Turn: e.Turn, Who: q.Who, Question: a.shown(q.Text), Begin: q.asked, Done: now, Err: err,
	}})
	if ReplyEndOf(err) == ReplyFailed {
		a.problemIn(e.Turn, s, StageReply, q.Who, err)
	}
}

// quiet tells whether a persona is silent because it was not meant, or may not speak: then nothing
// went wrong.
func quiet(why turn.Reason) bool {
	switch why {
	case turn.ReasonNotAddressed, turn.ReasonAddressedToHuman, turn.ReasonMentionedOnly, turn.ReasonNotFront, turn.ReasonFrontUnavailable,
		turn.ReasonOverResponders, turn.ReasonPassed, turn.ReasonHopLimit, turn.ReasonPairLimit, turn.ReasonTurnBudget, turn.ReasonMuted,
		turn.ReasonWithdrawn, turn.ReasonStopped:
		return true
	}
	return false
}

// show sends the room the transcript of what a person said.
func (a *actor) show(e turn.Show, why *cause) {
	if why.mic == nil || a.listener == nil {
		return
	}
	text, final := why.text, true
	switch e.Shape {
	case turn.ShapeInterim:
		a.observe(nil, Heard{At: time.Now(), Who: e.Who, Text: text})
		final = false
	case turn.ShapeFinal:
	case turn.ShapeNothing:
		text = ""
	}
	a.problem(nil, StageText, e.Who, why.mic.text.send(a.listener.conn, text, final, a.legacy()))
}

// keep reports what a person said or wrote, and remembers what asks something.
func (a *actor) keep(e turn.Keep, why *cause) {
	now := time.Now()
	begin, end, text, message := why.timing.SpeechStart, why.timing.SpeechEnd, why.text, ""
	if why.typed {
		begin, end, text, message = now, now, a.shown(text), a.typed(e.Who, why)
	}
	a.observe(nil, Heard{At: now, Who: e.Who, Text: text, Final: true, Turn: e.Turn, Start: begin, End: end})
	line := a.converse(nil, prompt.Line{Speaker: a.called(e.Who), Text: text})
	a.remembers(nil, a.utterance(e.Who, line, a.program(e.Who, why)))
	if e.Turn != 0 {
		clear(a.spoken) // a person's question forgets what personas called each other for
		clear(a.written)
		a.tried[e.Turn] = &question{
			Question: reply.Question{Turn: e.Turn, Who: e.Who, Text: why.text, Timing: why.timing, Typed: why.typed, PCM: why.pcm},
			asked:    now, line: line, message: message, run: why.run,
		}
		if why.run != nil {
			why.run.turn = e.Turn
			a.running[e.Turn] = why.run
		}
	}
}

// caption shows the room what a persona says.
func (a *actor) caption(e turn.Caption, why *cause) {
	answer := a.named[e.Reply]
	switch {
	case answer == nil:
	case e.Final:
		a.problemIn(e.Reply.Turn, answer.seat, StageText, e.Reply.Seat, answer.said.finish(a.legacy()))
	default:
		a.observe(answer.seat, Said{At: why.at, Turn: e.Reply.Turn, Text: why.text})
		a.problemIn(e.Reply.Turn, answer.seat, StageText, e.Reply.Seat, answer.said.add(why.text, a.legacy()))
	}
}

// hold has a persona pause where it is, or go on. The ears listen for single words meanwhile.
func (a *actor) hold(s *Seat, on bool) {
	if s == nil {
		return
	}
	if s.held = on; on {
		s.player.Pause()
	} else {
		s.player.Resume()
	}
	a.alert()
}

// check tells the table, in a step behind this one, how long ago the persona was heard last.
func (a *actor) check(r turn.Reply) {
	if s := a.seat(r.Seat); s != nil {
		ago := time.Since(s.sounded())
		a.behind = append(a.behind, func() { a.step(turn.Sounded{Reply: r, Ago: ago}, cause{}) })
	}
}

func (a *actor) setState(s *Seat, state turn.AgentState) {
	if s == nil {
		return
	}
	was := s.state
	s.state = state
	a.alert()
	s.conn.SetAttributes(map[string]string{lk.AttrState: string(state)})
	a.toldState(s)
	a.tellPanels(s, time.Now(), lk.AgentStateChanged{Old: string(was), New: string(state)})
	a.observe(s, StateChanged{At: time.Now(), State: string(state)})
}

// wakeAt sets when the table is to be asked again; 0 for not at all.
func (a *actor) wakeAt(at time.Duration) {
	a.wake.Stop()
	if at > 0 {
		a.wake.Reset(max(0, at-a.since(time.Now())))
	}
}
