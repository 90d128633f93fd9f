package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/api"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/compute"
)

// eveJSON is a persona with every field.
const eveJSON = `{"name":"eve","identity":"eve-1","profile":"text","voice":"espeak","prompt":"You are Eve.\nBe brief.","greeting":"Hello.",` +
	`"aliases":["eva"],"specialty":["plants"],"answerTokens":24,"history":"stored","remember":"auto","idle":{"afterMs":90000,"say":"Anything else?"}}`

// TestAPersonaIsShownAsItWasGiven: what a call has seated is shown with every field, and with who
// had it seated.
func TestAPersonaIsShownAsItWasGiven(t *testing.T) {
	s := serve(t, seated())
	for given, shown := range map[string]string{eveJSON: eveJSON, `{"name":"eve"}`: `{"name":"eve","history":"room"}`} {
		if status, text := s.post(t, "PersonaService/SpawnPersona", `{"room":"lobby","persona":`+given+`}`); status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
		status, text := s.post(t, "PersonaService/GetPersona", `{"room":"lobby","persona":"eve"}`)
		if want := `{"persona":` + shown + `,"by":"request"}`; status != http.StatusOK || text != want {
			t.Errorf("%d %s\nwant %s", status, text, want)
		}
	}
	eve := &sensoryv1.Persona{}
	if err := protojson.Unmarshal([]byte(eveJSON), eve); err != nil {
		t.Fatal(err)
	}
	for fields, i := eve.ProtoReflect().Descriptor().Fields(), 0; i < fields.Len(); i++ {
		if !eve.ProtoReflect().Has(fields.Get(i)) {
			t.Errorf("eve has no %s", fields.Get(i).Name())
		}
	}
}

// TestPersonasAreSeatedAsTheyAreGiven: every field gets where it belongs.
func TestPersonasAreSeatedAsTheyAreGiven(t *testing.T) {
	d := seated()
	s := serve(t, d)
	for call, body := range map[string]string{
		"PersonaService/SpawnPersona":  `{"room":"cellar","persona":` + eveJSON + `}`,
		"PersonaService/RemovePersona": `{"room":"lobby","persona":"max"}`,
		"PersonaService/MutePersona":   `{"room":"lobby","persona":"iris","muted":true}`,
	} {
		d.told = nil
		if status, text := s.post(t, call, body); status != http.StatusOK || text != "{}" || len(d.told) != 1 {
			t.Errorf("%s: %d %s, %q", call, status, text, d.told)
			continue
		}
		eve := persona.Persona{
			Name: "eve", Identity: "eve-1", Profile: "text", Voice: "espeak", Prompt: "You are Eve.\nBe brief.", Greeting: "Hello.", Aliases: []string{"eva"},
			Specialty: []string{"plants"}, AnswerTokens: 24, History: persona.HistoryStored, Remember: memory.Auto,
			Idle: turn.Idle{After: 90 * time.Second, Say: "Anything else?"},
		}
		want := map[string]string{
			"PersonaService/SpawnPersona": fmt.Sprintf("spawn|cellar|%+v", eve), "PersonaService/RemovePersona": "remove|lobby|max", "PersonaService/MutePersona": "mute|lobby|iris|true",
		}
		if diff := cmp.Diff(want[call], d.told[0]); diff != "" {
			t.Errorf("%s: %s", call, diff)
		}
	}
}

func TestPersonasThatAreRefused(t *testing.T) {
	d := seated()
	s := serve(t, d)
	spawn := func(fields string) string { return `{"room":"lobby","persona":{` + fields + `}}` }
	for body, want := range map[string]struct {
		why   api.Reason
		field string
	}{
		`{"persona":{"name":"eve"}}`:                                           {api.ReasonMissing, "room"},
		`{"room":"lobby"}`:                                                     {api.ReasonMissing, "persona.name"},
		spawn(`"name":"e\nve"`):                                                {api.ReasonBadText, "persona.name"},
		spawn(`"name":"eve","history":"none"`):                                 {api.ReasonBadValue, "persona.history"},
		spawn(`"name":"eve","remember":"all"`):                                 {api.ReasonBadValue, "persona.remember"},
		spawn(`"name":"eve","answerTokens":-1`):                                {api.ReasonBadValue, "persona.answer_tokens"},
		spawn(`"name":"eve","prompt":"` + strings.Repeat("x", 32<<10+1) + `"`): {api.ReasonTooLong, "persona.prompt"},
		spawn(`"name":"eve","idle":{"afterMs":86400001,"say":"x"}`):            {api.ReasonBadValue, "persona.idle.after_ms"},
		spawn(`"name":"eve","idle":{"afterMs":1,"say":"\u0007"}`):              {api.ReasonBadText, "persona.idle.say"},
		spawn(`"name":"eve","aliases":["a\u0007"]`):                            {api.ReasonBadText, "persona.aliases"},
	} {
		s.refused(t, "PersonaService/SpawnPersona", body, connect.CodeInvalidArgument, want.why, want.field)
	}
	for _, call := range []string{"RemovePersona", "MutePersona", "GetPersona"} {
		s.refused(t, "PersonaService/"+call, `{"room":"cellar","persona":"eve"}`, connect.CodeNotFound, api.ReasonUnknownRoom, "")
		s.refused(t, "PersonaService/"+call, `{"room":"lobby"}`, connect.CodeInvalidArgument, api.ReasonMissing, "persona")
	}
	if d.told != nil {
		t.Errorf("what was refused was done: %q", d.told)
	}
}

