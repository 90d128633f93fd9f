package dispatch_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/dispatch"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/agent/worker"
	local "github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// TestTwoNamesInOneRoom: one of them seats three, beside the one of the other, in one room object;
// each that is asked answers. Who sits there already is not sent again. The dispatch of one name is
// deleted: its persona leaves, the others stay until the room is over.
func TestTwoNamesInOneRoom(t *testing.T) {
	s := serve(t, local.Config{})
	r := engage(t, s, 0, nil)
	r.ready(t, name("greeter", "iris"), name("roundtable", "max", "otto", "zoe"))
	greeter := ask(t, s, "lobby", "greeter")
	table := ask(t, s, "lobby", "roundtable")
	greeter = r.insist(t, greeter, "lobby", "greeter", r.comes("lobby", "iris"))
	r.insist(t, table, "lobby", "roundtable", r.comes("lobby", "max"))
	r.sit(t, "lobby", "iris", "max", "otto", "zoe")
	if got := present(t, s, "lobby"); !slices.Equal(got, []string{"iris greeter", "max roundtable", "otto ", "zoe "}) {
		t.Errorf("%q", got)
	}
	if rooms := r.host.Rooms(); len(rooms) != 1 || len(rooms[0].Seats()) != 4 {
		t.Errorf("%d rooms", len(rooms))
	}
	ada := human(t, s, "lobby")
	for _, who := range []string{"iris", "zoe", "max"} {
		r.answer(t, ada, who)
	}
	r.insist(t, ask(t, s, "lobby", "greeter"), "lobby", "greeter", func() bool { // nobody is needed
		return r.count(worker.Declined, worker.ReasonNotNeeded) >= 1
	})

	st := r.Status()
	if st.ActiveJobs != 2 || st.AgentName != "greeter" || st.State != "serving" || len(st.Agents) != 2 || !st.Serving {
		t.Errorf("%+v", st)
	}
	if _, err := dispatches(s).DeleteDispatch(t.Context(), &livekit.DeleteAgentDispatchRequest{DispatchId: greeter, Room: "lobby"}); err != nil {
		t.Fatal(err)
	}
	r.sit(t, "lobby", "max", "otto", "zoe")
	r.answer(t, ada, "otto")
	if _, err := lksdk.NewRoomServiceClient(s.URL, s.APIKey, s.APISecret).DeleteRoom(t.Context(), &livekit.DeleteRoomRequest{Room: "lobby"}); err != nil {
		t.Fatal(err)
	}
	until(t, "the jobs are over", func() bool { return r.Status().ActiveJobs == 0 && len(r.host.Seats()) == 0 })
}

// TestAFullMachineDeclines: two processes with a seat each take a room each; the third room waits,
// and is served by the reconcilers when one is over.
func TestAFullMachineDeclines(t *testing.T) {
	s := serve(t, local.Config{})
	reconciled := func(c *dispatch.Config) { c.Reconcile = true }
	first, second := engage(t, s, 1, reconciled), engage(t, s, 1, reconciled)
	first.ready(t, name("greeter", "iris"))
	second.ready(t, name("greeter", "iris"))
	ask(t, s, "one", "greeter")
	ask(t, s, "two", "greeter")
	until(t, "each has a room", func() bool { return len(first.host.Seats()) == 1 && len(second.host.Seats()) == 1 })
	for _, r := range []*troupe{first, second} {
		until(t, "the load is told", func() bool { st := r.Status(); return st.Load >= 1 && st.Reported >= worker.DefaultTargetLoad })
	}
	ask(t, s, "three", "greeter")
	in := first.host.Seats()[0].Room
	if _, err := lksdk.NewRoomServiceClient(s.URL, s.APIKey, s.APISecret).DeleteRoom(t.Context(), &livekit.DeleteRoomRequest{Room: in}); err != nil {
		t.Fatal(err)
	}
	first.sit(t, "three", "iris")
	if len(second.host.Seats()) != 1 {
		t.Errorf("%+v", second.host.Seats())
	}
}

// TestADispatchBeforeThereIsAWorker: the server has given it up; it is served all the same.
func TestADispatchBeforeThereIsAWorker(t *testing.T) {
	s := serve(t, local.Config{})
	ada := human(t, s, "lobby")
	ask(t, s, "lobby", "greeter")
	r := engage(t, s, 0, func(c *dispatch.Config) { c.Reconcile = true })
	r.ready(t, name("greeter", "iris"))
	r.sit(t, "lobby", "iris")
	r.answer(t, ada, "iris")
}

