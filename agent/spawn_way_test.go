package agent_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/persona"
)

// TestWhoIsStillOnItsWayIsRemoved without an error, wherever it is: its models are opened, a server
// says nothing, none is there.
func TestWhoIsStillOnItsWayIsRemoved(t *testing.T) {
	models, free := fixture.OpenCanned(t, nil)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	loading := func(ctx context.Context, _ persona.Persona) (*engine.Models, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	loaded := func(context.Context, persona.Persona) (*engine.Models, error) { return models.Share() }
	for state, c := range map[agent.SeatState]struct {
		open func(context.Context, persona.Persona) (*engine.Models, error)
		url  string
	}{
		agent.SeatLoading: {loading, "ws://127.0.0.1:9"}, agent.SeatJoining: {loaded, "ws://" + silent.Addr().String()}, agent.SeatWaiting: {loaded, "ws://127.0.0.1:9"},
	} {
		h, err := agent.NewHost(agent.HostConfig{Room: config(c.url), Open: c.open})
		if err != nil {
			t.Fatal(err)
		}
		came := make(chan error, 1)
		go func() { came <- h.Spawn(t.Context(), "a", persona.Persona{Name: "max"}) }()
		for s, _ := h.Seat("a", "max"); s.State != state; s, _ = h.Seat("a", "max") {
			time.Sleep(time.Millisecond)
		}
		if err := h.Remove(t.Context(), "a", "max"); err != nil {
			t.Errorf("%s: %v", state, err)
		}
		var joined *agent.NotJoinedError
		if err := <-came; !errors.As(err, &joined) {
			t.Errorf("%s: it came: %v", state, err)
		}
		if s := h.Seats(); len(s) > 0 {
			t.Errorf("%s: %+v", state, s)
		}
		if err := h.Close(); err != nil {
			t.Errorf("%s: %v", state, err)
		}
	}
	if err := free(); err != nil {
		t.Error(err)
	}
}

// TestWhoIsNotThereInTimeSaysWhy: how far it came, and what stood in its way.
func TestWhoIsNotThereInTimeSaysWhy(t *testing.T) {
	models, free := fixture.OpenCanned(t, nil)
	h, err := agent.NewHost(agent.HostConfig{Room: config("ws://127.0.0.1:9"), Open: func(context.Context, persona.Persona) (*engine.Models, error) { return models.Share() }})
	if err != nil {
		t.Fatal(err)
	}
	late := errors.New("late")
	spawn := func() error {
		ctx, cancel := context.WithCancelCause(t.Context())
		came := make(chan error, 1)
		go func() { came <- h.Spawn(ctx, "a", persona.Persona{Name: "max"}) }()
		for s, _ := h.Seat("a", "max"); s.State != agent.SeatWaiting; s, _ = h.Seat("a", "max") {
			time.Sleep(time.Millisecond)
		}
		cancel(late)
		return <-came
	}
	err = spawn()
	for range 10 {
		if err == nil || !strings.Contains(err.Error(), "but "+string(agent.SeatJoining)) {
			break
		}
		err = spawn() // it was tried again just then
	}
	var joined *agent.NotJoinedError
	if !errors.As(err, &joined) || !errors.Is(err, late) || !errors.Is(err, lk.ErrUnreachable) || !strings.Contains(err.Error(), "waiting") {
		t.Errorf("%v", err)
	}
	if err := errors.Join(h.Close(), free()); err != nil {
		t.Error(err)
	}
}
