package main

import (
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/store"
)

// defined is a host of which one persona is asked.
type defined struct {
	sits
	persona persona.Persona
}

func (s defined) Persona(_, _ string) (persona.Persona, agent.SeatBy, error) {
	return s.persona, agent.ByRequest, nil
}

func (s defined) Store() *store.DB { return nil }

// TestAPersonaIsShown field by field. No line of a prompt looks like one of another field.
func TestAPersonaIsShown(t *testing.T) {
	cleanEnv(t)
	host := defined{sits{seats: []agent.SeatStatus{{Room: "lobby", Persona: "eve"}}}, persona.Persona{
		Name: "eve", Identity: "eve-1", Profile: "text", Voice: "espeak", Prompt: "You are Eve.\nvoice      piper", Greeting: "Hello.",
		Idle: turn.Idle{After: 90 * time.Second, Say: "Anything else?"}, Aliases: []string{"eva", "ev"}, Specialty: []string{"plants"},
		AnswerTokens: 24, History: persona.HistoryStored, Remember: memory.Auto,
	}}
	address := answering(t, api.Config{Host: func() api.Host { return host }})
	code, out, errs := runProgram(t, "persona", "show", "--room", "lobby", "eve", "--address", address)
	want := `name       eve
seated by  request
identity   eve-1
profile    text
voice      espeak
prompt     You are Eve.
  voice      piper
greeting   Hello.
idle       after 1m30s: Anything else?
aliases    eva, ev
specialty  plants
answer     24 tokens
history    stored
remember   auto
`
	if code != 0 || errs != "" || out != want {
		t.Errorf("code %d, %s%s\nwant %s", code, out, errs, want)
	}
	if code, out, errs := runProgram(t, "persona", "show", "--room", "lobby", "eve", "--json", "--address", address); code != 0 || !strings.Contains(out, `"afterMs": 90000`) {
		t.Errorf("code %d, %s%s", code, out, errs)
	}
}
