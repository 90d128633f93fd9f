package api_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/internal/ops"
)

// account checks that a follower is told of every number once: that it happened, or that it is
// gone.
type account struct {
	t            *testing.T
	next         uint64 // what comes next, 0 before the first
	events, gone uint64
	gaps         int
	mistakes     int
}

func (a *account) told(first, behind uint64, what string) {
	if a.next != 0 && first != a.next || behind <= first {
		if a.mistakes++; a.mistakes < 10 {
			a.t.Errorf("%s %d–%d came where %d was next", what, first, behind-1, a.next)
		}
	}
	a.next = behind
}

func (a *account) follower(event func(*sensoryv1.Event) error) client.Follower {
	return client.Follower{
		Event: func(e *sensoryv1.Event) error {
			a.told(e.GetSequence(), e.GetSequence()+1, "event")
			a.events++
			return event(e)
		},
		Gone: func(first, oldest uint64) {
			a.told(first, oldest, "gone")
			a.gone += oldest - first
			a.gaps++
		},
	}
}

// between serves an API, and has do be called before a request to watch is passed on, by its
// number.
func between(t *testing.T, d *desk, do func(n int, w http.ResponseWriter) http.ResponseWriter) *client.Client {
	t.Helper()
	calls := api.New(api.Config{Host: func() api.Host { return d }})
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/WatchEvents") {
			w = do(int(n.Add(1)), w)
		}
		calls.ServeHTTP(w, r)
	}))
	c, err := client.New(strings.TrimPrefix(s.URL, "http://"), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		s.Close()
	})
	return c
}

// happen logs so many events.
func (d *desk) happen(n int) {
	for range n {
		d.log.Add(&agent.Event{Kind: agent.KindStep})
	}
}

// TestAFollowerWhoseNextEventGoesToo: what it was to go on with is evicted while it asks for it,
// again and again. It goes on with what is kept, and is told what is not.
func TestAFollowerWhoseNextEventGoesToo(t *testing.T) {
	d := seated()
	d.log = agent.NewEvents(agent.EventConfig{Most: 4})
	c := between(t, d, func(n int, w http.ResponseWriter) http.ResponseWriter {
		if n > 1 && n < 8 {
			d.happen(5)
		}
		return w
	})
	d.happen(3)
	enough := errors.New("enough")
	a := &account{t: t, next: 1}
	err := c.Follow(t.Context(), &sensoryv1.WatchEventsRequest{Recent: 3}, a.follower(func(e *sensoryv1.Event) error {
		switch {
		case e.GetSequence() == 3:
			d.happen(5) // 4 goes before it is taken
		case a.gaps > 0 && e.GetSequence() == d.log.Stats().Newest:
			return enough
		}
		return nil
	}))
	if !errors.Is(err, enough) || a.gaps == 0 || a.events < 7 || a.events+a.gone != d.log.Stats().Newest {
		t.Errorf("%v after %d events and %d that are gone in %d gaps; of %d", err, a.events, a.gone, a.gaps, d.log.Stats().Newest)
	}
}

// TestAFollowerOfAWriterThatNeverStops is far too slow for it. It gets what it can, and is told of
// the rest.
func TestAFollowerOfAWriterThatNeverStops(t *testing.T) {
	d := seated()
	d.log = agent.NewEvents(agent.EventConfig{Most: 4096})
	c := serve(t, d).caller(t)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				d.log.Add(&agent.Event{Kind: agent.KindStep})
			}
		}
	}()
	enough := errors.New("enough")
	a := &account{t: t}
	err := c.Follow(t.Context(), &sensoryv1.WatchEventsRequest{Recent: 1}, a.follower(func(*sensoryv1.Event) error {
		if a.gaps >= 5 {
			return enough
		}
		return nil
	}))
	close(stop)
	<-stopped
	if !errors.Is(err, enough) || a.events == 0 || a.gone == 0 {
		t.Errorf("%v after %d events and %d that are gone", err, a.events, a.gone)
	}
}

// cut breaks a connection in the middle of an answer, after so many whole ones.
type cut struct {
	http.ResponseWriter
	whole int
}

