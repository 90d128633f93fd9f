package api_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/internal/testpostgres"
	"github.com/sensory-agent/sensory-agent/store"
)

// TestARoomThatIsNotOpen: nobody has entered it yet, it never was, the process ends. Each is told
// by type.
func TestARoomThatIsNotOpen(t *testing.T) {
	h, err := agent.NewHost(agent.HostConfig{
		Room: room.Config{URL: "ws://127.0.0.1:9", APIKey: "key", APISecret: strings.Repeat("s", 32)},
		Open: func(ctx context.Context, _ persona.Persona) (*engine.Models, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Apply(persona.Set{Personas: []persona.Persona{{Name: "iris"}}, Rooms: []persona.Room{{Name: "lobby", Personas: []string{"iris"}}}}); err != nil {
		t.Fatal(err)
	}
	s := serve(t, h)
	calls := map[string]string{
		"RoomService/PublishStimulus": `{"room":"lobby","from":"ada","text":"x"}`, "RoomService/GetSight": `{"room":"lobby","persona":"iris"}`,
		"PersonaService/StopSpeaking": `{"room":"lobby"}`, "PersonaService/SpeakNext": `{"room":"lobby","persona":"iris"}`,
		"ChatService/SendChat": `{"room":"lobby","from":"ada","text":"x"}`, "TurnService/PlanTurn": `{"room":"lobby","trigger":{"from":"ada","text":"x"}}`,
		"TurnService/RunTurn": `{"plan":{},"request":{"room":"lobby","trigger":{"from":"ada","text":"x"}}}`,
	}
	for call, body := range calls {
		s.refused(t, call, body, connect.CodeFailedPrecondition, api.ReasonRoomClosed, "")
		s.refused(t, call, strings.ReplaceAll(body, "lobby", "cellar"), connect.CodeNotFound, api.ReasonUnknownRoom, "")
	}
	if status, text := s.post(t, "RoomService/GetRoomState", `{"room":"lobby"}`); status != 200 || !strings.Contains(text, `"seat":"loading"`) {
		t.Errorf("its state: %d %s", status, text)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	calls["RoomService/GetRoomState"], calls["PersonaService/MutePersona"] = `{"room":"lobby"}`, `{"room":"lobby","persona":"iris"}`
	calls["PersonaService/RemovePersona"], calls["PersonaService/GetPersona"] = calls["PersonaService/MutePersona"], calls["PersonaService/MutePersona"]
	calls["PersonaService/SpawnPersona"] = `{"room":"lobby","persona":{"name":"max"}}`
	for call, body := range calls {
		s.refused(t, call, body, connect.CodeUnavailable, api.ReasonClosing, "")
	}
}

// sees makes every call that shows or steers a room, by what it is called, and checks how they end.
func sees(t *testing.T, c *client.Client, which, reason string) {
	t.Helper()
	ctx := t.Context()
	for call, do := range map[string]func() error{
		"GetRoomState": func() error {
			_, err := c.Rooms.GetRoomState(ctx, &sensoryv1.GetRoomStateRequest{Room: which})
			return err
		},
		"PublishStimulus": func() error {
			_, err := c.Rooms.PublishStimulus(ctx, &sensoryv1.PublishStimulusRequest{Room: which, From: "ada", Text: "x"})
			return err
		},
		"MutePersona": func() error {
			_, err := c.Personas.MutePersona(ctx, &sensoryv1.MutePersonaRequest{Room: which, Persona: "iris"})
			return err
		},
		"RemovePersona": func() error {
			_, err := c.Personas.RemovePersona(ctx, &sensoryv1.RemovePersonaRequest{Room: which, Persona: "iris"})
			return err
		},
		"GetPersona": func() error {
			_, err := c.Personas.GetPersona(ctx, &sensoryv1.GetPersonaRequest{Room: which, Persona: "iris"})
			return err
		},
		"SpeakNext": func() error {
			_, err := c.Personas.SpeakNext(ctx, &sensoryv1.SpeakNextRequest{Room: which, Persona: "iris"})
			return err
		},
		"StopSpeaking": func() error {
			_, err := c.Personas.StopSpeaking(ctx, &sensoryv1.StopSpeakingRequest{Room: which})
			return err
		},
		"PlanTurn": func() error {
			_, err := c.Turns.PlanTurn(ctx, &sensoryv1.PlanTurnRequest{Room: which, Trigger: &sensoryv1.Trigger{From: "ada", Text: "x"}})
			return err
		},
		"WatchEvents": func() error {
			return c.Follow(ctx, &sensoryv1.WatchEventsRequest{Room: which}, client.Follower{Reached: func() bool { return false }})
		},
		"WatchLevels": func() error {
			ctx, stop := context.WithCancel(ctx)
			defer stop()
			s, err := c.Events.WatchLevels(ctx, &sensoryv1.WatchLevelsRequest{Room: which})
			if err != nil {
				return err
			}
			defer func() { _ = s.Close() }()
			s.Receive()
			return s.Err()
		},
	} {
		err := do()
		var told *client.Error
		switch {
		case reason == "" && err != nil, reason != "" && (!errors.As(err, &told) || told.Reason != reason):
			t.Errorf("%s of %q: %v, want %q", call, which, err, reason)
		}
	}
}

// handles are those of rooms that are listed.
func handles(t *testing.T, c *client.Client) map[string]string {
	t.Helper()
	got, err := c.Rooms.ListRooms(t.Context(), &sensoryv1.ListRoomsRequest{})
	if err != nil {
		t.Error(err)
	}
	out := map[string]string{}
	for _, r := range got.GetRooms() {
		out[r.GetName()] = r.GetHandle()
	}
	return out
}

// TestRoomsAreThereWithoutTheirStore: while it cannot be read, rooms are seen and steered by their
// names. Handles are the store's to know.
func TestRoomsAreThereWithoutTheirStore(t *testing.T) {
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "t.db"))
	if err != nil {
		t.Fatal(err)
	}
	withoutStore(t, db, func() {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}, "store_failed")
}

// TestRoomsAreThereWithoutTheirServer: as above, while PostgreSQL is away.
func TestRoomsAreThereWithoutTheirServer(t *testing.T) {
	t.Parallel()
	s := testpostgres.Start(t)
	db, err := store.Open(t.Context(), s.Place(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	c := withoutStore(t, db, s.Stop, "store_away")
	s.Resume()
	if got := handles(t, c); !strings.HasPrefix(got["lobby"], "r_") {
		t.Errorf("when it is back: %v", got)
	}
}

func withoutStore(t *testing.T, db *store.DB, away func(), reason string) *client.Client {
	t.Helper()
	d := seated()
	d.db, d.levels = db, [][]room.Level{{}}
	c := serve(t, d).caller(t)
	if told := sends(t, c, "first"); told != nil {
		t.Fatalf("%+v", told)
	}
	handle := handles(t, c)["lobby"]
	if !strings.HasPrefix(handle, "r_") {
		t.Fatalf("the handle is %q", handle)
	}
	sees(t, c, handle, "")
	away()
	sees(t, c, "lobby", "")
	sees(t, c, handle, reason)
	sees(t, c, "cellar", reason) // it may be a handle
	if got := handles(t, c); len(got) != 2 || got["lobby"] != "" {
		t.Errorf("listed: %v", got)
	}
	if told := sends(t, c, "second"); told == nil || told.Reason != reason {
		t.Errorf("a message is kept: %+v", told)
	}
	return c
}
