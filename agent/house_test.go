package agent_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	local "github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

// answerLimit bounds the wait for one answer: generous, since tests share their processors.
const answerLimit = 3 * time.Minute

// seen are the events of a host's rooms.
type seen struct {
	mu  sync.Mutex
	all []struct {
		room.Origin
		room.Event
	}
}

func (s *seen) observe(o room.Origin, e room.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, struct {
		room.Origin
		room.Event
	}{o, e})
}

// in are the events of one room and persona; of the room itself where persona is empty.
func (s *seen) in(at, persona string) (out []room.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.all {
		if e.Room == at && e.Persona == persona {
			out = append(out, e.Event)
		}
	}
	return out
}

// answers waits for so many answers of a persona and returns them.
func (s *seen) answers(t *testing.T, at, persona string, n int) (out []string) {
	t.Helper()
	for limit := time.Now().Add(answerLimit); ; time.Sleep(20 * time.Millisecond) {
		out = nil
		for _, e := range s.in(at, persona) {
			if d, ok := e.(room.TurnDone); ok {
				if d.Trace.Err != nil {
					t.Fatalf("%s in %s: %v", persona, at, d.Trace.Err)
				}
				out = append(out, d.Trace.Answer)
			}
		}
		if len(out) >= n {
			return out
		}
		if time.Now().After(limit) {
			t.Fatalf("%s in %s: %d of %d answers; the room: %+v", persona, at, len(out), n, s.in(at, ""))
		}
	}
}

// house is a host with a server, and a machine on which personas of three base models run: their
// profiles say which.
type house struct {
	*agent.Host
	*seen
	server *local.Server
}

func openHouse(t *testing.T, says func(question string) string) *house {
	t.Helper()
	fixture.Installed(t)
	scripted := fixture.NewScripted(t)
	scripted.Answer = func(w http.ResponseWriter, _ *http.Request, q fixture.Asked) {
		<-scripted.Questions
		fixture.Stream(w, says(q.Text))
	}
	remote := fixture.Behind(scripted.URL)
	remote.Server.Concurrency = 2
	smollm := filepath.Dir(testmodels.Path(t, "smollm2-135m-instruct", "config.json"))
	machine, err := fixture.OpenMachine(t.Context(), func(c *engine.MachineConfig) { c.Places = map[string]int64{fixture.Provider: 2} })
	if err != nil {
		t.Fatal(err)
	}
	server, err := local.Start(t.Context(), local.Config{})
	if err != nil {
		t.Fatal(err)
	}
	s := &seen{}
	h, err := agent.NewHost(agent.HostConfig{
		Room: room.Config{URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Observe: s.observe},
		Open: func(ctx context.Context, p persona.Persona) (*engine.Models, error) {
			var failed error
			cfg, free, err := fixture.Config(func(c *engine.Config) {
				switch p.Profile {
				case "calibration":
					failed = fixture.Calibration(c)
				case "smollm":
					c.Files, c.Resolution.Sources, c.AnswerTokens = generate.Dir(smollm), nil, 24
					c.Resolution.Base.ID = "smollm"
				case "scripted":
					c.Remote, c.Resolution.Sources = remote, nil
					c.Resolution.Base.ID = "scripted"
				}
			})
			if err = errors.Join(err, failed); err != nil {
				return nil, err
			}
			defer free()
			return machine.Open(ctx, cfg)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := h.Close()
		if held := machine.Compute().Leases; len(held) > 0 {
			t.Errorf("leases held after the host: %+v", held)
		}
		if err := errors.Join(err, machine.Close(), server.Stop()); err != nil {
			t.Error(err)
		}
	})
	return &house{h, s, server}
}

// until waits for a state of the host's seats.
func (h *house) until(t *testing.T, what string, is func([]agent.SeatStatus) bool) {
	t.Helper()
	for limit := time.Now().Add(answerLimit); !is(h.Seats()); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("%s: %+v", what, h.Seats())
		}
	}
}

// full tells whether so many are seated and ready.
func full(n int) func([]agent.SeatStatus) bool {
	return func(all []agent.SeatStatus) bool {
		return len(all) == n && !slices.ContainsFunc(all, func(s agent.SeatStatus) bool { return !s.Ready })
	}
}

func (h *house) enter(t *testing.T, at, who string) *participant.Participant {
	t.Helper()
	p, err := participant.Join(t.Context(), participant.Config{
		URL: h.server.URL, APIKey: h.server.APIKey, APISecret: h.server.APISecret, Room: at, Identity: who,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("%s: %v", who, err)
		}
	})
	return p
}

