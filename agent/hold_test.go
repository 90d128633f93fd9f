package agent_test

import (
	"context"
	"errors"
	"testing"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
)

// attend has the personas of a hold take their seats, and returns what tells how that ended.
func attend(ctx context.Context, x *agent.Hold, first map[string]string) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- x.Attend(ctx, first) }()
	return ended
}

// over waits until those have left, and returns how that was.
func (h *house) over(t *testing.T, ended <-chan error) (err error) {
	t.Helper()
	h.until(t, "they have left", func([]agent.SeatStatus) bool {
		select {
		case err = <-ended:
			return true
		default:
			return false
		}
	})
	return err
}

func (h *house) close(t *testing.T, in string) {
	t.Helper()
	rooms := lksdk.NewRoomServiceClient(h.server.URL, h.server.APIKey, h.server.APISecret)
	if _, err := rooms.DeleteRoom(t.Context(), &livekit.DeleteRoomRequest{Room: in}); err != nil {
		t.Fatal(err)
	}
}

// TestAHoldBecomesSeatsThatEndWithTheRoom: both answer in the room where a third one sits by the
// file, only the first has the attribute; when the server closes the room, they are gone and the
// third one opens it again.
func TestAHoldBecomesSeatsThatEndWithTheRoom(t *testing.T) {
	h := openCanned(t)
	set := persona.Set{Personas: []persona.Persona{{Name: "otto"}}, Rooms: []persona.Room{{Name: "lobby", Personas: []string{"otto"}}}}
	if err := h.Apply(set); err != nil {
		t.Fatal(err)
	}
	h.until(t, "otto is ready", full(1))
	of := h.Rooms()[0]
	x, err := h.Hold(t.Context(), agent.Holding{Room: "lobby", Personas: []persona.Persona{{Name: "otto"}, {Name: "iris"}, {Name: "max"}}})
	if err != nil {
		t.Fatal(err)
	}
	if x.First().Name != "iris" {
		t.Errorf("the first without a seat is %q", x.First().Name)
	}
	if _, err := h.Hold(t.Context(), agent.Holding{Room: "lobby", Personas: []persona.Persona{{Name: "max"}}}); !errors.Is(err, agent.ErrSeated) {
		t.Errorf("held twice: %v", err)
	}
	ended := attend(t.Context(), x, map[string]string{"lk.agent_name": "roundtable"})
	h.until(t, "three are ready", full(3))
	if rooms := h.Rooms(); len(rooms) != 1 || rooms[0] != of || len(of.Seats()) != 3 {
		t.Errorf("%+v", rooms)
	}
	if a, b := h.attributes(t, "lobby", "iris"), h.attributes(t, "lobby", "max"); a["lk.agent_name"] != "roundtable" || b["lk.agent_name"] != "" || b["lk.agent.state"] == "" {
		t.Errorf("iris %v, max %v", a, b)
	}
	if s, _ := h.Seat("lobby", "iris"); s.By != agent.ByDispatch {
		t.Errorf("%+v", s)
	}
	if err := h.Remove(t.Context(), "lobby", "iris"); err != nil {
		t.Error(err)
	}
	h.close(t, "lobby")
	if err := h.over(t, ended); err != nil {
		t.Errorf("ended with %v", err)
	}
	h.until(t, "otto is there again, alone", func(all []agent.SeatStatus) bool {
		return len(all) == 1 && all[0].Persona == "otto" && all[0].Entered >= 2 && all[0].Ready
	})
	x.Release()
	if err := x.Attend(t.Context(), nil); !errors.Is(err, agent.ErrUnseated) {
		t.Errorf("attended twice: %v", err)
	}
}

// TestAHoldEndsWithItsContext: the persona leaves, for the reason that is given; the hall goes too.
func TestAHoldEndsWithItsContext(t *testing.T) {
	h := openCanned(t)
	x, err := h.Hold(t.Context(), agent.Holding{Room: "lobby", Personas: []persona.Persona{{Name: "iris"}}})
	if err != nil {
		t.Fatal(err)
	}
	over := errors.New("over")
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := attend(ctx, x, nil)
	h.until(t, "iris is ready", full(1))
	cancel(over)
	if err := h.over(t, ended); !errors.Is(err, over) {
		t.Errorf("ended with %v", err)
	}
	if len(h.Seats()) != 0 || len(h.Rooms()) != 0 {
		t.Errorf("left: %+v", h.Seats())
	}
}

// TestSeatsAreBounded: what is held counts, who is spawned counts, and what is given back is free.
func TestSeatsAreBounded(t *testing.T) {
	broken := errors.New("broken")
	h, err := agent.NewHost(agent.HostConfig{Seats: 2, Room: config("ws://127.0.0.1:9"), Open: func(context.Context, persona.Persona) (*engine.Models, error) {
		return nil, broken
	}})
	if err != nil {
		t.Fatal(err)
	}
	nothing := func(context.Context, persona.Persona) (*engine.Models, error) { return new(engine.Models), nil }
	want := func(in string, names ...string) agent.Holding {
		w := agent.Holding{Room: in, Open: nothing}
		for _, n := range names {
			w.Personas = append(w.Personas, persona.Persona{Name: n})
		}
		return w
	}
	x, err := h.Hold(t.Context(), want("a", "iris"))
	if err != nil {
		t.Fatal(err)
	}
	if one, two := h.Load(1), h.Load(2); one != 0.5 || two != 1 {
		t.Errorf("load %v for one more, %v for two", one, two)
	}
	if _, err := h.Hold(t.Context(), want("b", "iris", "max")); !errors.Is(err, agent.ErrFull) {
		t.Errorf("three of two: %v", err)
	}
	y, err := h.Hold(t.Context(), want("b", "iris"))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Spawn(t.Context(), "c", persona.Persona{Name: "otto"}); !errors.Is(err, agent.ErrFull) {
		t.Errorf("spawned: %v", err)
	}
	x.Release()
	x.Release()
	y.Release()
	if l := h.Load(2); l != 0 {
		t.Errorf("load %v of nobody", l)
	}
	failing := want("a", "iris")
	failing.Open = nil // that of the host
	if _, err := h.Hold(t.Context(), failing); !errors.Is(err, broken) || h.Load(1) != 0 {
		t.Errorf("models that do not open: %v; load %v", err, h.Load(1))
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if _, err := h.Hold(t.Context(), want("a", "iris")); !errors.Is(err, agent.ErrHostClosed) {
		t.Errorf("closed: %v", err)
	}
}
