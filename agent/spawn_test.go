package agent_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	local "github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// openCanned is a house whose personas all answer the same at no cost.
func openCanned(t *testing.T) *house {
	t.Helper()
	models, free := fixture.OpenCanned(t, func(c *engine.CannedConfig) { c.Tone = 100 * time.Millisecond })
	server, err := local.Start(t.Context(), local.Config{})
	if err != nil {
		t.Fatal(errors.Join(err, free()))
	}
	s := &seen{}
	h, err := agent.NewHost(agent.HostConfig{
		Room: room.Config{URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Observe: s.observe},
		Open: func(context.Context, persona.Persona) (*engine.Models, error) { return models.Share() },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(h.Close(), free(), server.Stop()); err != nil {
			t.Error(err)
		}
	})
	return &house{h, s, server}
}

// attributes are what the server shows of a participant.
func (h *house) attributes(t *testing.T, in, who string) map[string]string {
	t.Helper()
	list, err := lksdk.NewRoomServiceClient(h.server.URL, h.server.APIKey, h.server.APISecret).
		ListParticipants(t.Context(), &livekit.ListParticipantsRequest{Room: in})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list.GetParticipants() {
		if p.GetIdentity() == who {
			return p.GetAttributes()
		}
	}
	return nil
}

// TestSpawnedPersonasStayThroughAReload: one is seated beside those of the file, in the same room,
// and is there when the file says nothing of the room any more.
func TestSpawnedPersonasStayThroughAReload(t *testing.T) {
	h := openCanned(t)
	set := persona.Set{Personas: []persona.Persona{{Name: "iris"}}, Rooms: []persona.Room{{Name: "lobby", Personas: []string{"iris"}}}}
	if err := h.Apply(set); err != nil {
		t.Fatal(err)
	}
	h.until(t, "iris is ready", full(1))
	if err := h.Spawn(t.Context(), "lobby", persona.Persona{Name: "max", Identity: "max", Specialty: []string{"cooking"}}); err != nil {
		t.Fatal(err)
	}
	if err := h.Spawn(t.Context(), "attic", persona.Persona{Name: "max"}); err != nil {
		t.Fatal(err)
	}
	rooms := h.Rooms()
	if len(rooms) != 2 || rooms[1].Name() != "lobby" || len(rooms[1].Seats()) != 2 {
		t.Fatalf("%+v", rooms)
	}
	for _, p := range []persona.Persona{{Name: "max"}, {Name: "other", Identity: "max"}, {Name: "iris"}} {
		if err := h.Spawn(t.Context(), "lobby", p); !errors.Is(err, agent.ErrSeated) {
			t.Errorf("%+v: %v", p, err)
		}
	}
	var wrong persona.FieldError
	if err := h.Spawn(t.Context(), "lobby", persona.Persona{Name: "otto", Aliases: []string{"Max"}}); !errors.As(err, &wrong) {
		t.Errorf("an alias that another has: %v", err)
	}
	if err := h.Remove(t.Context(), "lobby", "iris"); !errors.Is(err, agent.ErrOfFile) {
		t.Errorf("removed one of the file: %v", err)
	}

	for name, want := range map[string]struct {
		by       agent.SeatBy
		identity string
		knows    []string
	}{"iris": {agent.ByFile, "", nil}, "max": {agent.ByRequest, "max", []string{"cooking"}}} {
		p, by, err := h.Persona("lobby", name)
		if err != nil || by != want.by || p.Name != name || p.Identity != want.identity || !slices.Equal(p.Specialty, want.knows) {
			t.Errorf("%s was made from %+v by %s, %v", name, p, by, err)
		}
	}

	if err := h.Apply(persona.Set{}); err != nil {
		t.Fatal(err)
	}
	h.until(t, "both of max", full(2))
	if s, there := h.Seat("lobby", "max"); !there || s.By != agent.ByRequest || s.Entered != 1 || s.State != agent.SeatIn {
		t.Errorf("%+v", s)
	}
	ada := h.enter(t, "lobby", "ada")
	if err := ada.Chat("Are you there?"); err != nil {
		t.Fatal(err)
	}
	h.answers(t, "lobby", "max", 1)

	if err := h.Remove(t.Context(), "lobby", "max"); err != nil {
		t.Error(err)
	}
	if err := h.Remove(t.Context(), "lobby", "max"); !errors.Is(err, agent.ErrUnseated) {
		t.Errorf("removed twice: %v", err)
	}
	if _, _, err := h.Persona("lobby", "max"); !errors.Is(err, agent.ErrUnseated) {
		t.Errorf("shown when it has left: %v", err)
	}
	if rooms := h.Rooms(); len(rooms) != 1 || rooms[0].Name() != "attic" {
		t.Errorf("%+v", rooms)
	}
}

// TestAMutedPersonaIsSilent: it says why, front ends see it, and it is so until that is taken back.
func TestAMutedPersonaIsSilent(t *testing.T) {
	h := openCanned(t)
	if err := h.Spawn(t.Context(), "lobby", persona.Persona{Name: "max"}); err != nil {
		t.Fatal(err)
	}
	if err := h.Mute(t.Context(), "lobby", "otto", true); !errors.Is(err, agent.ErrUnseated) {
		t.Errorf("muted somebody who is not there: %v", err)
	}
	if err := h.Mute(t.Context(), "lobby", "max", true); err != nil {
		t.Fatal(err)
	}
	h.until(t, "max is muted", func([]agent.SeatStatus) bool { return h.attributes(t, "lobby", "max")["sensory_agent.muted"] == "true" })
	if s, _ := h.Seat("lobby", "max"); !s.Muted || !h.Rooms()[0].Seats()[0].Muted() {
		t.Errorf("%+v", s)
	}
	ada := h.enter(t, "lobby", "ada")
	if err := ada.Chat("Are you there?"); err != nil {
		t.Fatal(err)
	}
	h.until(t, "max says why it is silent", func([]agent.SeatStatus) bool {
		return slices.ContainsFunc(h.in("lobby", "max"), func(e room.Event) bool {
			s, ok := e.(room.Silent)
			return ok && s.Why == turn.ReasonMuted
		})
	})
	if err := h.Mute(t.Context(), "lobby", "max", false); err != nil {
		t.Fatal(err)
	}
	h.until(t, "max may speak", func([]agent.SeatStatus) bool { return h.attributes(t, "lobby", "max")["sensory_agent.muted"] == "" })
	if err := ada.Chat("And now?"); err != nil {
		t.Fatal(err)
	}
	h.answers(t, "lobby", "max", 1)
}

