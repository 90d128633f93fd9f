package agent_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/room"
)

// said is an event of a room.
func said(in, text string) *agent.Event {
	return &agent.Event{Kind: agent.KindSaid, Room: in, What: room.Said{Text: text}}
}

// texts are what events say.
func texts(events []*agent.Event) (out []string) {
	for _, e := range events {
		what, _ := e.What.(room.Said)
		out = append(out, fmt.Sprintf("%d %s", e.Sequence, what.Text))
	}
	return out
}

// watch begins to watch.
func watch(t *testing.T, l *agent.Events, want agent.Watching) *agent.Watcher {
	t.Helper()
	w, err := l.Watch(want)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// gets checks the next events of a watcher.
func gets(t *testing.T, w *agent.Watcher, want ...string) {
	t.Helper()
	got, err := w.Next(t.Context(), 100)
	if err != nil || !slices.Equal(texts(got), want) {
		t.Errorf("%q, %v; want %q", texts(got), err, want)
	}
}

// idle checks that a watcher waits.
func idle(t *testing.T, w *agent.Watcher) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := w.Next(ctx, 100); len(got) > 0 || err != nil {
		t.Errorf("%q, %v; want nothing", texts(got), err)
	}
}

func after(n uint64) agent.Watching { return agent.Watching{After: &n} }

// TestAWatcherGetsWhatItWants: from where it begins, of the room and the kinds that it names.
func TestAWatcherGetsWhatItWants(t *testing.T) {
	l := agent.NewEvents(agent.EventConfig{})
	l.Add(said("lobby", "one"))
	l.Add(said("attic", "two"))
	l.Add(&agent.Event{Kind: agent.KindState, Room: "lobby"})
	l.Add(said("lobby", "four"))
	now := watch(t, l, agent.Watching{})
	idle(t, now)
	gets(t, watch(t, l, after(0)), "1 one", "2 two", "3 ", "4 four")
	gets(t, watch(t, l, after(2)), "3 ", "4 four")
	w := watch(t, l, after(4))
	idle(t, w)
	gets(t, watch(t, l, agent.Watching{Recent: 2}), "3 ", "4 four")
	gets(t, watch(t, l, agent.Watching{Recent: 2, Room: "lobby", Kinds: []agent.Kind{agent.KindSaid}}), "1 one", "4 four")
	gets(t, watch(t, l, agent.Watching{Recent: 1, Room: "attic"}), "2 two")
	gets(t, watch(t, l, agent.Watching{Recent: 1000}), "1 one", "2 two", "3 ", "4 four")
	l.Add(said("lobby", "five"))
	gets(t, now, "5 five")
	gets(t, w, "5 five")
	attic := watch(t, l, agent.Watching{Room: "attic"})
	l.Add(said("lobby", "six"))
	if idle(t, attic); attic.Told() != 6 {
		t.Errorf("told up to %d: what does not match is passed over", attic.Told())
	}
	few := watch(t, l, after(0))
	got, err := few.Next(t.Context(), 2)
	if err != nil || !slices.Equal(texts(got), []string{"1 one", "2 two"}) || few.Told() != 2 {
		t.Errorf("%q, %v, told %d", texts(got), err, few.Told())
	}
}

// TestNumbersThatAreNotThere: of the past, of the future, and of another log, each by type.
func TestNumbersThatAreNotThere(t *testing.T) {
	l := agent.NewEvents(agent.EventConfig{Most: 4})
	for i := range 416 {
		l.Add(said("lobby", fmt.Sprint(i)))
	}
	var gone *agent.GoneError
	_, err := l.Watch(after(0))
	if !errors.As(err, &gone) || gone.Oldest != 413 || gone.Newest != 416 || gone.Slow || err.Error() != "events 1–412 are gone; the oldest is 413" {
		t.Errorf("%v, %+v", err, gone)
	}
	if _, err = l.Watch(after(411)); !errors.As(err, &gone) || gone.First != 412 {
		t.Errorf("the last that is gone: %v", err)
	}
	gets(t, watch(t, l, after(412)), "413 412", "414 413", "415 414", "416 415")
	gets(t, watch(t, l, agent.Watching{Recent: 10}), "413 412", "414 413", "415 414", "416 415")
	var ahead *agent.AheadError
	if _, err = l.Watch(after(417)); !errors.As(err, &ahead) || ahead.Newest != 416 || ahead.After != 417 {
		t.Errorf("the future: %v", err)
	}
	idle(t, watch(t, l, after(416)))
	var other *agent.OtherLogError
	want := after(416)
	want.Log = "yesterday"
	if _, err = l.Watch(want); !errors.As(err, &other) || other.Is != l.ID() || other.Asked != "yesterday" {
		t.Errorf("another log: %v", err)
	}
	want.Log = l.ID()
	idle(t, watch(t, l, want))
	if a, b := l.ID(), agent.NewEvents(agent.EventConfig{}).ID(); a == "" || a == b {
		t.Errorf("logs %q and %q", a, b)
	}
	if s := l.Stats(); s.Newest != 416 || s.Oldest != 413 || s.Watchers != 4 {
		t.Errorf("%+v", s)
	}
}

// TestASlowWatcherIsToldAndGoesOn: what went before it was taken is an error, once, and then come
// the events that are left.
func TestASlowWatcherIsToldAndGoesOn(t *testing.T) {
	l := agent.NewEvents(agent.EventConfig{Most: 2})
	w := watch(t, l, after(0))
	for i := range 5 {
		l.Add(said("lobby", fmt.Sprint(i)))
	}
	_, err := w.Next(t.Context(), 10)
	var gone *agent.GoneError
	if !errors.As(err, &gone) || !gone.Slow || gone.First != 1 || gone.Oldest != 4 || !strings.Contains(err.Error(), "events 1–3 are gone; the oldest is 4") {
		t.Fatalf("%v", err)
	}
	gets(t, w, "4 3", "5 4")
	if s := l.Stats(); s.Slow != 1 {
		t.Errorf("%+v", s)
	}
}

