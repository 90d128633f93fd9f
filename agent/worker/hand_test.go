package worker_test

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"testing"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/livekit/protocol/livekit"

	"github.com/sensory-agent/sensory-agent/agent/worker"
	server "github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

func serve(t *testing.T, cfg server.Config) *server.Server {
	t.Helper()
	s, err := server.Start(t.Context(), cfg)
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

// hand is a worker at a real server, and what it reports.
type hand struct {
	t      *testing.T
	w      *worker.Worker
	events chan worker.Event
	jobs   chan assigned
}

// assigned is a job that runs until the test ends it, or its context does.
type assigned struct {
	worker.Job
	cause chan error    // why its context ended
	end   chan struct{} // closed by the test to end it
}

func hire(t *testing.T, s *server.Server, change func(*worker.Config)) *hand {
	t.Helper()
	h := &hand{t: t, events: make(chan worker.Event, 1000), jobs: make(chan assigned, 100)}
	cfg := worker.Config{
		URL: s.URL, APIKey: s.APIKey, APISecret: s.APISecret, Agents: []worker.Agent{{Name: "iris"}}, MaxJobs: 4,
		StatusEvery: 200 * time.Millisecond,
		Logger:      slog.New(slog.NewTextHandler(t.Output(), nil)),
		Report:      func(e worker.Event) { h.events <- e },
		Handler: func(ctx context.Context, j worker.Job) error {
			a := assigned{Job: j, cause: make(chan error, 1), end: make(chan struct{})}
			h.jobs <- a
			select {
			case <-a.end:
				return nil
			case <-ctx.Done():
				a.cause <- context.Cause(ctx)
				return context.Cause(ctx)
			}
		},
	}
	if change != nil {
		change(&cfg)
	}
	w, err := worker.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h.w = w
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	for range cfg.Agents {
		h.await(worker.Registered)
	}
	return h
}

// await waits for an event of a kind, past others.
func (h *hand) await(kind worker.EventKind) worker.Event {
	h.t.Helper()
	limit := time.After(patience)
	for {
		select {
		case e := <-h.events:
			if e.Kind == kind {
				return e
			}
		case <-limit:
			h.t.Fatalf("no event %q; status %+v", kind, h.w.Status())
		}
	}
}

func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("not reached")
	}
}

func dispatches(s *server.Server) *lksdk.AgentDispatchClient {
	return lksdk.NewAgentDispatchServiceClient(s.URL, s.APIKey, s.APISecret)
}

func dispatch(t *testing.T, s *server.Server, room, agent, metadata string) string {
	t.Helper()
	d, err := dispatches(s).CreateDispatch(t.Context(), &livekit.CreateAgentDispatchRequest{
		AgentName: agent, Room: room, Metadata: metadata, Attributes: map[string]string{"colour": "red"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d.GetId()
}

// work dispatches until the hand has a job of it. A server that is starved of processor time gives
// a dispatch up after 3 s, whoever would have taken it.
func (h *hand) work(s *server.Server, room, agent, metadata string) assigned {
	h.t.Helper()
	for range 4 {
		id := dispatch(h.t, s, room, agent, metadata)
		select {
		case j := <-h.jobs:
			return j
		case <-time.After(patience / 4):
		}
		h.t.Logf("dispatch %s was given up by the server", id)
		if _, err := dispatches(s).DeleteDispatch(h.t.Context(), &livekit.DeleteAgentDispatchRequest{DispatchId: id, Room: room}); err != nil {
			h.t.Fatal(err)
		}
	}
	h.t.Fatal("no job")
	panic("not reached")
}

// asked has somebody ask for an agent in a room, in another one where the server drops that: it
// does so while it does not know the worker yet.
func (h *hand) asked(name string, ask func(room string)) assigned {
	h.t.Helper()
	for i := range 4 {
		room := fmt.Sprint(name, i)
		ask(room)
		select {
		case j := <-h.jobs:
			return j
		case <-time.After(patience / 4):
			h.t.Logf("what asked for in %s was given up by the server", room)
		}
	}
	h.t.Fatal("no job")
	panic("not reached")
}

// listed are the jobs that the server has of a dispatch.
func listed(t *testing.T, s *server.Server, room, id string) []*livekit.Job {
	t.Helper()
	d, err := dispatches(s).GetDispatch(t.Context(), id, room)
	if err != nil {
		t.Fatal(err)
	}
	return d.GetState().GetJobs()
}

func join(t *testing.T, j worker.Job) *lksdk.Room {
	t.Helper()
	room, err := lksdk.ConnectToRoomWithToken(j.URL, j.Token, lksdk.NewRoomCallback())
	if err != nil {
		t.Fatalf("the job's token: %v", err)
	}
	t.Cleanup(room.Disconnect)
	return room
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