// TestAMutedPersonaEntersMuted: the server closes the room, the persona opens it again and is as
// silent as before; it does not even greet.
func TestAMutedPersonaEntersMuted(t *testing.T) {
	h := openCanned(t)
	if err := h.Spawn(t.Context(), "lobby", persona.Persona{Name: "max", Greeting: "Hello."}); err != nil {
		t.Fatal(err)
	}
	if err := h.Mute(t.Context(), "lobby", "max", true); err != nil {
		t.Fatal(err)
	}
	rooms := lksdk.NewRoomServiceClient(h.server.URL, h.server.APIKey, h.server.APISecret)
	if _, err := rooms.DeleteRoom(t.Context(), &livekit.DeleteRoomRequest{Room: "lobby"}); err != nil {
		t.Fatal(err)
	}
	h.until(t, "max is there again", func(all []agent.SeatStatus) bool { return all[0].Entered >= 2 && all[0].Ready })
	if a := h.attributes(t, "lobby", "max"); a["sensory_agent.muted"] != "true" || !h.Rooms()[0].Seats()[0].Muted() {
		t.Errorf("%v", a)
	}
	ada := h.enter(t, "lobby", "ada")
	if err := ada.Chat("Are you there?"); err != nil {
		t.Fatal(err)
	}
	h.until(t, "max says why it is silent", func([]agent.SeatStatus) bool {
		return slices.ContainsFunc(h.in("lobby", "max"), func(e room.Event) bool {
			s, ok := e.(room.Silent)
			return ok && s.Why == turn.ReasonMuted
		})
	})
	for _, e := range h.in("lobby", "max") {
		if s, said := e.(room.Said); said {
			t.Errorf("said %q", s.Text)
		}
	}
}

// TestWhoCannotSitIsNotSeated: nothing is left of one whose models do not open, or not in time.
func TestWhoCannotSitIsNotSeated(t *testing.T) {
	broken := errors.New("broken")
	h, err := agent.NewHost(agent.HostConfig{Room: config("ws://127.0.0.1:9"), Open: func(ctx context.Context, p persona.Persona) (*engine.Models, error) {
		if p.Name == "iris" {
			return nil, broken
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	if err != nil {
		t.Fatal(err)
	}
	var joined *agent.NotJoinedError
	if err := h.Spawn(t.Context(), "a", persona.Persona{Name: "iris"}); !errors.As(err, &joined) || !errors.Is(err, broken) {
		t.Errorf("models that do not open: %v", err)
	}
	late := errors.New("late")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(10*time.Millisecond, func() { cancel(late) })
	if err := h.Spawn(ctx, "a", persona.Persona{Name: "max"}); !errors.As(err, &joined) || !errors.Is(err, late) {
		t.Errorf("not in time: %v", err)
	}
	var wrong persona.FieldError
	if err := h.Spawn(t.Context(), "a", persona.Persona{Name: ""}); !errors.As(err, &wrong) {
		t.Errorf("no name: %v", err)
	}
	if s := h.Seats(); len(s) > 0 {
		t.Errorf("%+v", s)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if err := h.Spawn(t.Context(), "a", persona.Persona{Name: "max"}); !errors.Is(err, agent.ErrHostClosed) {
		t.Errorf("closed: %v", err)
	}
}

// TestManyComeAndGoAtOnce: personas are spawned, muted and removed while the file changes, and the
// host is closed in the middle of it. Nobody is left, and every model is given back.
func TestManyComeAndGoAtOnce(t *testing.T) {
	var open sync.WaitGroup
	h, err := agent.NewHost(agent.HostConfig{Room: config("ws://127.0.0.1:9"), Open: func(ctx context.Context, p persona.Persona) (*engine.Models, error) {
		open.Add(1)
		defer open.Done()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Duration(len(p.Name)) * time.Millisecond):
			return nil, errors.New("no models")
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		who := persona.Persona{Name: fmt.Sprintf("p%d", i%4)}
		all.Go(func() {
			for n := range 20 {
				in := fmt.Sprintf("r%d", n%3)
				switch n % 4 {
				case 0:
					_ = h.Apply(persona.Set{Personas: []persona.Persona{who}, Rooms: []persona.Room{{Name: in, Personas: []string{who.Name}}}})
				case 1:
					_ = h.Mute(t.Context(), in, who.Name, n%8 == 1)
					_ = h.Remove(t.Context(), in, who.Name)
				default:
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n%5)*time.Millisecond)
					if err := h.Spawn(ctx, in, who); err == nil {
						t.Errorf("%s sits in %s without models", who.Name, in)
					}
					cancel()
				}
				h.Seats()
				h.Rooms()
			}
		})
	}
	all.Go(func() {
		time.Sleep(20 * time.Millisecond)
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	all.Wait()
	open.Wait()
	if s := h.Seats(); len(s) > 0 {
		t.Errorf("%+v", s)
	}
}
