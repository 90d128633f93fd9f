package agent_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	local "github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

func config(url string) room.Config {
	return room.Config{URL: url, APIKey: "key", APISecret: strings.Repeat("s", 32)}
}

// reports collects what becomes of seats.
type reports struct {
	mu  sync.Mutex
	all []agent.SeatStatus
}

func (r *reports) add(s agent.SeatStatus) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, s)
}

func (r *reports) states(in string) []agent.SeatState {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []agent.SeatState
	for _, s := range r.all {
		if s.Room == in {
			out = append(out, s.State)
		}
	}
	return out
}

// first is the first report of a state.
func (r *reports) first(state agent.SeatState) (agent.SeatStatus, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.all, func(s agent.SeatStatus) bool { return s.State == state })
	if i < 0 {
		return agent.SeatStatus{}, false
	}
	return r.all[i], true
}

func TestHostsThatCannotBe(t *testing.T) {
	if _, err := agent.NewHost(agent.HostConfig{Room: config("ws://h")}); !errors.Is(err, room.ErrConfig) {
		t.Errorf("nothing opens models: %v", err)
	}
}

// TestASetWithAMistakeChangesNothing: all of its mistakes are named, and nobody sits down.
func TestASetWithAMistakeChangesNothing(t *testing.T) {
	h, err := agent.NewHost(agent.HostConfig{Room: config("ws://h"), Open: func(context.Context, persona.Persona) (*engine.Models, error) {
		t.Error("models were opened")
		return nil, errors.New("no")
	}})
	if err != nil {
		t.Fatal(err)
	}
	err = h.Apply(persona.Set{
		Personas: []persona.Persona{{Name: "iris", History: persona.HistoryStored}, {Name: "Iris"}, {Name: "max"}},
		Rooms:    []persona.Room{{Name: "a", Personas: []string{"iris", "max"}}},
	})
	var p persona.FieldError
	if !errors.As(err, &p) || !strings.Contains(err.Error(), "personas[1].name") || !strings.Contains(err.Error(), "personas[0].history") {
		t.Errorf("%v", err)
	}
	if s := h.Seats(); len(s) > 0 {
		t.Error(s)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if err := h.Apply(persona.Set{}); !errors.Is(err, agent.ErrHostClosed) {
		t.Errorf("closed: %v", err)
	}
}

// TestModelsThatFailConcernOneSeat: it says why; another one waits for its models and ends when the
// host does.
func TestModelsThatFailConcernOneSeat(t *testing.T) {
	var got reports
	broken := errors.New("broken")
	h, err := agent.NewHost(agent.HostConfig{Room: config("ws://127.0.0.1:9"), Report: got.add, Open: func(ctx context.Context, p persona.Persona) (*engine.Models, error) {
		if p.Name == "iris" {
			return nil, broken
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	if err != nil {
		t.Fatal(err)
	}
	set := persona.Set{
		Personas: []persona.Persona{{Name: "iris"}, {Name: "max"}},
		Rooms:    []persona.Room{{Name: "a", Personas: []string{"iris"}}, {Name: "b", Personas: []string{"max"}}},
	}
	if err := h.Apply(set); err != nil {
		t.Fatal(err)
	}
	for len(got.states("a")) < 2 {
		time.Sleep(time.Millisecond)
	}
	seats := h.Seats()
	if len(seats) != 2 || !errors.Is(seats[0].Err, broken) || seats[0].State != agent.SeatFailed || seats[1].State != agent.SeatLoading || seats[1].Ready {
		t.Errorf("%+v", seats)
	}
	if rooms := h.Rooms(); len(rooms) > 0 {
		t.Error(rooms)
	}
	if err := errors.Join(h.Close(), h.Close()); err != nil {
		t.Error(err)
	}
	if s := got.states("b"); !slices.Equal(s, []agent.SeatState{agent.SeatLoading, agent.SeatEnded}) {
		t.Errorf("max was %v", s)
	}
}

// TestAPanicEndsOneSeat: the other goes on, and the host closes in order.
func TestAPanicEndsOneSeat(t *testing.T) {
	var got reports
	h, err := agent.NewHost(agent.HostConfig{Room: config("ws://127.0.0.1:9"), Report: got.add, Open: func(ctx context.Context, p persona.Persona) (*engine.Models, error) {
		if p.Name == "iris" {
			panic("broken")
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	if err != nil {
		t.Fatal(err)
	}
	set := persona.Set{
		Personas: []persona.Persona{{Name: "iris"}, {Name: "max"}},
		Rooms:    []persona.Room{{Name: "a", Personas: []string{"iris"}}, {Name: "b", Personas: []string{"max"}}},
	}
	if err := h.Apply(set); err != nil {
		t.Fatal(err)
	}
	for len(got.states("a")) < 2 {
		time.Sleep(time.Millisecond)
	}
	var p *fence.PanicError
	if s := h.Seats(); s[0].State != agent.SeatFailed || !errors.As(s[0].Err, &p) || s[1].State != agent.SeatLoading {
		t.Errorf("%+v", s)
	}
	if err := h.Close(); !errors.As(err, &p) {
		t.Errorf("closed with %v", err)
	}
	if s := got.states("b"); !slices.Equal(s, []agent.SeatState{agent.SeatLoading, agent.SeatEnded}) {
		t.Errorf("max was %v", s)
	}
}

// TestAgain: a server that is gone is tried again, later and later; a refusal is not.
func TestAgain(t *testing.T) {
	for attempt, want := range map[int]time.Duration{0: time.Second, 1: 2 * time.Second, 5: 32 * time.Second, 6: time.Minute, 60: time.Minute} {
		if got, ok := agent.Again(&agent.NotJoinedError{Err: &lk.JoinError{Err: lk.ErrUnreachable}}, attempt); !ok || got != want {
			t.Errorf("%d: %s, %t", attempt, got, ok)
		}
	}
	stage := func(err error) error { return &room.StageError{Stage: room.StageRoom, Err: err} }
	for _, c := range []struct {
		err  error
		want bool
	}{
		{stage(fmt.Errorf("%w: connection failed", room.ErrRoomGone)), true},
		{&lk.JoinError{Err: lk.ErrMedia}, true},
		{&lk.JoinError{Err: lk.ErrSilent}, true},
		{&lk.JoinError{Err: lk.ErrProtocol}, true},
		{stage(fmt.Errorf("%w: %w", room.ErrRoomGone, room.ErrRemoved)), false},
		{&lk.JoinError{Err: lk.ErrUnauthorized}, false},
		{errors.New("anything else"), false},
		{nil, false},
	} {
		if _, ok := agent.Again(c.err, 0); ok != c.want {
			t.Errorf("%v: %t", c.err, ok)
		}
	}
}

// TestASeatWaitsForItsServer: nobody is there, so it is tried again, and leaves at once when told.
func TestASeatWaitsForItsServer(t *testing.T) {
	machine, _ := shared.Open(t)
	cfg, free, err := fixture.Config(func(*engine.Config) {})
	if err == nil {
		defer free()
		err = fixture.Calibration(&cfg)
	}
	if err != nil {
		t.Fatal(err)
	}
	var got reports
	h, err := agent.NewHost(agent.HostConfig{Room: config("ws://127.0.0.1:9"), Report: got.add, Open: func(ctx context.Context, _ persona.Persona) (*engine.Models, error) {
		return machine.Open(ctx, cfg)
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Apply(persona.Set{Personas: []persona.Persona{{Name: "iris"}}, Rooms: []persona.Room{{Name: "a", Personas: []string{"iris"}}}}); err != nil {
		t.Fatal(err)
	}
	s, waits := got.first(agent.SeatWaiting)
	for ; !waits; s, waits = got.first(agent.SeatWaiting) {
		time.Sleep(time.Millisecond)
	}
	if !errors.Is(s.Err, lk.ErrUnreachable) || s.Next.IsZero() || s.Entered != 0 {
		t.Errorf("%+v", s)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
}

// TestASeatThatIsPutOutStaysOut: somebody removes it from the room, which is no fault of the
// server.
func TestASeatThatIsPutOutStaysOut(t *testing.T) {
	machine, _ := shared.Open(t)
	cfg, free, err := fixture.Config(func(*engine.Config) {})
	if err == nil {
		defer free()
		err = fixture.Calibration(&cfg)
	}
	if err != nil {
		t.Fatal(err)
	}
	server, err := local.Start(t.Context(), local.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	var got reports
	h, err := agent.NewHost(agent.HostConfig{
		Room: room.Config{URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret}, Report: got.add,
		Open: func(ctx context.Context, _ persona.Persona) (*engine.Models, error) { return machine.Open(ctx, cfg) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Apply(persona.Set{Personas: []persona.Persona{{Name: "iris"}}, Rooms: []persona.Room{{Name: "a", Personas: []string{"iris"}}}}); err != nil {
		t.Fatal(err)
	}
	until := func(state agent.SeatState) {
		limit := time.After(time.Minute)
		for !slices.Contains(got.states("a"), state) {
			select {
			case <-limit:
				t.Fatalf("never %s: %v", state, got.states("a"))
			case <-time.After(time.Millisecond):
			}
		}
	}
	until(agent.SeatIn)
	client := lksdk.NewRoomServiceClient("http"+strings.TrimPrefix(server.URL, "ws"), server.APIKey, server.APISecret)
	if _, err := client.RemoveParticipant(t.Context(), &livekit.RoomParticipantIdentity{Room: "a", Identity: "iris"}); err != nil {
		t.Fatal(err)
	}
	until(agent.SeatFailed)
	if s := h.Seats()[0]; !errors.Is(s.Err, room.ErrRemoved) || s.Ready || s.Entered != 1 {
		t.Errorf("%+v", s)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
}
