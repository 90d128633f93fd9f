package room

import (
	"strconv"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// asked answers what somebody asks a persona's session for.
func (a *actor) asked(s *Seat, e lk.SessionAsked) {
	if s == nil {
		return
	}
	s.panel.watch(e.Participant.Identity)
	if e.Ask == lk.AskRun {
		a.input(s, e)
		return
	}
	a.respond(s, e.Participant.Identity, e.ID, a.answerTo(s, e))
}

// answerTo is the answer to what needs no turn.
func (a *actor) answerTo(s *Seat, e lk.SessionAsked) lk.SessionAnswer {
	switch e.Ask {
	case lk.AskPing:
		return lk.Pong{}
	case lk.AskHistory:
		return lk.History{Items: a.history.of(s)}
	case lk.AskState:
		return lk.SessionState{Agent: string(s.state), User: a.userState(), ID: s.holder.Persona, Options: a.options(s), Since: s.begin}
	case lk.AskUsage:
		return s.usage(time.Now())
	case lk.AskInfo:
		info := lk.SessionInfo{ID: s.holder.Persona, Items: a.history.of(s)}
		if e.Participant.Manages { // what a persona is told to be is nobody else's business
			info.Instructions = &s.who.Prompt
		}
		return info
	case lk.AskFramework:
		return lk.FrameworkInfo{}
	case lk.AskRun, lk.AskStats, lk.AskIO, lk.AskSimulated, lk.AskUnknown:
	}
	return lk.Refusal{Reason: "unsupported", Text: lk.Framework + " does not serve " + string(e.Ask)}
}

// options are what is worth knowing of how a persona converses.
func (a *actor) options(s *Seat) map[string]string {
	return map[string]string{
		"name": s.who.Name, "room": s.holder.Room, "muted": strconv.FormatBool(s.Muted()), "ready": strconv.FormatBool(s.Ready()),
		"sees": strconv.FormatBool(s.models.Sees()), "hears_sound": strconv.FormatBool(s.models.HearsSound()), "personas": strconv.Itoa(len(a.sitting)),
	}
}

// userState is what people do here.
func (a *actor) userState() lk.UserState {
	if a.speaking.Load() > 0 {
		return lk.UserSpeaking
	}
	if a.listener != nil {
		for _, p := range a.listener.people {
			if !p.Agent {
				return lk.UserListening
			}
		}
	}
	return lk.UserAway
}

// respond sends an answer, unless it is more than whoever asks may make the persona send.
func (a *actor) respond(s *Seat, to, id string, answer lk.SessionAnswer) {
	if !s.panel.sent.Take(answerRate(), 1, time.Now()) { // what was sent before counts
		s.panel.refused++
		answer = lk.Refusal{Reason: "busy", Text: "more answers than are sent at once; try again in a second"}
	}
	bytes, err := s.conn.AnswerSession(to, id, answer)
	a.problem(s, StageText, to, err)
	s.panel.sent.Take(answerRate(), min(bytes, answerRate().Burst), time.Now())
}

// input puts text to a persona, as if it had been typed in the room's chat for it alone. The answer
// is what the persona said in that turn, once it is over.
func (a *actor) input(s *Seat, e lk.SessionAsked) {
	from, mine := e.Participant.Identity, 0
	for _, r := range a.inputs {
		if r.from == from {
			mine++
		}
	}
	refuse := func(reason, text string) { a.respond(s, from, e.ID, lk.Refusal{Reason: reason, Text: text}) }
	switch {
	case e.Participant.Agent || e.Participant.Other:
		refuse("forbidden", "input is for people")
		return
	case e.Text == "" || uncontrolled(e.Text, "\n\r\t") != "":
		refuse("bad_text", "no text, or one with control characters")
		return
	case mine >= runsOfOne || len(a.inputs) >= runsAtOnce:
		refuse("busy", "input that was given before is not answered yet")
		return
	}
	r := &run{seat: s, from: from, id: e.ID}
	a.inputs = append(a.inputs, r)
	a.step(turn.Asked{Who: from, Text: e.Text, To: []string{s.holder.Persona}}, cause{who: from, text: e.Text, typed: true, input: r})
	if r.turn == 0 {
		a.ran(r, lk.Refusal{Reason: "no_turn", Text: "the persona does not answer that"})
	}
}

// ran answers a run, which is over.
func (a *actor) ran(r *run, answer lk.SessionAnswer) {
	for i, other := range a.inputs {
		if other == r {
			a.inputs = append(a.inputs[:i:i], a.inputs[i+1:]...)
			break
		}
	}
	a.respond(r.seat, r.from, r.id, answer)
}

// leftPanel forgets what somebody who is gone asked for.
func (a *actor) leftPanel(s *Seat, who string) {
	s.panel.unwatch(who)
	for i := len(a.inputs) - 1; i >= 0; i-- {
		if a.inputs[i].from == who && a.inputs[i].seat == s {
			a.inputs = append(a.inputs[:i:i], a.inputs[i+1:]...)
		}
	}
}
