package room_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TestPlansThatAreNotRun: nothing is begun.
func TestPlansThatAreNotRun(t *testing.T) {
	models, _ := open(t)
	at := seatThem(t, models, turn.ModeAll)
	seat, err := at.session.Sit(t.Context(), models, room.Persona{Identity: "iris", History: persona.HistoryOff})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*turn.Plan, *turn.Request)
		given  map[string]room.Given
		want   error
	}{
		"another plan":   {func(p *turn.Plan, _ *turn.Request) { p.Fingerprint = "x" }, nil, turn.ErrPlan},
		"of a persona":   {func(_ *turn.Plan, r *turn.Request) { r.Trigger.Kind = turn.KindPersona }, nil, turn.ErrRequest},
		"by a persona":   {func(_ *turn.Plan, r *turn.Request) { r.Trigger.From = "iris" }, nil, turn.ErrRequest},
		"another room":   {func(_ *turn.Plan, r *turn.Request) { r.Room = "hall" }, nil, turn.ErrChanged},
		"a stranger":     {func(_ *turn.Plan, r *turn.Request) { r.Personas[0].Name = "eve" }, nil, turn.ErrChanged},
		"a context":      {func(_ *turn.Plan, r *turn.Request) { r.Personas[0].ContextGiven = true }, nil, turn.ErrRequest},
		"a context more": {func(*turn.Plan, *turn.Request) {}, map[string]room.Given{"iris": {Key: "k"}}, turn.ErrRequest},
	} {
		p, r := at.planned(t, "Who is there?", nil)
		c.change(&p, &r)
		if p.Fingerprint != "x" {
			if p, err = r.Plan(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := at.session.RunTurn(t.Context(), p, r, c.given); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	_, err = at.session.PlanRequest(t.Context(), turn.Trigger{}, map[string]room.Given{"eve": {Key: "k"}})
	if !errors.Is(err, turn.ErrRequest) || !strings.Contains(err.Error(), `"eve"`) {
		t.Errorf("a context for a stranger: %v", err)
	}
	one := []prompt.Segment{{Kind: prompt.KindTranscript, Role: prompt.User, Text: "x"}}
	if _, err = at.session.PlanRequest(t.Context(), turn.Trigger{}, map[string]room.Given{"iris": {Key: "k", Segments: one}}); !errors.Is(err, prompt.ErrGiven) {
		t.Errorf("a context for one whose questions stand alone: %v", err)
	}
	for _, e := range at.all() {
		switch e.(type) {
		case room.Planned, room.TurnDone, room.Outcome:
			t.Errorf("%+v", e)
		}
	}
	p, r := at.planned(t, "Who is there?", nil)
	if err := at.session.Close(); err != nil {
		t.Fatal(err)
	}
	<-seat.Done()
	if _, err := at.session.RunTurn(t.Context(), p, r, nil); !errors.Is(err, room.ErrClosed) {
		t.Errorf("a room that has ended: %v", err)
	}
	if _, err := at.session.PlanRequest(t.Context(), r.Trigger, nil); !errors.Is(err, room.ErrClosed) {
		t.Errorf("a room that has ended: %v", err)
	}
}
