package lk_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// witness asks for every track, and remembers what it is told.
type witness struct {
	*lk.Connection
	work sync.WaitGroup

	mu      sync.Mutex
	states  map[string]string // of others, by identity
	packets map[string]int    // by id of the track
	tracks  map[string]*lk.Publication
	texts   map[string]bool
	down    bool // the connection, as was told last
}

// watch has somebody be a witness until the test ends.
func watch(t *testing.T, c *lk.Connection) *witness {
	t.Helper()
	w := &witness{Connection: c, states: map[string]string{}, packets: map[string]int{}, tracks: map[string]*lk.Publication{}, texts: map[string]bool{}}
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(func() {
		stop()
		w.work.Wait()
	})
	w.work.Go(func() {
		for {
			select {
			case e := <-c.Events():
				w.take(ctx, t, e)
			case <-ctx.Done():
				return
			}
		}
	})
	return w
}

func (w *witness) take(ctx context.Context, t *testing.T, e lk.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := e.(type) {
	case lk.ConnectionChanged:
		if e.Up && !w.down {
			t.Error("the connection is up again and was not down")
		}
		w.down = !e.Up
	case lk.AttributesChanged:
		if state, ok := e.Changed[lk.AttrState]; ok {
			w.states[e.Participant.Identity] = state
		}
	case lk.TrackPublished:
		w.tracks[e.Publication.SID()] = e.Publication
		if err := e.Publication.Subscribe(true); err != nil {
			t.Error(err)
		}
	case lk.TrackGone:
		delete(w.tracks, e.SID)
	case lk.TrackSubscribed:
		w.work.Go(func() { w.count(ctx, e) })
	case lk.TextReceived:
		w.texts[e.Text] = true
	case lk.SendFailed:
		t.Errorf("not sent: %s: %v", e.Topic, e.Err)
	}
}

func (w *witness) count(ctx context.Context, e lk.TrackSubscribed) {
	sid := e.Publication.SID()
	_ = e.Packets(ctx, func(*rtp.Packet, time.Time) { // how it ends is of no interest here
		w.mu.Lock()
		defer w.mu.Unlock()
		w.packets[sid]++
	}, func(time.Time) {})
}

// sees waits until something is so.
func (w *witness) sees(t *testing.T, what string, so func() bool) {
	t.Helper()
	holds := func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return so()
	}
	for limit := time.Now().Add(40 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("%s does not see within 40 s: %s", w.Identity(), what)
		}
	}
}

// hears waits until packets of a track have come that were not there before, whatever its id is
// meanwhile.
func (w *witness) hears(t *testing.T, voice *lk.VoiceTrack) {
	t.Helper()
	sid, before := "", 0
	w.sees(t, "packets of the voice", func() bool {
		if now := voice.SID(); now != sid {
			sid, before = now, w.packets[now]
		}
		return w.packets[sid] > before+5
	})
}

// reads waits until a text arrives that somebody writes until it does: see reaches.
func (w *witness) reads(t *testing.T, from *witness, text string) {
	t.Helper()
	var next time.Time
	w.sees(t, text, func() bool {
		if now := time.Now(); now.After(next) {
			next = now.Add(2 * time.Second)
			if err := from.SendText(lk.TopicChat, "", text, nil); err != nil {
				t.Error(err)
			}
		}
		return w.texts[text]
	})
}
