package dispatch_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/dispatch"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/agent/worker"
	local "github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
)

// patience is how long a busy machine may take for what takes moments.
const patience = 2 * time.Minute

// serve starts a server that is stopped with the test.
func serve(t *testing.T, cfg local.Config) *local.Server {
	t.Helper()
	s, err := local.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// troupe is a service with its host, as one process has them, at a real server.
type troupe struct {
	*dispatch.Service
	host   *agent.Host
	server *local.Server

	mu      sync.Mutex
	answers map[string][]string // by persona
	happens []dispatch.Event
}

// name is a name with those who come.
func name(of string, who ...string) dispatch.Agent {
	a := dispatch.Agent{Name: of}
	for _, n := range who {
		a.Personas = append(a.Personas, persona.Persona{Name: n})
	}
	return a
}

// engage opens a troupe. Its models cost nothing; a persona called nobody has none.
func engage(t *testing.T, s *local.Server, seats int, change func(*dispatch.Config)) *troupe {
	t.Helper()
	models, free := fixture.OpenCanned(t, func(c *engine.CannedConfig) { c.Tone = 100 * time.Millisecond })
	r := &troupe{server: s, answers: map[string][]string{}}
	open := func(_ context.Context, p persona.Persona) (*engine.Models, error) {
		if p.Name == "nobody" {
			return nil, errors.New("no model for it")
		}
		return models.Share()
	}
	var err error
	r.host, err = agent.NewHost(agent.HostConfig{
		Open: open, Seats: seats, Room: room.Config{URL: s.URL, APIKey: s.APIKey, APISecret: s.APISecret, Observe: r.observe},
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg := dispatch.Config{
		URL: s.URL, APIKey: s.APIKey, APISecret: s.APISecret, Host: r.host, Open: open, StatusEvery: 200 * time.Millisecond, Report: r.report,
	}
	if change != nil {
		change(&cfg)
	}
	if r.Service, err = dispatch.New(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(r.Close(), r.host.Close(), free()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *troupe) observe(o room.Origin, e room.Event) {
	if d, ok := e.(room.TurnDone); ok && d.Trace.Err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.answers[o.Persona] = append(r.answers[o.Persona], d.Trace.Answer)
	}
}

func (r *troupe) report(e dispatch.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.happens = append(r.happens, e)
}

// count counts events of the worker.
func (r *troupe) count(kind worker.EventKind, why worker.Reason) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.happens {
		if e.Worker != nil && e.Worker.Kind == kind && e.Worker.Reason == why {
			n++
		}
	}
	return n
}

// until waits for something.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for limit := time.Now().Add(patience); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("never: %s", what)
		}
	}
}

// ready applies names and waits until the server knows them.
func (r *troupe) ready(t *testing.T, agents ...dispatch.Agent) {
	t.Helper()
	if err := r.Apply(agents); err != nil {
		t.Fatal(err)
	}
	until(t, "all names are registered", func() bool { ok, _ := r.Ready(); return ok })
}

// sit waits until those are ready in a room and nobody else sits there.
func (r *troupe) sit(t *testing.T, in string, want ...string) {
	t.Helper()
	slices.Sort(want)
	until(t, strings.Join(want, ", ")+" in "+in, func() bool {
		var got []string
		for _, s := range r.host.Seats() {
			if s.Room == in && s.Ready {
				got = append(got, s.Persona)
			}
		}
		slices.Sort(got)
		return slices.Equal(got, want)
	})
}

// answer asks somebody by name and waits for what is answered.
func (r *troupe) answer(t *testing.T, human *participant.Participant, who string) {
	t.Helper()
	count := func() int { r.mu.Lock(); defer r.mu.Unlock(); return len(r.answers[who]) }
	before, next := count(), time.Now()
	until(t, who+" answers", func() bool {
		if now := time.Now(); now.After(next) { // who is on the way back to a room misses what is said there
			next = now.Add(10 * time.Second)
			if err := human.Chat(who + ", are you there?"); err != nil {
				t.Fatal(err)
			}
		}
		return count() > before
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	if got := r.answers[who][before]; got != engine.CannedAnswer {
		t.Errorf("%s says %q", who, got)
	}
}

func human(t *testing.T, s *local.Server, in string) *participant.Participant {
	t.Helper()
	p, err := patient.Join(t.Context(), participant.Join, participant.Config{URL: s.URL, APIKey: s.APIKey, APISecret: s.APISecret, Room: in, Identity: "ada"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() }) // a server that was killed is gone before it
	return p
}

func dispatches(s *local.Server) *lksdk.AgentDispatchClient {
	return lksdk.NewAgentDispatchServiceClient(s.URL, s.APIKey, s.APISecret)
}

// ask makes a dispatch and returns its id.
func ask(t *testing.T, s *local.Server, in, agent string) string {
	t.Helper()
	d, err := dispatches(s).CreateDispatch(t.Context(), &livekit.CreateAgentDispatchRequest{AgentName: agent, Room: in})
	if err != nil {
		t.Fatal(err)
	}
	return d.GetId()
}

// insist waits until what was asked for with a dispatch is so, and asks again where the server may
// have given that up: it does after 3 s without processor time, and while it does not know the
// worker. It returns the id of the last dispatch.
func (r *troupe) insist(t *testing.T, id, in, agent string, is func() bool) string {
	t.Helper()
	for i := 0; ; i++ {
		if i == 4 {
			t.Fatalf("never: %s in %s", agent, in)
		}
		if i > 0 {
			t.Logf("dispatch %s was given up by the server", id)
			if _, err := dispatches(r.server).DeleteDispatch(t.Context(), &livekit.DeleteAgentDispatchRequest{DispatchId: id, Room: in}); err != nil {
				t.Fatal(err)
			}
			id = ask(t, r.server, in, agent)
		}
		for limit := time.Now().Add(patience / 4); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
			if is() {
				return id
			}
		}
	}
}

// comes tells whether somebody has a seat in a room, ready or on the way.
func (r *troupe) comes(in, who string) func() bool {
	return func() bool {
		return slices.ContainsFunc(r.host.Seats(), func(s agent.SeatStatus) bool { return s.Room == in && s.Persona == who })
	}
}

// call asks for an agent until somebody of it comes.
func (r *troupe) call(t *testing.T, in, agent, who string) {
	t.Helper()
	r.insist(t, ask(t, r.server, in, agent), in, agent, r.comes(in, who))
}

// present are those in a room that its server shows, each as identity and lk.agent_name.
func present(t *testing.T, s *local.Server, in string) (out []string) {
	t.Helper()
	list, err := lksdk.NewRoomServiceClient(s.URL, s.APIKey, s.APISecret).ListParticipants(t.Context(), &livekit.ListParticipantsRequest{Room: in})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list.GetParticipants() {
		if p.GetKind() == livekit.ParticipantInfo_AGENT && !p.GetPermission().GetHidden() {
			out = append(out, p.GetIdentity()+" "+p.GetAttributes()[dispatch.AttrAgentName])
		}
	}
	slices.Sort(out)
	return out
}
