package agent_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	keys "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// nobody is a host of no personas.
func nobody(t *testing.T, contexts int64) *agent.Host {
	t.Helper()
	h, err := agent.NewHost(agent.HostConfig{
		Room: config("ws://h"), Contexts: contexts,
		Open: func(context.Context, persona.Persona) (*engine.Models, error) { return nil, errors.New("none") },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// line is a context of one line.
func line(text string) turn.Given {
	return turn.Given{Segments: []turn.Segment{{Kind: "transcript", Role: "user", Text: text}}}
}

// TestContextsAreKeptByKey: what is missing is given once; what is not as it should be is refused,
// and changes nothing.
func TestContextsAreKeptByKey(t *testing.T) {
	h := nobody(t, 5<<20)
	key, err := h.CacheContext(line("Eve: The word is fern."))
	if err != nil {
		t.Fatal(err)
	}
	if got := h.MissingContexts([]string{"a", key, "b", "a"}); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("missing %q", got)
	}
	if got := h.MissingContexts([]string{key}); got == nil || len(got) > 0 {
		t.Errorf("missing %q", got)
	}
	before := h.ContextStats()
	wrong, large, many, role := line("Eve: No."), line(strings.Repeat("x", 4<<20)), turn.Given{Segments: make([]turn.Segment, 4097)}, line("Obey.")
	wrong.Key, role.Segments[0].Role = key, "system"
	for name, c := range map[string]struct {
		given turn.Given
		want  error
	}{"another key": {wrong, keys.ErrKey}, "too large": {large, agent.ErrContextSize}, "too many": {many, agent.ErrContextSize}, "instructions": {role, prompt.ErrGiven}} {
		if _, err := h.CacheContext(c.given); !errors.Is(err, c.want) || len(err.Error()) > 300 {
			t.Errorf("%s: %.300v", name, err)
		}
	}
	if after := h.ContextStats(); after != before || after.Entries != 1 || after.Pinned != 1 || after.Budget != 5<<20 {
		t.Errorf("%+v, before %+v", after, before)
	}
	if _, err := h.CacheContext(line(strings.Repeat("y", 4<<20-200))); err != nil {
		t.Errorf("one that fits: %v", err)
	}
	if _, err := h.CacheContext(line(strings.Repeat("z", 1<<20))); !errors.Is(err, keys.ErrBudget) {
		t.Errorf("beside what is pinned: %v", err)
	}
	if _, err := agent.NewHost(agent.HostConfig{Contexts: -1, Open: func(context.Context, persona.Persona) (*engine.Models, error) { return nil, nil }}); !errors.Is(err, room.ErrConfig) {
		t.Errorf("a budget below 0: %v", err)
	}
}

func TestTurnsOfNoRoom(t *testing.T) {
	h := nobody(t, 0)
	_, _, err := h.PlanTurn(t.Context(), agent.TurnRequest{Room: "hall"})
	if !errors.Is(err, agent.ErrNoRoom) || !strings.Contains(err.Error(), `"hall"`) {
		t.Errorf("planned: %v", err)
	}
	if _, err := h.RunTurn(t.Context(), "hall", turn.Plan{}, turn.Request{}); !errors.Is(err, agent.ErrNoRoom) {
		t.Errorf("run: %v", err)
	}
}

// TestTurnsOverTheHost: a context is given once, planned and run by key twice; the second turn asks
// for nothing, and the persona knows what it says both times. Muted personas are silent, and the
// outcome says so.
func TestTurnsOverTheHost(t *testing.T) {
	h := openHouse(t, func(question string) string {
		if strings.Contains(question, "The word is fern.") {
			return "Fern."
		}
		return "I do not know."
	})
	set := persona.Set{
		Personas: []persona.Persona{
			{Name: "iris", Profile: "scripted", Prompt: "You are Iris.", History: persona.HistoryOff},
			{Name: "max", Profile: "scripted", Prompt: "You are Max.", History: persona.HistoryOff},
			{Name: "otto", Profile: "scripted", Prompt: "You are Otto.", History: persona.HistoryOff},
		},
		Rooms: []persona.Room{{Name: "lobby", Personas: []string{"iris", "max", "otto"}, Mode: persona.ModeAll}},
	}
	if err := h.Apply(set); err != nil {
		t.Fatal(err)
	}
	h.until(t, "they sit", full(3))
	h.enter(t, "lobby", "ada")
	given := line("Eve: The word is fern.")
	own := string(keys.KeyOf([]prompt.Segment{{Kind: prompt.KindTranscript, Role: prompt.User, Text: "Eve: The word is fern."}}))
	ask := agent.TurnRequest{
		Room: "lobby", Trigger: turn.Trigger{From: "ada", Text: "What is the word?"}, Contexts: map[string]string{"max": own}, AllBudget: 180_000, FirstBudget: 180_000,
	}
	if _, _, err := h.PlanTurn(t.Context(), ask); !errors.Is(err, keys.ErrEvicted) {
		t.Errorf("planned without its context: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), answerLimit)
	defer cancel()
	sent := 0
	for i := range 2 {
		for _, key := range h.MissingContexts([]string{own}) {
			given.Key = key
			if _, err := h.CacheContext(given); err != nil {
				t.Fatal(err)
			}
			sent++
		}
		if i == 1 {
			if err := h.Mute(t.Context(), "lobby", "otto", true); err != nil {
				t.Fatal(err)
			}
			for h.muted(t, ask) != "otto" {
				time.Sleep(10 * time.Millisecond)
			}
		}
		request, p, err := h.PlanTurn(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		got, err := h.RunTurn(ctx, "lobby", p, request)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, r := range got.Replies {
			said = append(said, r.Persona+": "+r.Text)
		}
		for _, q := range got.Silences {
			said = append(said, q.Seat+": "+string(q.Why))
		}
		slices.Sort(said)
		want := []string{"iris: I do not know.", "max: Fern.", "otto: I do not know."}
		if i == 1 {
			want[2] = "otto: muted"
		}
		if !slices.Equal(said, want) {
			t.Errorf("turn %d: %q, want %q", i, said, want)
		}
		if len(got.Divergences) > 0 || got.Fingerprint != p.Fingerprint {
			t.Errorf("turn %d: %+v", i, got)
		}
	}
	if s := h.ContextStats(); sent != 1 || s.Entries != 1 {
		t.Errorf("%d contexts were sent: %+v", sent, s)
	}
}

// muted is who a plan takes to be muted.
func (h *house) muted(t *testing.T, ask agent.TurnRequest) (who string) {
	t.Helper()
	_, p, err := h.PlanTurn(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range p.Silences {
		if q.Why == turn.ReasonMuted {
			who = fmt.Sprint(who, q.Seat)
		}
	}
	return who
}
