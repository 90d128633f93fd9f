package room

import (
	"cmp"
	"strconv"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/store"
)

// start begins a reply.
func (a *actor) start(e turn.Start) {
	s := a.seat(e.Reply.Seat)
	if s == nil {
		return // the table has it unseated in this step
	}
	q := a.tried[e.Reply.Turn]
	if q == nil { // a greeting; nobody asked
		q = &question{Question: reply.Question{Turn: e.Reply.Turn, Who: e.Who, Text: e.Text, Typed: e.Typed, Say: e.Say}, asked: time.Now()}
		a.tried[e.Reply.Turn] = q
	}
	var look reply.Target
	look.Look = s.look(a.eyes[e.Look])
	look.Dark = e.Dark
	look.Soon, look.Wait = a.promise(e.Soon, s), e.Wait
	asked := q.Question
	if asked.Refused = a.unfit(s, &asked); asked.Refused == nil && !asked.Say {
		asked.Prompt, asked.Refused = s.talk.ask(q.line, q.given(e.Reply.Seat), prompt.Tail{
			PartTokens: s.sightTokens(look.Look), Others: a.others(s, q), Note: a.noteTo(s, q),
		})
		a.accounts.Made(e.Reply, asked.Prompt.Context)
	}
	g := a.takeUp(e, &asked)
	var r *reply.Reply
	if g != nil {
		r = g.Reply
	} else {
		r = s.replies.Start(asked, look)
	}
	answer := &answer{
		Reply: r, guess: g, question: asked, asking: time.Now(), discards: s.discards, seat: s, name: e.Reply, asked: q.line.Seq,
		said: &voiceTranscript{room: s.conn, track: s.line.sid()}, run: q.run,
	}
	s.discards = nil
	if !asked.Say {
		answer.begun = time.Now()
	}
	q.replies = append(q.replies, answer)
	a.live[answer.Reply], a.named[e.Reply] = answer, answer
	a.explain(s, "")
}

// unfit says why a persona cannot be asked something written at great length.
func (a *actor) unfit(s *Seat, q *reply.Question) error {
	if !q.Typed || len(q.Text) <= longText {
		return nil
	}
	return s.models.Fits(engine.Asked(q.Text, nil, nil))
}

// others are what has been answered to a question so far, as a persona's model reads it: what is
// being said counts as if it had been.
func (a *actor) others(s *Seat, q *question) (out []prompt.Line) {
	for _, answer := range q.replies {
		if answer.text != "" && (answer.why == "" || answer.cut) && (answer.seat != s || answer.name.Turn != q.Turn) {
			out = append(out, prompt.Line{Speaker: answer.seat.who.Name, Own: answer.seat == s, Text: answer.text, Cut: answer.cut})
		}
	}
	return out
}

// said takes what people heard of a reply, or read.
func (a *actor) said(e turn.Said) {
	speaker := a.seat(e.Reply.Seat)
	if speaker == nil {
		return
	}
	answer := a.named[e.Reply]
	if answer != nil {
		answer.text, answer.cut = e.Text, e.Cut
		if e.Cut {
			a.spokenSoFar(answer, string(cmp.Or(answer.why, answer.ended, turn.ReasonFailed)), e.Text)
		} else {
			a.spokenSoFar(answer, store.Whole, "")
		}
	}
	line := a.converse(speaker, prompt.Line{Speaker: speaker.who.Name, Text: e.Text, Cut: e.Cut})
	a.spoken[e.Reply] = line
	a.remembersOwn(speaker, line, answer)
}

// converse takes a line into what every persona knows; by is the persona that said it, nil for
// somebody else.
func (a *actor) converse(by *Seat, line prompt.Line) prompt.Line {
	a.line++
	line.Seq = a.line
	for _, s := range a.sitting {
		own := line
		own.Own = s == by
		s.talk.said(own)
	}
	return line
}

// wakes takes note that what a persona said is a question to others.
func (a *actor) wakes(e turn.Wakes) {
	from := a.spoken[e.Reply]
	a.tried[e.Turn] = &question{
		Question: reply.Question{Turn: e.Turn, Who: e.Reply.Seat, Text: from.Text}, asked: time.Now(), line: from,
		message: a.written[e.Reply],
	}
}

// round takes note that a question is asked once more.
func (a *actor) round(e turn.Round) {
	if a.last == nil || a.last.Turn != e.After {
		return
	}
	next := *a.last
	next.Turn, next.asked, next.run = e.Turn, time.Now(), nil // nobody planned it
	a.tried[e.Turn] = &next
}

// stop cancels a reply, which reports its end on its own.
func (a *actor) stop(e turn.Cancel) {
	if answer := a.named[e.Reply]; answer != nil {
		answer.why, answer.yielded = e.Why, e.Why == turn.ReasonYielded
		if answer.stopped.IsZero() {
			answer.stopped = time.Now()
		}
		switch {
		case e.Why == turn.ReasonYielded || e.Why == turn.ReasonAgain: // it is begun anew
		case e.Why == turn.ReasonStale && answer.text != "": // it was written, and is not heard
			a.spokenSoFar(answer, string(e.Why), "")
			a.explain(answer.seat, strconv.FormatUint(e.Reply.Turn, 10)+" "+string(e.Why))
			answer.Cancel(ErrWritten)
			return
		default:
			a.spokenSoFar(answer, string(e.Why), "") // where something was heard, that follows
		}
		answer.Cancel(a.reason(e.Why))
	}
}

// reason is a reason as an error.
func (a *actor) reason(why turn.Reason) error {
	switch why {
	case turn.ReasonSuperseded, turn.ReasonAgain:
		return ErrSuperseded
	case turn.ReasonInterrupted:
		return ErrInterrupted
	case turn.ReasonYielded:
		return ErrYielded
	case turn.ReasonCrowded:
		return ErrCrowded
	case turn.ReasonStale:
		return ErrLate
	case turn.ReasonNoAudio:
		return ErrUnheard
	case turn.ReasonWithdrawn:
		return ErrWithdrawn
	case turn.ReasonStalled:
		return ErrStalled
	case turn.ReasonClosed:
		if a.ending != nil {
			return a.ending
		}
		return ErrClosed
	}
	return &SilentError{why}
}

// explain tells front ends why a persona says nothing; empty: it answers.
func (a *actor) explain(s *Seat, why string) {
	if s.explained == why {
		return
	}
	s.explained = why
	s.conn.SetAttributes(map[string]string{attrSilence: why})
}
