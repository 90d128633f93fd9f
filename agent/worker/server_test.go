package worker_test

// What only a real server can tell: these tests run against livekit-server, on loopback.

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"

	"github.com/sensory-agent/sensory-agent/agent/worker"
	server "github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// patience is how long a busy machine may take for what takes milliseconds.
const patience = time.Minute

func TestServerDispatchesTwoNamesToOneProcess(t *testing.T) {
	s := serve(t, server.Config{})
	h := hire(t, s, func(c *worker.Config) {
		c.Agents = []worker.Agent{{Name: "iris"}, {Name: "max"}}
		c.Reserve = func(o worker.Offer) (worker.Reservation, error) {
			return worker.Reservation{Identity: o.Agent + "-here", Name: o.Agent, Attributes: map[string]string{"a": "b"}, Value: o.Agent}, nil
		}
	})
	for _, name := range []string{"iris", "max"} {
		j := h.work(s, "lobby", name, "meta "+name)
		if j.Agent != name || j.Value != name || !strings.HasPrefix(j.DispatchID, "AD_") || j.Metadata != "meta "+name || j.Room != "lobby" ||
			j.URL != s.URL || j.Identity != name+"-here" || j.Proto.GetAttributes()["colour"] != "red" {
			t.Errorf("%+v", j.Job)
		}
		join(t, j.Job)
	}
	rooms := lksdk.NewRoomServiceClient(s.URL, s.APIKey, s.APISecret)
	list, err := rooms.ListParticipants(t.Context(), &livekit.ListParticipantsRequest{Room: "lobby"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range list.GetParticipants() {
		got = append(got, strings.Join([]string{p.GetIdentity(), p.GetName(), p.GetKind().String(), p.GetAttributes()["lk.agent_name"], p.GetAttributes()["a"]}, " "))
	}
	slices.Sort(got)
	if want := []string{"iris-here iris AGENT iris b", "max-here max AGENT max b"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestServerDispatchesByRoomAndByToken(t *testing.T) {
	s := serve(t, server.Config{})
	h := hire(t, s, nil)
	j := h.asked("planned", func(room string) {
		agents := []*livekit.RoomAgentDispatch{{AgentName: "iris", Metadata: "by room"}}
		if _, err := lksdk.NewRoomServiceClient(s.URL, s.APIKey, s.APISecret).CreateRoom(t.Context(), &livekit.CreateRoomRequest{Name: room, Agents: agents}); err != nil {
			t.Fatal(err)
		}
	})
	if j.Metadata != "by room" {
		t.Errorf("%+v", j.Job)
	}
	j = h.asked("token", func(room string) {
		token, err := auth.NewAccessToken(s.APIKey, s.APISecret).SetIdentity("ada").
			SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: room}).
			SetAgents(&livekit.RoomAgentDispatch{AgentName: "iris", Metadata: "by token"}).ToJWT()
		if err != nil {
			t.Fatal(err)
		}
		join(t, worker.Job{URL: s.URL, Token: token})
	})
	if j.Metadata != "by token" {
		t.Errorf("%+v", j.Job)
	}
}

func TestServerTerminates(t *testing.T) {
	s := serve(t, server.Config{})
	h := hire(t, s, nil)
	j := h.work(s, "lobby", "iris", "")
	join(t, j.Job)
	if _, err := dispatches(s).DeleteDispatch(t.Context(), &livekit.DeleteAgentDispatchRequest{DispatchId: j.DispatchID, Room: "lobby"}); err != nil {
		t.Fatal(err)
	}
	if err := receive(t, j.cause); !errors.Is(err, worker.ErrTerminated) {
		t.Error(err)
	}
	h.await(worker.Terminated)
	h.await(worker.Ended)
}

func TestServerAsksTheNextWorker(t *testing.T) {
	s := serve(t, server.Config{})
	var declined atomic.Int32
	var accept atomic.Bool
	hire(t, s, func(c *worker.Config) {
		c.Reserve = func(worker.Offer) (worker.Reservation, error) {
			declined.Add(1)
			return worker.Reservation{}, errors.New("no room") // whatever it is
		}
	})
	taker := hire(t, s, func(c *worker.Config) {
		c.MaxJobs = 1000
		c.Reserve = func(worker.Offer) (worker.Reservation, error) { accept.Store(true); return worker.Reservation{}, nil }
	})
	for declined.Load() == 0 { // whom the server asks first is chance
		close(taker.work(s, "lobby", "iris", "").end)
	}
	if !accept.Load() {
		t.Error("nobody accepted")
	}
}

func TestServerGivesNothingToAFullWorker(t *testing.T) {
	s := serve(t, server.Config{})
	h := hire(t, s, func(c *worker.Config) { c.MaxJobs = 1 })
	j := h.work(s, "first", "iris", "")
	if st := h.w.Status(); st.Reported < 0.7 || st.Load != 1 {
		t.Errorf("%+v", st)
	}
	second := dispatch(t, s, "second", "iris", "")
	select { // the server asks 200 ms later, where it does
	case j := <-h.jobs:
		t.Errorf("a full worker was given %+v", j.Job)
	case <-time.After(2 * time.Second):
	}
	if n := h.w.Status().Counts[worker.ReasonFull]; n != 0 || len(listed(t, s, "second", second)) != 0 {
		t.Errorf("a full worker was asked: %d declined", n)
	}
	close(j.end)
	h.await(worker.Ended)
	if j := h.work(s, "third", "iris", ""); j.Room != "third" {
		t.Errorf("%+v", j.Job)
	}
}

func TestServerDrains(t *testing.T) {
	s := serve(t, server.Config{})
	old := hire(t, s, nil)
	j := old.work(s, "first", "iris", "")
	drained := make(chan error, 1)
	go func() { drained <- old.w.Drain(t.Context()) }()
	old.await(worker.Draining)
	next := hire(t, s, nil)
	for _, room := range []string{"second", "third", "fourth"} {
		if j := next.work(s, room, "iris", ""); j.Room != room {
			t.Errorf("%+v", j.Job)
		}
	}
	if len(listed(t, s, "second", "")) != 0 || len(old.jobs) != 0 {
		t.Error("the worker that is drained was given a job")
	}
	close(j.end)
	if err := receive(t, drained); err != nil {
		t.Error(err)
	}
}

func TestServerRestarts(t *testing.T) {
	s := serve(t, server.Config{})
	h := hire(t, s, nil)
	j := h.work(s, "lobby", "iris", "")
	port := s.URL[strings.LastIndex(s.URL, ":")+1:]
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	h.await(worker.Disconnected)
	serve(t, server.Config{Port: number(t, port), APIKey: s.APIKey, APISecret: s.APISecret})
	h.await(worker.Registered)
	select {
	case err := <-j.cause:
		t.Fatalf("the job ended: %v", err)
	default:
	}
	if j := h.work(s, "after", "iris", ""); j.Room != "after" {
		t.Errorf("%+v", j.Job)
	}
	if st := h.w.Status(); len(st.Jobs) != 2 || !st.Serving {
		t.Errorf("%+v", st)
	}
}

func TestServerRefusesAWrongKey(t *testing.T) {
	s := serve(t, server.Config{})
	w, err := worker.New(worker.Config{
		URL: s.URL, APIKey: s.APIKey, APISecret: secret, Agents: []worker.Agent{{Name: "iris"}, {Name: "max"}}, MaxJobs: 1, Handler: wait,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Run(t.Context()); !errors.Is(err, worker.ErrUnauthorized) || strings.Contains(err.Error(), secret) {
		t.Errorf("%v", err)
	}
}