// TestWhatAHostSaysOfPersonas has its code and reason.
func TestWhatAHostSaysOfPersonas(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		code  connect.Code
		why   api.Reason
		field string
	}{
		"taken":         {fmt.Errorf("%w: eve", agent.ErrSeated), connect.CodeAlreadyExists, api.ReasonNameTaken, ""},
		"of the file":   {agent.ErrOfFile, connect.CodeFailedPrecondition, api.ReasonOfFile, ""},
		"nobody":        {agent.ErrUnseated, connect.CodeNotFound, api.ReasonUnknownPersona, ""},
		"closed":        {agent.ErrHostClosed, connect.CodeUnavailable, api.ReasonClosing, ""},
		"a field":       {errors.Join(persona.FieldError{Field: "personas[0].aliases[1]", Text: "is iris"}), connect.CodeInvalidArgument, api.ReasonBadValue, "persona.aliases[1]"},
		"a time":        {persona.FieldError{Field: "personas[0].idle.after", Text: "is missing"}, connect.CodeInvalidArgument, api.ReasonBadValue, "persona.idle.after_ms"},
		"a room":        {persona.FieldError{Field: "rooms[0].name", Text: "is long"}, connect.CodeInvalidArgument, api.ReasonBadValue, "room"},
		"names":         {persona.FieldError{Field: "personas", Text: "collide"}, connect.CodeInvalidArgument, api.ReasonBadValue, "persona"},
		"no model":      {&agent.NotJoinedError{Err: &model.RefusalError{Reason: model.ReasonFit}}, connect.CodeFailedPrecondition, "does_not_fit", "profile"},
		"no profile":    {&agent.NotJoinedError{Err: &model.UnknownProfileError{ID: "x"}}, connect.CodeInvalidArgument, api.ReasonBadValue, "profile"},
		"too slow":      {&agent.NotJoinedError{Err: context.DeadlineExceeded}, connect.CodeFailedPrecondition, api.ReasonNotJoined, ""},
		"no place":      {&agent.NotJoinedError{Err: &compute.Refusal{}}, connect.CodeResourceExhausted, api.ReasonRefused, ""},
		"another cause": {&agent.NotJoinedError{Err: errors.New("torn")}, connect.CodeFailedPrecondition, api.ReasonNotJoined, ""},
	} {
		d := seated()
		d.fails = c.err
		s := serve(t, d)
		for call, body := range map[string]string{
			"SpawnPersona": `{"room":"lobby","persona":{"name":"eve"}}`, "RemovePersona": `{"room":"lobby","persona":"max"}`, "MutePersona": `{"room":"lobby","persona":"max"}`,
			"GetPersona": `{"room":"lobby","persona":"max"}`,
		} {
			t.Log(name)
			s.refused(t, "PersonaService/"+call, body, c.code, c.why, c.field)
		}
	}
}

// TestPersonasOfCallsAreBounded, those of the file besides.
func TestPersonasOfCallsAreBounded(t *testing.T) {
	d := seated()
	for i := range 256 {
		d.seats = append(d.seats, agent.SeatStatus{Room: "attic", Persona: fmt.Sprint(i), Identity: fmt.Sprint(i), By: agent.ByRequest})
	}
	s := serve(t, d)
	const body = `{"room":"lobby","persona":{"name":"eve"}}`
	s.refused(t, "PersonaService/SpawnPersona", body, connect.CodeResourceExhausted, api.ReasonTooMany, "")
	d.seats = d.seats[:len(d.seats)-1]
	if status, text := s.post(t, "PersonaService/SpawnPersona", body); status != http.StatusOK {
		t.Errorf("one less: %d %s", status, text)
	}
}
