package room

import (
	"fmt"
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

// do does what the table decided.
func (a *actor) do(e turn.Effect, why *cause) {
	switch e := e.(type) {
	case turn.Start:
		a.start(e)
	case turn.Cancel:
		a.stop(e)
	case turn.GiveFloor:
		if answer := a.named[e.Reply]; answer != nil {
			answer.GiveFloor()
		}
	case turn.Gain:
		a.seat.player.SetGain(e.Level)
	case turn.Flush:
		a.seat.player.Flush()
	case turn.State:
		a.setState(e.State)
	case turn.Subscribe:
		a.want(e.Track)
	case turn.Look:
		if eye := a.eyes[e.Track]; eye != nil {
			eye.Request()
		}
	case turn.Standing:
		a.standing(e, why)
	case turn.Publish:
		a.republish(e.On)
	case turn.WakeAt:
		a.wakeAt(e.At)
	default:
		a.tell(e, why)
	}
}

// tell does what people see or read, and what is kept.
func (a *actor) tell(e turn.Effect, why *cause) {
	switch e := e.(type) {
	case turn.Show:
		a.show(e, why)
	case turn.Keep:
		a.keep(e, why)
	case turn.Caption:
		a.caption(e, why)
	case turn.Write:
		a.problem(StageText, a.asker(e.Reply.Turn), a.write(e.Text))
	case turn.Silence:
		a.silent(e)
	case turn.Over:
		delete(a.tried, e.Turn)
	case turn.Said: // it is kept in the store as it is observed
		a.seat.talk.said(prompt.Line{Own: true, Text: e.Text, Cut: e.Cut})
	case turn.Skip, turn.Wakes:
	}
}

// start begins a reply.
func (a *actor) start(e turn.Start) {
	q := a.tried[e.Reply.Turn]
	if q == nil { // a greeting; nobody asked
		q = &question{Question: reply.Question{Turn: e.Reply.Turn, Who: e.Who, Text: e.Text, Typed: e.Typed, Say: e.Say}, asked: time.Now()}
	}
	q.begun = true
	var look reply.Target
	if eye := a.eyes[e.Look]; eye != nil {
		look.Look = reply.Look{Eye: eye, Who: eye.Track().Who, Dark: e.Dark}
	}
	look.Soon, look.Wait = a.soon[e.Soon], e.Wait
	if q.Refused = q.refused; q.Refused == nil && !q.Say {
		q.Prompt, q.Refused = a.seat.talk.ask(q.line, prompt.Tail{PartTokens: a.sightTokens(look.Look)})
	}
	answer := &answer{
		Reply: a.seat.replies.Start(q.Question, look), name: e.Reply,
		said: &voiceTranscript{room: a.seat.conn, track: a.seat.line.sid()},
	}
	a.live[answer.Reply], a.named[e.Reply] = answer, answer
}

// stop cancels a reply, which reports its end on its own.
func (a *actor) stop(e turn.Cancel) {
	if answer := a.named[e.Reply]; answer != nil {
		answer.why = e.Why
		if q := a.tried[e.Reply.Turn]; q != nil && e.Why == turn.ReasonYielded {
			q.begun = false // it waits for its turn again
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
	case turn.ReasonClosed:
		if a.ending != nil {
			return a.ending
		}
		return ErrClosed
	}
	return fmt.Errorf("%w: %s", ErrSilent, why)
}

// silent reports a question that the persona does not answer. Of a reply that was begun, the reply
// itself reports the end.
func (a *actor) silent(e turn.Silence) {
	q := a.tried[e.Turn]
	if q == nil || q.begun {
		return
	}
	err, now := a.reason(e.Why), time.Now()
	text, _ := a.shown(q.Text)
	a.observe(TurnDone{At: now, Trace: reply.Trace{
		Turn: e.Turn, Who: q.Who, Question: text, Begin: q.asked, Done: now, Err: err,
	}})
	if loud(e.Why) {
		a.problem(StageReply, q.Who, err)
	}
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
	if why.mic == nil {
		return
	}
	switch e.Shape {
	case turn.ShapeInterim:
		a.observe(Heard{At: time.Now(), Who: e.Who, Text: why.text})
		a.problem(StageText, e.Who, why.mic.text.send(why.text, false))
	case turn.ShapeFinal:
		a.problem(StageText, e.Who, why.mic.text.send(why.text, true))
	case turn.ShapeNothing:
		a.problem(StageText, e.Who, why.mic.text.send("", true))
	}
}

// keep reports what a person said or wrote, and remembers what asks something.
func (a *actor) keep(e turn.Keep, why *cause) {
	now := time.Now()
	begin, end := why.timing.SpeechStart, why.timing.SpeechEnd
	if why.typed {
		begin, end = now, now
	}
	text, refused := why.text, error(nil)
	if why.typed {
		text, refused = a.shown(text)
	}
	a.observe(Heard{At: now, Who: e.Who, Text: text, Final: true, Turn: e.Turn, Start: begin, End: end})
	line := a.seat.talk.said(prompt.Line{Speaker: e.Who, Text: text})
	if e.Turn != 0 {
		a.tried[e.Turn] = &question{
			Question: reply.Question{Turn: e.Turn, Who: e.Who, Text: why.text, Timing: why.timing, Typed: why.typed, PCM: why.pcm},
			asked:    now, line: line,
			refused: refused,
		}
	}
}

// shown is a text as it is reported and kept: whole, unless the model refuses it for its size; the
// error says so. What is cut is not asked: nobody wants the answer to half a question.
func (a *actor) shown(text string) (string, error) {
	if len(text) <= longText {
		return text, nil
	}
	if err := a.models.Fits(engine.Asked(text, nil, nil)); err != nil {
		return cutText(text), err
	}
	return text, nil
}

// caption shows the room what the persona says.
func (a *actor) caption(e turn.Caption, why *cause) {
	answer := a.named[e.Reply]
	switch {
	case answer == nil:
	case e.Final:
		a.problem(StageText, a.cfg.Identity, answer.said.finish())
	default:
		a.observe(Said{At: why.at, Turn: e.Reply.Turn, Text: why.text})
		a.problem(StageText, a.cfg.Identity, answer.said.add(why.text))
	}
}

func (a *actor) setState(state turn.AgentState) {
	a.state = state
	a.alert()
	a.seat.conn.SetAttributes(map[string]string{lk.AttrState: string(state)})
	a.observe(StateChanged{At: time.Now(), State: string(state)})
}

// wakeAt sets when the table is to be asked again; 0 for not at all.
func (a *actor) wakeAt(at time.Duration) {
	a.wake.Stop()
	if at > 0 {
		a.wake.Reset(max(0, at-a.since(time.Now())))
	}
}