// TestDraining: nothing is taken any more, everybody leaves, and another process goes on.
func TestDraining(t *testing.T) {
	s := serve(t, local.Config{})
	old := engage(t, s, 0, nil)
	old.ready(t, name("greeter", "iris"))
	old.call(t, "lobby", "greeter", "iris")
	old.sit(t, "lobby", "iris")
	human(t, s, "lobby")
	if err := old.Close(); err != nil {
		t.Error(err)
	}
	if seats := old.host.Seats(); len(seats) > 0 {
		t.Errorf("still seated: %+v", seats)
	}
	until(t, "the server sees it go", func() bool { return len(present(t, s, "lobby")) == 0 })
	if st := old.Status(); st.State != "draining" || st.Serving || len(st.Jobs) > 0 {
		t.Errorf("%+v", st)
	}
	if ok, why := old.Ready(); ok || why == "" {
		t.Error("ready although it is closed")
	}
	if err := errors.Join(old.Apply(nil), old.Check(nil)); !errors.Is(err, dispatch.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	next := engage(t, s, 0, nil)
	next.ready(t, name("greeter", "iris"))
	next.call(t, "lobby", "greeter", "iris")
	next.sit(t, "lobby", "iris")
}

// TestTheServerIsKilledAndComesBack: the personas come back to the room, and answer there; the name
// is registered again.
func TestTheServerIsKilledAndComesBack(t *testing.T) {
	s := serve(t, local.Config{})
	r := engage(t, s, 0, nil)
	r.ready(t, name("greeter", "iris", "max"))
	r.call(t, "lobby", "greeter", "iris")
	r.sit(t, "lobby", "iris", "max")
	port, err := strconv.Atoi(s.URL[strings.LastIndex(s.URL, ":")+1:])
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	until(t, "they have lost the server", func() bool { ok, _ := r.Ready(); return !ok })
	again := serve(t, local.Config{Port: port, APIKey: s.APIKey, APISecret: s.APISecret})
	ada := human(t, again, "lobby")
	until(t, "the name is registered", func() bool { ok, _ := r.Ready(); return ok })
	r.sit(t, "lobby", "iris", "max")
	r.answer(t, ada, "max")
	r.call(t, "attic", "greeter", "iris")
	r.sit(t, "attic", "iris", "max")
}

// TestNamesChange: one that goes finishes its job, one that stays is not touched, one that comes is
// registered; one whose persona cannot be says so, and concerns no other.
func TestNamesChange(t *testing.T) {
	s := serve(t, local.Config{})
	r := engage(t, s, 0, nil)
	r.ready(t, name("greeter", "iris"), name("guide", "max"))
	r.call(t, "lobby", "greeter", "iris")
	r.sit(t, "lobby", "iris")
	since := r.Status().Agents[1].Since
	if err := r.Apply([]dispatch.Agent{name("guide", "max"), name("ghost", "nobody"), name("usher", "otto")}); err != nil {
		t.Fatal(err)
	}
	until(t, "the new name is registered", func() bool { a := r.Status().Agents; return a[2].Name == "usher" && a[2].State == "registered" })
	var wrong *dispatch.PersonaError
	until(t, "it is told who cannot be", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return slices.ContainsFunc(r.happens, func(e dispatch.Event) bool {
			return errors.As(e.Err, &wrong) && wrong.Agent == "ghost" && wrong.Persona == "nobody"
		})
	})
	st := r.Status()
	if ok, why := r.Ready(); ok || !strings.Contains(why, "no model for it") || st.Serving || !strings.Contains(st.Agents[1].Error, "no model for it") {
		t.Errorf("%t %q %+v", ok, why, st.Agents)
	}
	if st.Agents[0].Name != "guide" || !st.Agents[0].Since.Equal(since) {
		t.Errorf("guide was touched: %+v", st.Agents[0])
	}
	ada := human(t, s, "lobby")
	r.answer(t, ada, "iris")
	r.call(t, "attic", "usher", "otto")
	r.sit(t, "attic", "otto")
	if n := r.Status().ActiveJobs; n != 2 {
		t.Errorf("%d jobs", n)
	}
	if err := r.host.Remove(t.Context(), "lobby", "iris"); err != nil {
		t.Error(err)
	}
	until(t, "its job is over", func() bool { return r.Status().ActiveJobs == 1 })
}

// TestServicesThatCannotBe: what is wrong is named before anything is done.
func TestServicesThatCannotBe(t *testing.T) {
	if _, err := dispatch.New(dispatch.Config{}); !errors.Is(err, dispatch.ErrConfig) {
		t.Errorf("nothing at all: %v", err)
	}
	s := &local.Server{URL: "ws://127.0.0.1:9", APIKey: "key", APISecret: strings.Repeat("s", 32)}
	r := engage(t, s, 0, nil)
	for what, agents := range map[string][]dispatch.Agent{
		"no name": {name("", "iris")}, "a reconciler's": {name(reconcile.ClaimAgent, "iris")}, "nobody": {name("greeter")},
		"twice": {name("greeter", "iris"), name("greeter", "max")}, "too long": {name(strings.Repeat("x", 300), "iris")},
	} {
		if err := r.Apply(agents); !errors.Is(err, dispatch.ErrConfig) {
			t.Errorf("%s: %v", what, err)
		}
		if err := r.Check(agents); !errors.Is(err, dispatch.ErrConfig) {
			t.Errorf("%s, checked: %v", what, err)
		}
	}
	if err := r.Check([]dispatch.Agent{name("greeter", "iris")}); err != nil {
		t.Errorf("nothing is wrong with it: %v", err)
	}
	if len(r.Status().Agents) > 0 {
		t.Error("something was changed")
	}
}

// TestAgentsOfASet: who comes, and in whose front.
func TestAgentsOfASet(t *testing.T) {
	got := dispatch.Agents(persona.Set{
		Personas: []persona.Persona{{Name: "iris", Identity: "iris-1"}, {Name: "max"}},
		Rooms:    []persona.Room{{Name: "roundtable", Personas: []string{"max", "iris"}, Front: "iris", Mode: persona.ModeFront}},
	})
	if len(got) != 1 || got[0].Name != "roundtable" || len(got[0].Personas) != 2 || got[0].Personas[0].Name != "max" || got[0].Policy.Front != "iris-1" || got[0].Policy.Mode != "front" {
		t.Errorf("%+v", got)
	}
}
