package agent_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/compute"
)

// TestWhatARoomReportsIsLogged: each event with its kind, then told as before; pictures are left
// out, and a lease that was waited for or refused is an event of its own.
func TestWhatARoomReportsIsLogged(t *testing.T) {
	told := 0
	var cfg room.Config
	cfg.Observe = func(room.Origin, room.Event) { told++ }
	l := agent.NewEvents(agent.EventConfig{})
	agent.LogRooms(l, &cfg)
	at := time.UnixMilli(1000)
	refused := &compute.Refusal{Artifact: "cognition.reply/lobby/3/iris", Holder: "lobby/iris", Pool: compute.Pool{Silicon: compute.SiliconCloud, Provider: "lab"}}
	for _, e := range []room.Event{
		room.Joined{},
		room.StateChanged{State: "thinking"},
		room.Heard{},
		room.Heard{Final: true},
		room.Saw{},
		room.Ended{},
		room.TurnDone{Trace: reply.Trace{Turn: 2, LeaseAsked: at, LeaseGiven: at.Add(40 * time.Millisecond)}},
		room.TurnDone{Trace: reply.Trace{Turn: 2, LeaseAsked: at, LeaseGiven: at.Add(60 * time.Millisecond)}},
		room.TurnDone{Trace: reply.Trace{Turn: 3, LeaseAsked: at, Done: at.Add(70 * time.Millisecond), Err: fmt.Errorf("reply: %w", refused)}},
		room.TurnDone{Trace: reply.Trace{Turn: 4, LeaseAsked: at, LeaseGiven: at.Add(time.Minute), Err: errors.New("broken")}},
		room.TurnDone{Trace: reply.Trace{Turn: 5, Done: at, Err: refused}}, // its voice was refused
	} {
		cfg.Observe(room.Origin{Room: "lobby", Persona: "iris"}, e)
	}
	cfg.Steps("lobby", room.Step{Event: room.Line{Text: "0.00 tick"}})
	got, err := watch(t, l, after(0)).Next(t.Context(), 100)
	if err != nil || told != 11 {
		t.Fatalf("%v, told %d", err, told)
	}
	want := []agent.Kind{"joined", "state", "interim", "heard", "saw", "reply", "reply", "lease", "reply", "lease", "reply", "reply", "lease", "step"}
	for i, e := range got {
		if i >= len(want) || e.Kind != want[i] || e.Room != "lobby" || e.Kind != agent.KindStep && e.Persona != "iris" {
			t.Errorf("%d: %+v", i, e)
		}
	}
	waited, _ := got[7].What.(agent.LeaseChange)
	if waited.Artifact != "cognition.reply/lobby/2/iris" || waited.Holder != "lobby/iris" || waited.Waited != 60*time.Millisecond || waited.Err != nil {
		t.Errorf("%+v", waited)
	}
	if voice, _ := got[12].What.(agent.LeaseChange); voice.Waited != 0 || !errors.Is(voice.Err, refused) {
		t.Errorf("%+v", voice)
	}
	none, _ := got[9].What.(agent.LeaseChange)
	if none.Artifact != refused.Artifact || none.Provider != "lab" || none.Waited != 70*time.Millisecond || !errors.Is(none.Err, refused) {
		t.Errorf("%+v", none)
	}
}

// TestSeatsAreLogged: a persona whose models cannot be opened, and the end of the host.
func TestSeatsAreLogged(t *testing.T) {
	h, err := agent.NewHost(agent.HostConfig{
		Open: func(context.Context, persona.Persona) (*engine.Models, error) {
			return nil, errors.New("no such voice")
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w := watch(t, h.Events(), agent.Watching{Kinds: []agent.Kind{agent.KindSeat}})
	if err := h.Apply(persona.Set{Personas: []persona.Persona{{Name: "iris"}}, Rooms: []persona.Room{{Name: "lobby", Personas: []string{"iris"}}}}); err != nil {
		t.Fatal(err)
	}
	var states []agent.SeatState
	for len(states) < 2 {
		got, err := w.Next(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		st, _ := got[0].What.(agent.SeatStatus)
		if states = append(states, st.State); got[0].Persona != "iris" || got[0].Room != "lobby" {
			t.Errorf("%+v", got[0])
		}
	}
	if states[0] != agent.SeatLoading || states[1] != agent.SeatFailed {
		t.Errorf("%v", states)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err = w.Next(t.Context(), 10); err != nil {
			break
		}
	}
	if !errors.Is(err, agent.ErrEventsClosed) {
		t.Errorf("%v", err)
	}
}
