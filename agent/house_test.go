package agent_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	local "github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
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
			if d, ok := e.(room.TurnDone); ok && !errors.Is(d.Trace.Err, room.ErrSuperseded) { // heard in two parts
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

func openHouse(t *testing.T, says func(question string) string, change ...func(*engine.Machine, *agent.HostConfig)) *house {
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
	cfg := agent.HostConfig{
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
	}
	for _, c := range change {
		c(machine, &cfg)
	}
	h, err := agent.NewHost(cfg)
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
	p, err := patient.Join(t.Context(), participant.Join, participant.Config{
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