func (c *cut) Write(p []byte) (int, error) {
	if c.whole--; c.whole < 0 {
		_, _ = c.ResponseWriter.Write(p[:len(p)/2])
		_ = http.NewResponseController(c.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	return c.ResponseWriter.Write(p)
}

// TestAStreamThatBreaks is gone on with in another one, from where it broke, as often as that
// happens; one that breaks before it has answered is none.
func TestAStreamThatBreaks(t *testing.T) {
	d := seated()
	c := between(t, d, func(n int, w http.ResponseWriter) http.ResponseWriter {
		if n <= 3 {
			return &cut{w, n + 1}
		}
		return w
	})
	d.happen(600)
	enough := errors.New("enough")
	a := &account{t: t, next: 1}
	err := c.Follow(t.Context(), &sensoryv1.WatchEventsRequest{Recent: 600}, a.follower(func(e *sensoryv1.Event) error {
		if e.GetSequence() == 600 {
			return enough
		}
		return nil
	}))
	if !errors.Is(err, enough) || a.events != 600 || a.gaps > 0 {
		t.Errorf("%v after %d events, with %d gaps", err, a.events, a.gaps)
	}
	var tries atomic.Int64
	c = between(t, d, func(_ int, w http.ResponseWriter) http.ResponseWriter { tries.Add(1); return &cut{w, 0} })
	if err := c.Follow(t.Context(), &sensoryv1.WatchEventsRequest{}, client.Follower{}); err == nil || tries.Load() != 1 {
		t.Errorf("nothing was answered: %v after %d tries", err, tries.Load())
	}
}

// TestAnAnswerThatIsTooLarge ends the following: it would be the next time, too.
func TestAnAnswerThatIsTooLarge(t *testing.T) {
	d := seated()
	d.log = agent.NewEvents(agent.EventConfig{Bytes: 64 << 20})
	var tries atomic.Int64
	c := between(t, d, func(_ int, w http.ResponseWriter) http.ResponseWriter { tries.Add(1); return w })
	d.happen(1)
	err := c.Follow(t.Context(), &sensoryv1.WatchEventsRequest{Recent: 1}, client.Follower{Event: func(*sensoryv1.Event) error {
		d.log.Add(&agent.Event{Kind: agent.KindStep, Persona: strings.Repeat("x", 17<<20)})
		return nil
	}})
	var told *client.Error
	if !errors.As(err, &told) || told.Code != connect.CodeResourceExhausted || tries.Load() != 1 {
		t.Errorf("%v after %d tries", err, tries.Load())
	}
}

// TestAFollowerThatPauses until it is cut off, as behind a pager, goes on when it goes on.
func TestAFollowerThatPauses(t *testing.T) {
	d := seated()
	calls, address := listenFor(t, d, ops.Config{Address: "127.0.0.1:0"})
	calls.Impatient(200 * time.Millisecond)
	c, err := client.New(address, "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	write := func() {
		d.log.Add(&agent.Event{Kind: agent.KindSaid, What: room.Said{Text: strings.Repeat("word ", 20_000)}})
	}
	write()
	enough := errors.New("enough")
	a := &account{t: t, next: 1}
	last := uint64(0)
	err = c.Follow(t.Context(), &sensoryv1.WatchEventsRequest{Recent: 1}, a.follower(func(e *sensoryv1.Event) error {
		switch {
		case last == 0: // it reads nothing while more is written than the buffers of a connection hold
			for calls.Stats().Unread == 0 {
				write()
				time.Sleep(10 * time.Millisecond) // it keeps up with that, but for its reader
			}
			for range 200 { // more than is kept
				write()
			}
			last = d.log.Stats().Newest
		case e.GetSequence() == last:
			return enough
		}
		return nil
	}))
	if !errors.Is(err, enough) || a.gaps == 0 || a.events+a.gone != last {
		t.Errorf("%v after %d events and %d that are gone; of %d", err, a.events, a.gone, last)
	}
}

// TestWhatIsNoFollowing: numbers that were never followed are refused as they are, and a process
// that is gone, or another one, is not followed on.
func TestWhatIsNoFollowing(t *testing.T) {
	d := seated()
	d.log = agent.NewEvents(agent.EventConfig{Most: 4})
	d.happen(20)
	after := uint64(3)
	reason := func(err error) string {
		var told *client.Error
		if !errors.As(err, &told) {
			return fmt.Sprint(err)
		}
		return told.Reason
	}
	c := serve(t, d).caller(t)
	if got := reason(c.Follow(t.Context(), &sensoryv1.WatchEventsRequest{After: &after}, client.Follower{})); got != "sequence_gone" {
		t.Errorf("what is gone: %s", got)
	}
	var now atomic.Pointer[desk]
	calls := api.New(api.Config{Host: func() api.Host { return now.Load() }})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if now.CompareAndSwap(nil, d) {
			w = &cut{w, 2}
		} else {
			now.Store(seated())
		}
		calls.ServeHTTP(w, r)
	}))
	defer s.Close()
	c, err := client.New(strings.TrimPrefix(s.URL, "http://"), "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	a := &account{t: t}
	if got := reason(c.Follow(t.Context(), &sensoryv1.WatchEventsRequest{Recent: 1}, a.follower(func(*sensoryv1.Event) error {
		d.happen(1)
		return nil
	}))); got != "other_log" || a.gaps > 0 {
		t.Errorf("another process: %s after %d events", got, a.events)
	}
	d.log.Close()
	c = serve(t, d).caller(t)
	if got := reason(c.Follow(t.Context(), &sensoryv1.WatchEventsRequest{}, client.Follower{})); got != string(api.ReasonClosing) {
		t.Errorf("a process that ends: %s", got)
	}
}
