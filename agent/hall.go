package agent

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/media"
)

// hall is a room that seats of the host share: it is open while somebody sits there, and opened
// anew for the next one after it has ended.
type hall struct {
	name   string
	log    *slog.Logger
	events *Events

	mu     sync.Mutex
	cfg    room.Config
	room   *room.Room     // nil before the first one sits down, and once it is known to have ended
	since  time.Time      // when it was opened
	splits int            // rooms in a row that ended because their personas did not see each other
	after  time.Time      // when the next one may be opened
	closes sync.WaitGroup // rooms that have ended and are being closed
	last   error          // of the last one that was closed
}

// A server takes a room down step by step: it tells one participant after the other, and then
// forgets the room by its name. Whoever enters again before that stands in a room that is forgotten
// with the old one: nobody who comes later finds it (tried against server 1.13.5). So a room that a
// server has closed is opened again after a while only, for all of its seats at once.
const (
	settle = time.Second
	jitter = 500 * time.Millisecond // at most, besides: several processes may sit in one room
	whole  = time.Minute            // a room that has held for so long was no split one
)

// reopens is how long after its end a room may be opened again; splits counts those in a row that
// ended with room.ErrSplit, this one included.
func reopens(why error, splits int) time.Duration {
	switch {
	case errors.Is(why, room.ErrSplit):
		return min(lastDelay, firstDelay<<min(max(0, splits-1), 6))
	case errors.Is(why, room.ErrRoomClosed), errors.Is(why, room.ErrRoomDeleted):
		return settle
	}
	return 0
}

// jittered is a pause with some chance in it; none stays none.
func jittered(d time.Duration) time.Duration {
	if d == 0 {
		return 0
	}
	return d + rand.N(jitter)
}

// enter has a persona take a seat.
func (h *hall) enter(ctx context.Context, models *engine.Models, who room.Persona) (*room.Seat, error) {
	for {
		r, err := h.open(ctx)
		if err != nil {
			return nil, err
		}
		s, err := r.Sit(ctx, models, who)
		if errors.Is(err, room.ErrClosed) && ctx.Err() == nil { // the last one has just left it
			<-r.Done()
			continue
		}
		return s, err
	}
}

// open returns the room, a new one where there is none or it has ended, as soon as that may be.
// Errors: those of room.Open, and the cause of ctx.
func (h *hall) open(ctx context.Context) (*room.Room, error) {
	for {
		r, pause, err := h.try()
		if pause <= 0 {
			return r, err // of the room's configuration
		}
		if media.Sleep(ctx, pause) != nil {
			return nil, context.Cause(ctx)
		}
	}
}

// try is open without waiting: it returns how long that would be.
func (h *hall) try() (r *room.Room, pause time.Duration, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.room != nil {
		select {
		case <-h.room.Done():
			h.ended(h.room)
		default:
			return h.room, 0, nil
		}
	}
	if pause := time.Until(h.after); pause > 0 {
		return nil, pause, nil
	}
	if r, err = room.Open(h.cfg); err != nil {
		return nil, 0, err
	}
	h.room, h.since = r, time.Now()
	h.tells(RoomChange{Open: true})
	h.closes.Go(func() {
		<-r.Done()
		h.mu.Lock()
		h.ended(r)
		h.mu.Unlock()
		h.tells(RoomChange{Err: r.Err()})
		err := r.Close()
		if err != nil {
			h.log.Error("a room was not closed in order", "room", h.name, "error", err)
		}
		h.mu.Lock()
		h.last = err
		h.mu.Unlock()
	})
	return r, 0, nil
}

// ended takes note that a room has ended, once. The lock is held.
func (h *hall) ended(r *room.Room) {
	if h.room != r {
		return
	}
	why := r.Err()
	if !errors.Is(why, room.ErrSplit) || time.Since(h.since) > whole {
		h.splits = 0
	}
	if errors.Is(why, room.ErrSplit) {
		h.splits++
	}
	h.room, h.after = nil, time.Now().Add(jittered(reopens(why, h.splits)))
}

// tells logs that the room was opened, or has ended.
func (h *hall) tells(c RoomChange) {
	h.events.Add(&Event{At: time.Now(), Kind: KindRoom, Room: h.name, What: c})
}

// now is the room that is open; nil where none is.
func (h *hall) now() *room.Room {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.room == nil {
		return nil
	}
	select {
	case <-h.room.Done():
		return nil
	default:
		return h.room
	}
}

// configure changes how the conversation goes, in the room that is open and in later ones.
func (h *hall) configure(ctx context.Context, p turn.Policy, shared bool) error {
	h.mu.Lock()
	h.cfg.Policy, h.cfg.Shared = &p, shared
	h.mu.Unlock()
	if r := h.now(); r != nil {
		if err := r.Configure(ctx, p); err != nil && !errors.Is(err, room.ErrClosed) {
			return err
		}
	}
	return nil
}

// close ends the room and waits for every one that was open.
func (h *hall) close() error {
	h.mu.Lock()
	r := h.room
	h.mu.Unlock()
	if r != nil {
		_ = r.Close() // told by the goroutine that waits for its end
	}
	h.closes.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}
