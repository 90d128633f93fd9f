package room

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// cause is what an event came of, as far as its effects need it.
type cause struct {
	mic    *microphone // that heard it
	who    string
	text   string
	typed  bool
	timing hearing.Timing
	pcm    []float32
	at     time.Time // when a clause became audible
	rights bool      // the server gave or took rights
}

// question is what began a turn.
type question struct {
	reply.Question
	asked time.Time
	line  prompt.Line // of the conversation
	// replies are those to it that were begun, in order; of a follow-up round those before it too.
	replies []*answer
}

// begun tells whether a reply of a persona reports the end of its part.
func (q *question) begun(seat string) bool {
	return slices.ContainsFunc(q.replies, func(a *answer) bool { return a.name.Seat == seat && !a.yielded && a.name.Turn == q.Turn })
}

// answer is a reply under way.
type answer struct {
	*reply.Reply
	seat    *Seat
	name    turn.Reply
	why     turn.Reason      // it was cancelled; empty while it goes on
	yielded bool             // it waits for its turn again
	text    string           // what it says, once that is known
	cut     bool             // what was heard of it is not all
	said    *voiceTranscript // what the room is shown of it
}

// do does what the table decided.
func (a *actor) do(e turn.Effect, why *cause) {
	switch e := e.(type) {
	case turn.Start:
		a.start(e)
	case turn.Cancel:
		a.stop(e)
	case turn.Finish:
		if answer := a.named[e.Reply]; answer != nil {
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
	case turn.Flush:
		if s := a.seat(e.Seat); s != nil {
			s.player.Flush()
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
			a.write(s, a.asker(e.Reply.Turn), e.Text)
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
		asked.Prompt, asked.Refused = s.talk.ask(q.line, prompt.Tail{PartTokens: s.sightTokens(look.Look), Others: a.others(s, q)})
	}
	answer := &answer{
		Reply: s.replies.Start(asked, look), seat: s, name: e.Reply,
		said: &voiceTranscript{room: s.conn, track: s.line.sid()},
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
	if answer := a.named[e.Reply]; answer != nil {
		answer.text, answer.cut = e.Text, e.Cut
	}
	line := a.converse(speaker, prompt.Line{Speaker: speaker.who.Name, Text: e.Text, Cut: e.Cut})
	a.spoken[e.Reply] = line
	var asked uint64
	if q := a.tried[e.Reply.Turn]; q != nil {
		asked = q.line.Seq
	}
	a.remembers(speaker, speaker.holder.Persona, line, asked)
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
	}
}

// round takes note that a question is asked once more.
func (a *actor) round(e turn.Round) {
	if a.last == nil || a.last.Turn != e.After {
		return
	}
	next := *a.last
	next.Turn, next.asked = e.Turn, time.Now()
	a.tried[e.Turn] = &next
}

// stop cancels a reply, which reports its end on its own.
func (a *actor) stop(e turn.Cancel) {
	if answer := a.named[e.Reply]; answer != nil {
		answer.why, answer.yielded = e.Why, e.Why == turn.ReasonYielded
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
	case turn.ReasonClosed:
		if a.ending != nil {
			return a.ending
		}
		return ErrClosed
	}
	return fmt.Errorf("%w: %s", ErrSilent, why)
}

// silent reports that a persona does not answer. Of a reply that was begun, the reply itself reports
// the end.
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
	if loud(e.Why) {
		a.problem(s, StageReply, q.Who, err)
	}
}

// quiet tells whether a persona is silent because it was not meant, or may not speak: then nothing
// went wrong.
func quiet(why turn.Reason) bool {
	switch why {
	case turn.ReasonNotAddressed, turn.ReasonAddressedToHuman, turn.ReasonMentionedOnly, turn.ReasonNotFront, turn.ReasonFrontUnavailable,
		turn.ReasonOverResponders, turn.ReasonPassed, turn.ReasonHopLimit, turn.ReasonPairLimit, turn.ReasonTurnBudget, turn.ReasonMuted:
		return true
	}
	return false
}

// explain tells front ends why a persona says nothing; empty: it answers.
func (a *actor) explain(s *Seat, why string) {
	if s.explained == why {
		return
	}
	s.explained = why
	s.conn.SetAttributes(map[string]string{attrSilence: why})
}

// asker is who began a turn.
func (a *actor) asker(t uint64) string {
	if q := a.tried[t]; q != nil {
		return q.Who
	}
	return ""
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
	a.problem(nil, StageText, e.Who, why.mic.text.send(a.listener.conn, text, final))
}

// keep reports what a person said or wrote, and remembers what asks something.
func (a *actor) keep(e turn.Keep, why *cause) {
	now := time.Now()
	begin, end, text := why.timing.SpeechStart, why.timing.SpeechEnd, why.text
	if why.typed {
		begin, end, text = now, now, a.shown(text)
	}
	a.observe(nil, Heard{At: now, Who: e.Who, Text: text, Final: true, Turn: e.Turn, Start: begin, End: end})
	line := a.converse(nil, prompt.Line{Speaker: a.called(e.Who), Text: text})
	a.remembers(nil, e.Who, line, 0)
	if e.Turn != 0 {
		clear(a.spoken) // a person's question forgets what personas called each other for
		a.tried[e.Turn] = &question{
			Question: reply.Question{Turn: e.Turn, Who: e.Who, Text: why.text, Timing: why.timing, Typed: why.typed, PCM: why.pcm},
			asked:    now, line: line,
		}
	}
}

// called is how people call somebody: by their name, or by their identity where they have none or
// share it with somebody.
func (a *actor) called(who string) string {
	if a.listener == nil {
		return who
	}
	name := a.listener.people[who].Name
	if name == "" || name == who {
		return who
	}
	for other, p := range a.listener.people {
		if other != who && (p.Name == name || other == name) {
			return who
		}
	}
	return name
}

// shown is a text as it is reported and kept: whole, unless every model refuses it for its size.
// What is cut is not asked: nobody wants the answer to half a question.
func (a *actor) shown(text string) string {
	if len(text) <= longText {
		return text
	}
	for _, s := range a.sitting {
		if s.models.Fits(engine.Asked(text, nil, nil)) == nil {
			return text
		}
	}
	return cutText(text)
}

// caption shows the room what a persona says.
func (a *actor) caption(e turn.Caption, why *cause) {
	answer := a.named[e.Reply]
	switch {
	case answer == nil:
	case e.Final:
		a.problem(answer.seat, StageText, e.Reply.Seat, answer.said.finish())
	default:
		a.observe(answer.seat, Said{At: why.at, Turn: e.Reply.Turn, Text: why.text})
		a.problem(answer.seat, StageText, e.Reply.Seat, answer.said.add(why.text))
	}
}

func (a *actor) setState(s *Seat, state turn.AgentState) {
	if s == nil {
		return
	}
	s.state = state
	a.alert()
	s.conn.SetAttributes(map[string]string{lk.AttrState: string(state)})
	a.observe(s, StateChanged{At: time.Now(), State: string(state)})
}

// wakeAt sets when the table is to be asked again; 0 for not at all.
func (a *actor) wakeAt(at time.Duration) {
	a.wake.Stop()
	if at > 0 {
		a.wake.Reset(max(0, at-a.since(time.Now())))
	}
}
