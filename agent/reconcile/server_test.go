package reconcile_test

// What only a real server can tell: these tests run against livekit-server, on loopback.

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/agent/worker"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// patience is how long a busy machine may take for what takes seconds.
const patience = 90 * time.Second

func serve(t *testing.T) *livekit.Server {
	t.Helper()
	s, err := livekit.Start(t.Context(), livekit.Config{})
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

func dial(t *testing.T, s *livekit.Server, client *http.Client) reconcile.API {
	t.Helper()
	api, err := reconcile.Dial(s.URL, s.APIKey, s.APISecret, client)
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// hire registers a worker whose jobs join their rooms and end with end or the test.
func hire(t *testing.T, s *livekit.Server, most int, end <-chan struct{}) <-chan worker.Job {
	t.Helper()
	jobs, registered := make(chan worker.Job, 100), make(chan struct{}, 1)
	w, err := worker.New(worker.Config{
		URL: s.URL, APIKey: s.APIKey, APISecret: s.APISecret, Agents: []worker.Agent{{Name: "iris"}}, MaxJobs: most,
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Report: func(e worker.Event) {
			if e.Kind == worker.Registered {
				registered <- struct{}{}
			}
		},
		Handler: func(ctx context.Context, j worker.Job) error {
			room, err := lksdk.ConnectToRoomWithToken(j.URL, j.Token, lksdk.NewRoomCallback())
			if err != nil {
				return err // a test's
			}
			defer room.Disconnect()
			jobs <- j
			select {
			case <-end:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	receive(t, registered)
	return jobs
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

// keep runs a reconciler until the test ends.
func keep(t *testing.T, api reconcile.API, report func(reconcile.Event)) {
	t.Helper()
	r, err := reconcile.New(reconcile.Config{
		API: api, Agents: []string{"iris"}, ID: "test", Report: report, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() {
		if err := r.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); work.Wait() })
}

func ask(t *testing.T, api reconcile.API, room string) reconcile.Dispatch {
	t.Helper()
	d, err := api.Create(t.Context(), reconcile.Dispatch{
		Room: room, Agent: "iris", Metadata: "meta " + room, Attributes: map[string]string{"colour": "red"}, Never: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// settled waits until the dispatches of a room are one with one agent, and no claim.
func settled(t *testing.T, api reconcile.API, room string) (d reconcile.Dispatch) {
	t.Helper()
	limit := time.After(patience)
	for {
		got, err := api.Dispatches(t.Context(), room)
		// Every room has one for whatever takes all rooms, too.
		got = slices.DeleteFunc(got, func(d reconcile.Dispatch) bool { return d.Agent == "" })
		if err == nil && len(got) == 1 && len(got[0].Identities) == 1 {
			return got[0]
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-limit:
			t.Fatalf("%+v", got)
		}
	}
}

func TestServerDispatchThatNobodyTook(t *testing.T) {
	t.Parallel() // it waits, and its server is its own
	s := serve(t)
	api := dial(t, s, nil)
	d := ask(t, api, "lobby")
	keep(t, api, nil)
	<-time.After(6 * time.Second) // the server has given it up, and the reconciler has tried once
	end := make(chan struct{})
	jobs := hire(t, s, 1, end)
	j := receive(t, jobs)
	if j.Metadata != "meta lobby" || j.Proto.GetAttributes()["colour"] != "red" || j.Proto.GetAttributes()[reconcile.AttributeDispatch] != d.ID || j.DispatchID == d.ID {
		t.Errorf("%+v", j)
	}
	if got := settled(t, api, "lobby"); !got.Never || got.ID != j.DispatchID {
		t.Errorf("%+v", got)
	}
	// The worker is full now: the next one waits until it is not.
	ask(t, api, "attic")
	select {
	case j := <-jobs:
		t.Errorf("a full worker was given %+v", j)
	case <-time.After(6 * time.Second):
	}
	close(end)
	if j := receive(t, jobs); j.Room != "attic" {
		t.Errorf("%+v", j)
	}
}

// mortal is a reconciler's way to the server that is cut for good right after the first dispatch
// was deleted, as kill -9 would.
type mortal struct {
	dead atomic.Bool
	died chan struct{}
	asks string // the method after which it dies
}

func (m *mortal) RoundTrip(req *http.Request) (*http.Response, error) {
	if m.dead.Load() {
		return nil, errKilled
	}
	answer, err := http.DefaultTransport.RoundTrip(req)
	if strings.HasSuffix(req.URL.Path, m.asks) && !m.dead.Swap(true) {
		close(m.died)
		return nil, errors.Join(errKilled, err)
	}
	return answer, err // as it is
}

func TestServerWithTwoReconcilersOfWhichOneDies(t *testing.T) {
	t.Parallel() // it waits, and its server is its own
	for _, asks := range []string{"/DeleteDispatch", "/CreateDispatch"} {
		t.Run(strings.TrimPrefix(asks, "/"), func(t *testing.T) {
			s := serve(t)
			api := dial(t, s, nil)
			d := ask(t, api, "lobby")
			m := &mortal{died: make(chan struct{}), asks: asks}
			keep(t, dial(t, s, &http.Client{Transport: m}), nil)
			receive(t, m.died)
			jobs := hire(t, s, 9, t.Context().Done())
			keep(t, api, nil)
			keep(t, dial(t, s, nil), nil)
			j := receive(t, jobs)
			if j.Proto.GetAttributes()[reconcile.AttributeDispatch] != d.ID || j.Metadata != "meta lobby" {
				t.Errorf("%+v", j)
			}
			if got := settled(t, api, "lobby"); got.Agent != "iris" {
				t.Errorf("%+v", got)
			}
			select {
			case j := <-jobs:
				t.Errorf("a second agent: %+v", j)
			case <-time.After(5 * time.Second):
			}
		})
	}
}

func TestServerSideBySide(t *testing.T) {
	t.Parallel() // it waits, and its server is its own
	s := serve(t)
	api := dial(t, s, nil)
	rooms := []string{"a", "b", "c", "d", "e", "f"}
	for _, room := range rooms {
		ask(t, api, room)
	}
	var mu sync.Mutex
	made := map[string]int{}
	for range 3 {
		keep(t, dial(t, s, nil), func(e reconcile.Event) {
			mu.Lock()
			defer mu.Unlock()
			if e.Kind == reconcile.Redispatched {
				made[e.Room]++
			}
		})
	}
	jobs := hire(t, s, 100, t.Context().Done())
	for range rooms {
		receive(t, jobs)
	}
	for _, room := range rooms {
		settled(t, api, room)
	}
	select {
	case j := <-jobs:
		t.Errorf("one agent too many: %+v", j)
	case <-time.After(5 * time.Second):
	}
}

func TestServerAnswers(t *testing.T) {
	t.Parallel() // it waits, and its server is its own
	s := serve(t)
	api := dial(t, s, nil)
	d := ask(t, api, "lobby")
	if rooms, err := api.Rooms(t.Context()); err != nil || len(rooms) != 1 || rooms[0] != "lobby" {
		t.Errorf("%v %v", rooms, err)
	}
	if err := api.Delete(t.Context(), "lobby", d.ID); err != nil {
		t.Error(err)
	}
	var at *reconcile.ServerError
	if err := api.Delete(t.Context(), "lobby", d.ID); !errors.Is(err, reconcile.ErrGone) || !errors.As(err, &at) || at.Call != "DeleteDispatch" || at.Room != "lobby" {
		t.Errorf("%v", err)
	}
	if who, err := api.Participants(t.Context(), "nowhere"); err != nil || len(who) != 0 {
		t.Errorf("%v %v", who, err)
	}
	wrong, err := reconcile.Dial(s.URL, s.APIKey, strings.Repeat("x", 40), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := reconcile.New(reconcile.Config{API: wrong, Agents: []string{"iris"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Run(t.Context()); !errors.Is(err, reconcile.ErrUnauthorized) {
		t.Errorf("%v", err)
	}
	if got, err := api.Dispatches(t.Context(), "nowhere"); err == nil && len(got) != 0 {
		t.Errorf("%v", got)
	}
}
