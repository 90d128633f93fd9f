package floor

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/media"
)

const (
	mostProblems = 20 // are kept
	// soft is how much of the end of what is said may be too quiet to be heard as speech.
	soft = 400 * time.Millisecond
)

// watch takes what the room reports and what is heard. It is safe from any goroutine.
type watch struct {
	mu       sync.Mutex
	news     chan struct{} // closed, and replaced, when the room has reported something
	busy     map[string]turn.AgentState
	speaks   string // who is speaking, as the room says; empty for nobody
	stopped  map[string]time.Time
	known    time.Time // the end of the last that people said of which it is known what it was
	frames   []Frame
	problems []string
}

func newWatch() *watch {
	return &watch{news: make(chan struct{}), busy: map[string]turn.AgentState{}, stopped: map[string]time.Time{}}
}

// observe takes what the room reports.
func (w *watch) observe(from room.Origin, e room.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := e.(type) {
	case room.StateChanged:
		w.state(from.Persona, turn.AgentState(e.State), e.At)
	case room.Heard:
		if e.Final && e.End.After(w.known) {
			w.known = e.End
		}
	case room.Unclear:
		w.known = e.At
	case room.Problem:
		if len(w.problems) < mostProblems {
			w.problems = append(w.problems, fmt.Sprintf("%s: %v", from.Persona, e.Err))
		}
	default:
		return
	}
	close(w.news)
	w.news = make(chan struct{})
}

func (w *watch) state(who string, is turn.AgentState, at time.Time) {
	switch is {
	case turn.Speaking:
		w.speaks = who
	default:
		if w.speaks == who {
			w.speaks, w.stopped[who] = "", at
		}
	}
	if is == turn.Listening || is == turn.IdleState {
		delete(w.busy, who)
	} else {
		w.busy[who] = is
	}
}

// hear takes what the listening person hears.
func (w *watch) hear(who string, f rtpin.Frame) {
	level := media.DBFS(f.PCM)
	if level < audible {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.frames = append(w.frames, Frame{Who: who, At: f.Captured, DBFS: level})
}

// until waits until something is so, and says whether it was in time.
func (w *watch) until(ctx context.Context, limit time.Duration, is func() bool) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		w.mu.Lock()
		ready := is()
		news := w.news
		w.mu.Unlock()
		if ready {
			return true
		}
		select {
		case <-news:
		case <-timer.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// speaker waits until a persona speaks.
func (w *watch) speaker(ctx context.Context, limit time.Duration) (who string) {
	w.until(ctx, limit, func() bool { who = w.speaks; return who != "" })
	return who
}

// told is when a persona stopped speaking, waiting for it; zero where it does not, or did so
// before.
func (w *watch) told(ctx context.Context, who string, since time.Time, limit time.Duration) (at time.Time) {
	w.until(ctx, limit, func() bool { at = w.stopped[who]; return at.After(since) })
	if !at.After(since) {
		return time.Time{}
	}
	return at
}

// settled waits until it is known what people said until a time, and nobody speaks or thinks, for a
// while. It says whether that was in time.
func (w *watch) settled(ctx context.Context, said time.Time, while, limit time.Duration) bool {
	still := func() bool { return w.known.After(said.Add(-soft)) && len(w.busy) == 0 }
	for end := time.Now().Add(limit); time.Now().Before(end) && ctx.Err() == nil; {
		if !w.until(ctx, time.Until(end), still) {
			return false
		}
		if !w.until(ctx, while, func() bool { return !still() }) {
			return ctx.Err() == nil
		}
	}
	return false
}

// heard are the frames so far.
func (w *watch) heard() ([]Frame, []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.frames), slices.Clone(w.problems)
}
