package agent_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/store"
)

// TestChatOfAHost: a message reaches its room and is answered there and nowhere
// else, by those whom it is for; the replies are listed as messages that answer it.
func TestChatOfAHost(t *testing.T) {
	var kept *room.Transcripts
	h := openHouse(t, func(question string) string { return "You said: " + question[strings.LastIndexByte(question, '\n')+1:] },
		func(m *engine.Machine, c *agent.HostConfig) {
			var err error
			if kept, err = room.OpenTranscripts(t.Context(), m, room.TranscriptConfig{Path: filepath.Join(t.TempDir(), "s.db")}); err != nil {
				t.Fatal(err)
			}
			c.Room.Transcripts = kept
		})
	defer func() {
		if err := errors.Join(h.Close(), kept.Close()); err != nil {
			t.Error(err)
		}
	}()
	if _, err := h.SendChat(t.Context(), agent.ChatSend{Room: "hall", From: "ada", Text: "hi"}); !errors.Is(err, agent.ErrNoRoom) {
		t.Errorf("%v", err)
	}
	who := func(name string) persona.Persona {
		return persona.Persona{Name: name, Profile: "scripted", Remember: memory.Never}
	}
	all := everybody()
	all.Hops = 0 // what zoe says names otto, and is to wake nobody here
	if err := h.Apply(persona.Set{
		Personas: []persona.Persona{who("otto"), who("zoe"), who("max")},
		Rooms: []persona.Room{
			{Name: "hall", Personas: []string{"otto", "zoe"}, Mode: persona.ModeAll, Policy: all},
			{Name: "attic", Personas: []string{"max"}},
		},
	}); err != nil {
		t.Fatal(err)
	}
	h.until(t, "three personas are ready", full(3))
	first, err := h.SendChat(t.Context(), agent.ChatSend{Room: "hall", From: "ada", Text: "Good morning."})
	if err != nil {
		t.Fatal(err)
	}
	if list, err := h.ListChat(t.Context(), store.ChatQuery{Room: "hall"}); err != nil || len(list) == 0 || list[0].ID != first.ID {
		t.Errorf("%+v, %v", list, err)
	}
	h.answers(t, "hall", "otto", 1)
	h.answers(t, "hall", "zoe", 1)
	second, err := h.SendChat(t.Context(), agent.ChatSend{Room: first.RoomName, From: "ada", Text: "And you?", To: []string{"Zoe"}, ReplyTo: first.ID})
	if err != nil {
		t.Fatal(err)
	}
	h.answers(t, "hall", "zoe", 2)
	if _, err := h.SendChat(t.Context(), agent.ChatSend{Room: "cellar", From: "ada", Text: "hi"}); !errors.Is(err, agent.ErrNoRoom) || !strings.Contains(err.Error(), `"attic", "hall"`) {
		t.Errorf("%v", err)
	}
	var list []store.Message
	for limit := time.Now().Add(answerLimit); len(list) < 5 && time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		if list, err = h.ListChat(t.Context(), store.ChatQuery{Room: first.Room}); err != nil {
			t.Fatal(err)
		}
	}
	replies := map[string][]string{}
	for _, m := range list {
		if m.Role == store.Persona {
			replies[m.ReplyTo] = append(replies[m.ReplyTo], m.Participant+": "+m.Text)
		}
	}
	for _, said := range replies {
		slices.Sort(said)
	}
	if len(list) != 5 || !slices.Equal(replies[first.ID], []string{"otto: You said: ada: Good morning.", "zoe: You said: otto: You said: ada: Good morning."}) ||
		!slices.Equal(replies[second.ID], []string{"zoe: You said: ada: And you?"}) {
		t.Errorf("%+v: %q", list, replies)
	}
	h.turnsOf(t, second.ID)
	if attic, err := h.ListChat(t.Context(), store.ChatQuery{Room: "attic"}); len(attic) != 0 || err != nil && !errors.Is(err, store.ErrNoRoom) {
		t.Errorf("%+v, %v", attic, err)
	}
}

// turnsOf looks at the turn that a message to zoe alone began.
func (h *house) turnsOf(t *testing.T, message string) {
	t.Helper()
	var turns []store.Turn
	for limit := time.Now().Add(answerLimit); len(turns) == 0 && time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		if err := h.Store().Turns(t.Context(), store.TurnQuery{Message: message}, func(t store.Turn) error { turns = append(turns, t); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if len(turns) != 1 || len(turns[0].Outcomes) != 1 || turns[0].Outcomes[0].Persona != "zoe" ||
		!slices.Equal(turns[0].Silences, []turn.Quiet{{Seat: "otto", Why: turn.ReasonNotAddressed}}) {
		t.Errorf("%+v", turns)
	}
}

// TestChatNeedsAStore: nothing is listed, and nothing sent, where nothing is kept.
func TestChatNeedsAStore(t *testing.T) {
	h, err := agent.NewHost(agent.HostConfig{Room: config("ws://h"), Open: func(context.Context, persona.Persona) (*engine.Models, error) {
		return nil, errors.New("no models")
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.ListChat(t.Context(), store.ChatQuery{}); !errors.Is(err, room.ErrNoStore) || h.Store() != nil {
		t.Errorf("%v", err)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
}