// TestThreeRoomsFivePersonas: three base models side by side in one process; each answers what it
// was asked and nobody else does, and what is shown and said is decoded once however many look and
// listen.
func TestThreeRoomsFivePersonas(t *testing.T) {
	h := openHouse(t, func(question string) string { return "You said: " + question[strings.LastIndexByte(question, '\n')+1:] })
	err := h.Apply(persona.Set{
		Personas: []persona.Persona{
			{Name: "iris", Profile: "calibration"}, {Name: "max", Profile: "calibration"},
			{Name: "smol", Profile: "smollm", Prompt: "You are a helpful assistant."},
			{Name: "otto", Profile: "scripted"}, {Name: "zoe", Profile: "scripted"},
		},
		Rooms: []persona.Room{
			{Name: "gallery", Personas: []string{"iris", "max"}, Mode: persona.ModeAll, Policy: everybody()},
			{Name: "library", Personas: []string{"smol", "otto"}},
			{Name: "office", Personas: []string{"zoe"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.until(t, "five personas are ready", full(5))

	gallery, library, office := h.enter(t, "gallery", "ada"), h.enter(t, "library", "ada"), h.enter(t, "office", "bob")
	if err := library.Chat("Smol, what is the capital of France?"); err != nil {
		t.Fatal(err)
	}
	if err := office.Chat("Good morning."); err != nil {
		t.Fatal(err)
	}
	if got := h.answers(t, "library", "smol", 1); !strings.Contains(got[0], "Paris") {
		t.Errorf("smol says %q", got[0])
	}
	if err := library.Chat("Otto, how are you?"); err != nil {
		t.Fatal(err)
	}
	if got := h.answers(t, "library", "otto", 1); !strings.Contains(got[0], "Otto, how are you?") {
		t.Errorf("otto says %q", got[0])
	}
	if got := h.answers(t, "office", "zoe", 1); !strings.Contains(got[0], "Good morning.") {
		t.Errorf("zoe says %q", got[0])
	}

	picture, err := scene.Draw(4, scene.Options{Kind: scene.KindQuadrants})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gallery.OpenCamera(t.Context(), participant.CameraConfig{}, picture.Image); err != nil {
		t.Fatal(err)
	}
	pcm, err := speech.Say(t.Context(), speech.Default, "what do you see in the picture?")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := gallery.Say(t.Context(), pcm); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"iris", "max"} {
		if got := h.answers(t, "gallery", who, 1); len(picture.StatedFacts(got[0])) < 4 {
			t.Errorf("%s says %q of %v", who, got[0], picture.Facts)
		}
	}
	opened, seen := map[string]int{}, map[uint64]int{}
	for _, e := range h.in("gallery", "") {
		switch e := e.(type) {
		case room.TrackOpened:
			opened[e.Source]++
		case room.Saw:
			seen[e.Number]++
		}
	}
	if opened["camera"] != 1 || opened["microphone"] != 1 || len(seen) == 0 {
		t.Errorf("opened %v, saw %v", opened, seen)
	}
	for n, times := range seen {
		if times != 1 {
			t.Errorf("picture %d was looked at %d times by one encoder", n, times)
		}
	}
}

// everybody answers everything, in order.
func everybody() *turn.Policy {
	p := turn.Default()
	p.Mode, p.Responders.Group = turn.ModeAll, 0
	return &p
}

// TestAReloadTouchesWhatChanged: of two personas in a room one is changed; the other goes on with
// what it was doing, and what was said is known to it.
func TestAReloadTouchesWhatChanged(t *testing.T) {
	h := openHouse(t, func(question string) string { return "Yes." })
	set := persona.Set{
		Personas: []persona.Persona{{Name: "otto", Profile: "scripted"}, {Name: "zoe", Profile: "scripted"}},
		Rooms:    []persona.Room{{Name: "hall", Personas: []string{"otto", "zoe"}, Mode: persona.ModeMentions}},
	}
	if err := h.Apply(set); err != nil {
		t.Fatal(err)
	}
	h.until(t, "both are ready", full(2))
	before := h.Seats()
	ada := h.enter(t, "hall", "ada")
	if err := ada.Chat("Otto, are you there?"); err != nil {
		t.Fatal(err)
	}
	h.answers(t, "hall", "otto", 1)

	set.Personas = slices.Clone(set.Personas)
	set.Personas[1].Greeting = "Hello, I am back."
	set.Rooms = []persona.Room{{Name: "hall", Personas: []string{"otto", "zoe"}, Mode: persona.ModeAll, Policy: everybody()}}
	if err := h.Apply(set); err != nil {
		t.Fatal(err)
	}
	h.until(t, "both are ready again", full(2))
	after := h.Seats()
	if after[0].Persona != "otto" || !after[0].Since.Equal(before[0].Since) || after[0].Entered != 1 {
		t.Errorf("otto was touched: %+v, before %+v", after[0], before[0])
	}
	if after[1].Persona != "zoe" || after[1].Since.Equal(before[1].Since) {
		t.Errorf("zoe was not changed: %+v", after[1])
	}
	if got := h.answers(t, "hall", "zoe", 1); got[0] != "Hello, I am back." {
		t.Errorf("zoe says %q", got)
	}
	if err := ada.Chat("Is anybody there?"); err != nil { // the new policy: all answer
		t.Fatal(err)
	}
	h.answers(t, "hall", "otto", 2)
	if got := h.answers(t, "hall", "zoe", 2); got[1] != "Yes." {
		t.Errorf("zoe says %q", got)
	}
}
