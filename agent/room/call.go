package room

import (
	"encoding/json"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// procedure answers a remote procedure call.
func (a *actor) procedure(s *Seat, e lk.Called) {
	if s == nil {
		return
	}
	answer, refused := a.carryOut(s, e)
	if refused != "" {
		a.problem(s, StageText, e.Participant.Identity, s.conn.RefuseCall(e.Participant.Identity, e.ID, lk.Failed(refused)))
		return
	}
	text, err := json.Marshal(answer)
	if err == nil {
		err = s.conn.AnswerCall(e.Participant.Identity, e.ID, string(text))
	}
	a.problem(s, StageText, e.Participant.Identity, err)
}

// shownState answers callState.
type shownState struct {
	Identity string `json:"identity"`
	Name     string `json:"name"`
	State    string `json:"state"`
	Ready    bool   `json:"ready"`
	Muted    bool   `json:"muted"`
	// Silent is why it said nothing last, and Turn in which turn.
	Silent string `json:"silent,omitempty"`
	Turn   uint64 `json:"turn,omitempty"`
}

// begunTurn answers callAsk.
type begunTurn struct {
	Turn uint64 `json:"turn"`
}

// carryOut does what is called, or says why not: one stable word, and more.
func (a *actor) carryOut(s *Seat, e lk.Called) (answer any, refused string) {
	switch e.Method {
	case callState:
		p := a.sits(s)
		return shownState{Identity: p.Identity, Name: p.Name, State: string(p.State), Ready: p.Ready, Muted: p.Muted, Silent: string(p.Silent), Turn: p.Turn}, ""
	case callAsk:
		return a.callAsks(s, e)
	case callMute:
		var in struct {
			On *bool `json:"on"`
		}
		switch {
		case !e.Participant.Manages:
			return nil, "forbidden: the caller's token lacks canManageAgentSession"
		case json.Unmarshal([]byte(e.Payload), &in) != nil || in.On == nil:
			return nil, `bad_payload: {"on": true} or {"on": false} is wanted`
		}
		a.mute(muting{s, *in.On})
		return struct {
			Muted bool `json:"muted"`
		}{s.Muted()}, ""
	}
	return nil, "unknown_method"
}

// callAsks puts a question to a persona, as if it had been typed for it alone.
func (a *actor) callAsks(s *Seat, e lk.Called) (answer any, refused string) {
	var in struct {
		Text string `json:"text"`
	}
	switch {
	case e.Participant.Agent || e.Participant.Other:
		return nil, "forbidden: questions are for people"
	case json.Unmarshal([]byte(e.Payload), &in) != nil || in.Text == "" || uncontrolled(in.Text, "\n\r\t") != "":
		return nil, `bad_payload: {"text": "…"} is wanted, without control characters`
	}
	var begun run
	a.step(turn.Asked{Who: e.Participant.Identity, Text: in.Text, To: []string{s.holder.Persona}}, cause{who: e.Participant.Identity, text: in.Text, typed: true, input: &begun})
	if begun.turn == 0 {
		return nil, "no_turn: the persona does not answer that"
	}
	return begunTurn{begun.turn}, ""
}
