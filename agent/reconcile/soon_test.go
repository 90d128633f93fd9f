package reconcile_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/livekit/protocol/livekit"

	"github.com/sensory-agent/sensory-agent/agent/reconcile"
)

// served tells whether the wish of a room has an agent.
func (s *sim) served(room string) bool {
	d := s.list(room)
	return len(d) == 1 && len(d[0].Identities) == 1
}

// TestAnOldDispatchIsServedAsSoonAsItIsSeen: whoever begins with the worker need not wait for what
// the server says is old; of a younger one, or where the server does not say, nobody knows.
func TestAnOldDispatchIsServedAsSoonAsItIsSeen(t *testing.T) {
	for _, c := range []struct {
		name  string
		age   time.Duration
		dated bool
		soon  bool
	}{
		{"old", 9 * time.Second, true, true},
		{"old, and the server does not say so", 9 * time.Second, false, false},
		{"young", 6 * time.Second, true, false}, // beyond the grace, not beyond the difference of two clocks
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSim(t, 1)
				s.dated = c.dated
				crew, ctx := newCrew(t)
				s.wish("lobby", "iris")
				time.Sleep(c.age)
				s.hire(1)
				crew.add(ctx, &client{sim: s}, nil)
				time.Sleep(300 * time.Millisecond) // 200 of them the server's
				if got := s.served("lobby"); got != c.soon {
					t.Errorf("served at once: %t", got)
				}
				time.Sleep(6 * time.Second)
				crew.stop()
				s.timers.Wait()
				if !s.served("lobby") {
					t.Errorf("%+v", s.list("lobby"))
				}
			})
		})
	}
}

// TestItLooksWhenItIsWoken: a worker has registered, and it does not wait for the next look; of a
// server that is away nobody is woken.
func TestItLooksWhenItIsWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, 1)
		crew, ctx := newCrew(t)
		s.wish("lobby", "iris")
		wake, free := make(chan struct{}, 1), make(chan bool, 1)
		free <- false
		crew.add(ctx, &client{sim: s}, func(cfg *reconcile.Config) {
			cfg.Wake, cfg.Every = wake, time.Minute
			cfg.Free = func(string) bool { now := <-free; free <- now; return now }
		})
		time.Sleep(90 * time.Second) // looked at 0, at 5.5 s, which is when it has been given up, and a minute later
		<-free
		free <- true
		s.hire(1)
		time.Sleep(time.Second)
		if s.served("lobby") {
			t.Error("served without a look")
		}
		wake <- struct{}{}
		time.Sleep(250 * time.Millisecond)
		if !s.served("lobby") {
			t.Errorf("not served: %+v", s.list("lobby"))
		}
		crew.stop()
		s.timers.Wait()
	})
}

// TestItLooksWhenADispatchHasBeenGivenUp: and not some time after.
func TestItLooksWhenADispatchHasBeenGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, 1)
		crew, ctx := newCrew(t)
		id := s.wish("lobby", "iris")
		crew.add(ctx, &client{sim: s}, func(cfg *reconcile.Config) { cfg.Every = 4 * time.Second })
		time.Sleep(reconcile.DefaultGrace - time.Millisecond)
		if s.tries(id) != 1 {
			t.Error("too early")
		}
		time.Sleep(2 * time.Millisecond)
		if s.tries(id) != 2 {
			t.Error("late")
		}
		crew.stop()
		s.timers.Wait()
	})
}

// TestAgeByTheServersClock: it is that between two times of the server, whatever this machine's
// clock says; one that does not tell the time tells no age.
func TestAgeByTheServersClock(t *testing.T) {
	made := time.Date(2001, 2, 3, 4, 5, 6, 700_000_000, time.UTC)
	for _, c := range []struct {
		date string
		want time.Duration
	}{
		{"Sat, 03 Feb 2001 04:05:16 GMT", 9300 * time.Millisecond},
		{"Sat, 03 Feb 2001 04:05:06 GMT", 0}, // whole seconds, cut off
		{"some time in February", 0},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			body, err := proto.Marshal(&livekit.ListAgentDispatchResponse{AgentDispatches: []*livekit.AgentDispatch{
				{Id: "AD_1", AgentName: "iris", Room: "lobby", State: &livekit.AgentDispatchState{CreatedAt: made.UnixNano()}},
				{Id: "AD_2", AgentName: "iris", Room: "lobby"}, // nobody knows since when
			}})
			if err != nil {
				t.Error(err)
			}
			w.Header().Set("Content-Type", "application/protobuf")
			w.Header().Set("Date", c.date)
			_, _ = w.Write(body)
		}))
		api, err := reconcile.Dial(server.URL, "key", strings.Repeat("s", 32), server.Client())
		if err != nil {
			t.Fatal(err)
		}
		got, err := api.Dispatches(t.Context(), "lobby")
		server.Close()
		if err != nil || len(got) != 2 || got[0].Age != c.want || got[1].Age != 0 || !got[0].Created.Equal(made) {
			t.Errorf("%s: %+v, %v", c.date, got, err)
		}
	}
}
