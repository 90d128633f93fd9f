//go:build !race

package lk_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	server "github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// interruption is when the connection of the signals ends: with a message, which may be lost.
type interruption struct {
	passing
	lost bool
	when moment
}

// moment is from when on an interruption may come.
type moment int

const (
	entering  moment = iota // somebody joins
	settled                 // after that
	restarted               // a new connection is made, with a voice that is published anew
	continued               // the connection is interrupted before
)

// toServer and toClient are interruptions once somebody has joined.
func toServer(kind string, lost bool) interruption {
	return interruption{passing{true, kind}, lost, settled}
}

func toClient(kind string, lost bool) interruption {
	return interruption{passing{false, kind}, lost, settled}
}

// TestWhatAnInterruptionTakesIsMadeUpFor: whatever the message is with which the signals are
// interrupted, lost or heard, afterwards everything is as without. With the very first ones joining
// may fail, by type.
func TestWhatAnInterruptionTakesIsMadeUpFor(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for name, row := range map[string]interruption{
		"an attribute":                  toServer("update_metadata", true),
		"a wish for a track":            toServer("subscription", true),
		"a track":                       toServer("add_track", true),
		"a track that was heard of":     toServer("add_track", false),
		"the confirmation of a track":   toClient("track_published", true),
		"the answer to the first offer": toClient("answer", true),
		"an offer of tracks":            toClient("offer", true),
		"who is there":                  toClient("update", true),
		"a track, published anew":       {passing{true, "add_track"}, true, restarted},
		"its confirmation":              {passing{false, "track_published"}, true, restarted},
		"the greeting of a new one":     {passing{false, "reconnect"}, false, continued},
		"what is known":                 {passing{true, "sync_state"}, true, continued},
		"the first answer":              {passing{true, "answer"}, true, entering},
		"after the first answer":        {passing{true, "answer"}, false, entering},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row.happens(t, s)
		})
	}
}

// happens lets it happen in a room of its own.
func (i interruption) happens(t *testing.T, s *server.Server) {
	t.Helper()
	m := amid(t, s)
	begin, happened := i.armed(m)
	her, its := config(s, "ada", false), config(s, "agent", true)
	her.Room, its.Room, its.URL = t.Name(), t.Name(), m.url
	ada := watch(t, join(t, her))
	voice := speaks(t, ada.Connection)
	if i.when == entering {
		begin()
		conn, err := lk.Join(t.Context(), its)
		if refused := (*lk.JoinError)(nil); errors.As(err, &refused) && errors.Is(err, lk.ErrUnreachable) {
			if !strings.Contains(refused.Hint, "WebSocket was closed") {
				t.Errorf("joining ended with %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		lives(t, watch(t, conn), ada, voice, happened)
		return
	}
	agent := watch(t, join(t, its))
	if i.when == settled {
		begin()
		lives(t, agent, ada, voice, happened)
		return
	}
	own := speaks(t, agent.Connection)
	ada.hears(t, own)
	begin()
	if i.when == restarted {
		lk.Restart(agent.Connection)
	} else {
		m.cut()
	}
	within(t, "the interruption", happened)
	ada.hears(t, own)
	if err := own.Unpublish(); err != nil {
		t.Error(err)
	}
	lives(t, agent, ada, voice, happened)
}

// armed has it happen once after begin is called.
func (i interruption) armed(m *middle) (begin func(), happened <-chan struct{}) {
	var mu sync.Mutex
	armed, done := false, make(chan struct{})
	m.fate = func(msg passing) fate {
		mu.Lock()
		defer mu.Unlock()
		if !armed || msg != i.passing {
			return fate{}
		}
		armed = false
		close(done)
		return fate{lost: i.lost, last: true}
	}
	return func() {
		mu.Lock()
		defer mu.Unlock()
		armed = true
	}, done
}

// lives has the agent do everything that a persona does, during which it is interrupted, and looks
// at what comes of it.
func lives(t *testing.T, agent, ada *witness, voice *lk.VoiceTrack, happened <-chan struct{}) {
	t.Helper()
	agent.SetAttributes(map[string]string{lk.AttrState: lk.StateThinking})
	ada.sees(t, "its state", func() bool { return ada.states["agent"] == lk.StateThinking })
	own := speaks(t, agent.Connection)
	within(t, "the interruption", happened)
	ada.hears(t, own)
	agent.hears(t, voice)
	fresh := speaks(t, ada.Connection)
	agent.sees(t, "a new track", func() bool { return agent.tracks[fresh.SID()] != nil })
	agent.hears(t, fresh)
	agent.reads(t, ada, "are you there?")
	ada.reads(t, agent, "yes")
	own.Mute(true)
	ada.sees(t, "that it is muted", func() bool { p := ada.tracks[own.SID()]; return p != nil && p.Muted() })
	agent.SetAttributes(map[string]string{lk.AttrState: lk.StateIdle})
	ada.sees(t, "its next state", func() bool { return ada.states["agent"] == lk.StateIdle })
}

// wireLog remembers what passes a middle.
type wireLog struct {
	mu   sync.Mutex
	said []passing
}

func (w *wireLog) take(msg passing) fate {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, msg)
	return fate{}
}

// counts tells how often something has passed.
func (w *wireLog) counts(toServer bool, kind string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, msg := range w.said {
		if msg == (passing{toServer, kind}) {
			n++
		}
	}
	return n
}

// TestWhatWasHeardIsNotSaidAgain: the server has answered a ping since. And what is not wanted any
// more is not asked for again, which the SDK would do by itself.
func TestWhatWasHeardIsNotSaidAgain(t *testing.T) {
	t.Parallel()
	var wire wireLog
	m, agent, ada := meet(t, wire.take)
	voice := speaks(t, ada)
	p := next[lk.TrackPublished](t, agent).Publication
	if err := p.Subscribe(true); err != nil {
		t.Fatal(err)
	}
	next[lk.TrackSubscribed](t, agent)
	if err := p.Subscribe(false); err != nil {
		t.Fatal(err)
	}
	agent.SetAttributes(map[string]string{lk.AttrState: lk.StateIdle})
	settle(t, func() bool { return wire.counts(true, "update_metadata") == 1 })
	heard := wire.counts(false, "pong_resp")
	settle(t, func() bool { return wire.counts(false, "pong_resp") > heard+1 })
	asked := wire.counts(true, "subscription")
	m.cut()
	downAndUp(t, agent)
	settle(t, func() bool { return wire.counts(true, "sync_state") == 1 })
	fresh := speaks(t, ada)
	for { // it comes after all that the server was told before
		e := next[lk.Event](t, agent)
		if again, ok := e.(lk.TrackSubscribed); ok {
			t.Fatalf("%s is received again", again.Publication.SID())
		}
		if offer, ok := e.(lk.TrackPublished); ok && offer.Publication.SID() == fresh.SID() {
			break
		}
	}
	if got := []int{wire.counts(true, "update_metadata"), wire.counts(true, "subscription")}; !slices.Equal(got, []int{1, asked}) {
		t.Errorf("said %v times, the wish for %s %d times before", got, voice.SID(), asked)
	}
}
