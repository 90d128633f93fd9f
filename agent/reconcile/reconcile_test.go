package reconcile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reconcile"
)

func TestADroppedDispatchIsServedWhenAWorkerComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, 1)
		c, ctx := newCrew(t)
		first := s.wish("lobby", "iris")
		other := s.wish("lobby", "max")
		c.add(ctx, &client{sim: s}, nil)
		time.Sleep(time.Minute)
		if n := s.tries(first); n < 8 || n > 12 {
			t.Errorf("%d attempts in a minute without a worker", n)
		}
		s.hire(1)
		time.Sleep(7 * time.Second)
		c.stop()
		s.timers.Wait()
		got := s.list("lobby")
		i := slices.IndexFunc(got, func(d reconcile.Dispatch) bool { return d.Agent == "iris" })
		d := got[i]
		if len(got) != 2 || len(d.Identities) != 1 || d.Metadata != "meta lobby" || d.Deployment != "blue" ||
			d.Attributes["colour"] != "lobby" || d.Attributes[reconcile.AttributeDispatch] != first || d.Attributes[reconcile.AttributeAttempt] == "" ||
			d.Attributes[reconcile.AttributeBy] != "" || d.Attributes[reconcile.AttributeAgent] != "" {
			t.Errorf("%+v", got)
		}
		if s.made[other] != 1 {
			t.Error("another's dispatch was touched")
		}
		if e := c.events[0]; e.Kind != reconcile.Redispatched || e.Reason != reconcile.ReasonDropped || e.Wish != first || e.Old != first || e.New == "" || e.Attempt != 1 || e.Room != "lobby" || e.Agent != "iris" {
			t.Errorf("%+v", e)
		}
	})
}

func TestWhatTheServerIsStillAskingForIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, 1)
		c, ctx := newCrew(t)
		c.add(ctx, &client{sim: s}, nil)
		time.Sleep(250 * time.Millisecond)
		id := s.wish("lobby", "iris")
		time.Sleep(5700 * time.Millisecond) // seen at 0.5 s, given up at 6 s
		if s.tries(id) != 1 {
			t.Error("dispatched again too early")
		}
		time.Sleep(500 * time.Millisecond)
		if s.tries(id) != 2 {
			t.Error("not dispatched again")
		}
		c.stop()
		s.timers.Wait()
	})
}

// Whoever is killed, wherever: no wish ever has two dispatches, and in the end each has an agent.
func TestSeveralReconcilersAndSomeThatDie(t *testing.T) {
	t.Parallel() // beside tests that wait for a server
	for seed := range uint64(300) {
		synctest.Test(t, func(t *testing.T) {
			s := newSim(t, seed)
			s.slow = seed%3 != 0
			rng := rand.New(rand.NewPCG(seed, 2))
			c, ctx := newCrew(t)
			var wishes []string
			for i := range 4 {
				wishes = append(wishes, s.wish(fmt.Sprintf("room %d", i%3), "iris"))
			}
			for range 3 {
				c.add(ctx, &client{sim: s, lossy: true, left: 1 + rng.IntN(9)}, nil)
			}
			time.Sleep(time.Duration(rng.IntN(8000)) * time.Millisecond)
			c.add(ctx, &client{sim: s, lossy: seed%2 == 0}, nil) // one that lives
			time.Sleep(time.Duration(rng.IntN(8000)) * time.Millisecond)
			s.hire(9)
			time.Sleep(2 * time.Minute)
			c.stop()
			s.timers.Wait()
			for _, w := range wishes {
				if s.most[w] != 1 || s.crowd[w] != 1 {
					t.Errorf("seed %d: wish %s had %d dispatches at once, and %d agents", seed, w, s.most[w], s.crowd[w])
				}
			}
			served := map[string]int{}
			for room := range s.rooms {
				for _, d := range s.list(room) {
					if d.Agent == reconcile.ClaimAgent {
						t.Errorf("seed %d: a claim is left: %+v", seed, d)
					}
					served[root(&d)] += len(d.Identities)
				}
			}
			for _, w := range wishes {
				if served[w] != 1 {
					t.Errorf("seed %d: wish %s has %d agents", seed, w, served[w])
				}
			}
		})
	}
}