// TestWhatIsKeptIsBounded: in number, in memory, and in who watches.
func TestWhatIsKeptIsBounded(t *testing.T) {
	l := agent.NewEvents(agent.EventConfig{Bytes: 100_000, Watchers: 2})
	for range 1000 {
		l.Add(said("lobby", strings.Repeat("x", 1000)))
		if s := l.Stats(); s.Bytes > 100_000 {
			t.Fatalf("%+v", s)
		}
	}
	if s := l.Stats(); s.Newest != 1000 || s.Oldest < 900 || s.Oldest > 980 {
		t.Errorf("%+v", s)
	}
	l.Add(said("lobby", strings.Repeat("x", 1_000_000)))
	if s := l.Stats(); s.Oldest != 1001 {
		t.Errorf("the newest is kept, whatever its size: %+v", s)
	}
	a, b := watch(t, l, after(1001)), watch(t, l, after(1001))
	if _, err := l.Watch(after(1001)); !errors.Is(err, agent.ErrWatchers) {
		t.Errorf("a third: %v", err)
	}
	if s := l.Stats(); s.Watchers != 2 || s.Refused != 1 {
		t.Errorf("%+v", s)
	}
	a.Close()
	a.Close()
	watch(t, l, after(1001))
	if _, err := l.Watch(after(1001)); !errors.Is(err, agent.ErrWatchers) {
		t.Errorf("a place is given back once: %v", err)
	}
	idle(t, b)
}

// TestWatchersWaitAndWake: who waits is told at once, gives up when told to, and hears of the end.
func TestWatchersWaitAndWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := agent.NewEvents(agent.EventConfig{})
		var work sync.WaitGroup
		for range 20 {
			w := watch(t, l, agent.Watching{Room: "lobby"})
			work.Go(func() {
				begin := time.Now()
				gets(t, w, "2 now")
				if took := time.Since(begin); took != time.Second {
					t.Errorf("after %v", took)
				}
				limit, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if got, err := w.Next(limit, 1); len(got) > 0 || err != nil || time.Since(begin) != 2*time.Second {
					t.Errorf("%q, %v after %v", texts(got), err, time.Since(begin))
				}
				if _, err := w.Next(t.Context(), 1); err != nil {
					t.Errorf("what is left is returned: %v", err)
				}
				if _, err := w.Next(t.Context(), 1); !errors.Is(err, agent.ErrEventsClosed) {
					t.Errorf("%v", err)
				}
			})
		}
		synctest.Wait()
		l.Add(said("attic", "elsewhere"))
		time.Sleep(time.Second)
		l.Add(said("lobby", "now"))
		time.Sleep(2 * time.Second)
		l.Add(said("lobby", "last"))
		l.Close()
		l.Close()
		work.Wait()
		l.Add(said("lobby", "never"))
		if s := l.Stats(); s.Newest != 3 {
			t.Errorf("%+v", s)
		}
		if _, err := l.Watch(agent.Watching{}); !errors.Is(err, agent.ErrEventsClosed) {
			t.Errorf("%v", err)
		}
	})
}

// TestEveryEventComesOnceAndInOrder: whatever is added and taken in which order, a watcher gets
// each event that it wants and that it is not told to be gone, once.
func TestEveryEventComesOnceAndInOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := agent.NewEvents(agent.EventConfig{Most: rapid.IntRange(1, 5).Draw(rt, "kept")})
		begin := rapid.Uint64Range(0, 3).Draw(rt, "begin")
		for range begin {
			l.Add(said("lobby", ""))
		}
		room := rapid.SampledFrom([]string{"", "lobby"}).Draw(rt, "room")
		w, err := l.Watch(agent.Watching{Room: room})
		if err != nil {
			rt.Fatal(err)
		}
		done, cancel := context.WithCancel(t.Context())
		cancel()
		next := begin + 1 // the number that comes, or does not match
		wanted := map[uint64]bool{}
		for range rapid.IntRange(0, 30).Draw(rt, "steps") {
			if rapid.Bool().Draw(rt, "add") {
				in := rapid.SampledFrom([]string{"lobby", "attic"}).Draw(rt, "in")
				e := said(in, "")
				l.Add(e)
				wanted[e.Sequence] = room == "" || room == in
				continue
			}
			got, err := w.Next(done, rapid.IntRange(1, 3).Draw(rt, "most"))
			var gone *agent.GoneError
			if errors.As(err, &gone) {
				if gone.First != next || gone.Oldest <= next {
					rt.Fatalf("%+v, and %d comes next", gone, next)
				}
				next = gone.Oldest
				continue
			}
			for _, e := range got {
				for ; next < e.Sequence; next++ {
					if wanted[next] {
						rt.Fatalf("%d was left out", next)
					}
				}
				if e.Sequence != next || !wanted[next] {
					rt.Fatalf("%d, and %d comes next", e.Sequence, next)
				}
				next++
			}
			for ; next <= w.Told(); next++ {
				if wanted[next] {
					rt.Fatalf("%d was left out", next)
				}
			}
		}
	})
}

// TestAFormIsMadeOnce: for all who watch.
func TestAFormIsMadeOnce(t *testing.T) {
	e, made := said("lobby", "x"), 0
	for range 3 {
		if got := e.Form(func(e *agent.Event) any { made++; return e.Room }); got != "lobby" || made != 1 {
			t.Errorf("%v, made %d times", got, made)
		}
	}
}