func TestManyAreServedInWavesAndOneThatNobodyTakesHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, 1)
		c, ctx := newCrew(t)
		for i := range 60 {
			s.wish(fmt.Sprintf("room %02d", i), "iris")
		}
		c.add(ctx, &client{sim: s}, nil)
		time.Sleep(10 * time.Second)
		total := 0
		for id := range 60 {
			total += s.tries(fmt.Sprintf("AD_%03d", id+1)) - 1
		}
		if total > 3 {
			t.Errorf("%d attempts while no worker was there", total)
		}
		s.slow = true
		s.hire(60)
		time.Sleep(40 * time.Second)
		c.stop()
		s.timers.Wait()
		if s.free != 0 {
			t.Errorf("%d wait after 40 s", s.free)
		}
	})
}

func TestFreeIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, 1)
		c, ctx := newCrew(t)
		id := s.wish("lobby", "iris")
		var free atomic.Bool
		c.add(ctx, &client{sim: s}, func(cfg *reconcile.Config) { cfg.Free = func(string) bool { return free.Load() } })
		time.Sleep(time.Minute)
		if s.tries(id) != 1 {
			t.Error("dispatched again although nobody is free")
		}
		free.Store(true)
		s.hire(1)
		time.Sleep(time.Second)
		c.stop()
		s.timers.Wait()
		if d := s.list("lobby"); len(d) != 1 || len(d[0].Identities) != 1 {
			t.Errorf("%+v", d)
		}
	})
}

func TestALostAgentIsReplacedWhereThatIsAskedFor(t *testing.T) {
	for _, c := range []struct {
		name   string
		lost   time.Duration
		human  bool
		never  bool
		agents int // in the end
	}{
		{"as asked", 10 * time.Second, true, false, 1},
		{"not asked", 0, true, false, 0},
		{"nobody is waiting", 10 * time.Second, false, false, 0},
		{"the dispatch says never", 10 * time.Second, true, true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSim(t, 1)
				crew, ctx := newCrew(t)
				s.hire(2)
				s.humans["lobby"] = c.human
				if _, err := (&client{sim: s}).Create(ctx, reconcile.Dispatch{Room: "lobby", Agent: "iris", Never: c.never}); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				crew.add(ctx, &client{sim: s}, func(cfg *reconcile.Config) { cfg.Lost = c.lost })
				time.Sleep(20 * time.Second)
				s.crash("lobby")
				time.Sleep(9 * time.Second)
				if s.present("lobby") != 0 {
					t.Error("replaced too early")
				}
				time.Sleep(3 * time.Second)
				crew.stop()
				s.timers.Wait()
				if len(s.agents["lobby"]) != c.agents {
					t.Errorf("%d agents", len(s.agents["lobby"]))
				}
				if c.agents == 1 && crew.events[0].Reason != reconcile.ReasonLost {
					t.Errorf("%+v", crew.events)
				}
			})
		})
	}
}

func TestOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, 1)
		for i := range 12 {
			s.wish(fmt.Sprintf("room %02d", i), "iris")
		}
		time.Sleep(time.Second)
		s.hire(10)
		var log bytes.Buffer
		r, err := reconcile.New(reconcile.Config{
			API: &client{sim: s}, Agents: []string{"iris"}, Logger: slog.New(slog.NewTextHandler(&log, nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		left, err := r.Once(t.Context())
		if err != nil || left != 2 || s.free != 0 {
			t.Errorf("%d left, %d free, %v", left, s.free, err)
		}
		for id, n := range s.made {
			if n > 2 {
				t.Errorf("%s was tried %d times", id, n-1)
			}
		}
		if !strings.Contains(log.String(), `msg="reconcile: redispatched" room="room 00" agent=iris reason=dropped`) {
			t.Error(log.String())
		}
		s.timers.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.Once(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
