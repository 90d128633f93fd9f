package agent

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// hall is a room that seats of the host share: it is open while somebody sits there, and opened
// anew for the next one after it has ended.
type hall struct {
	name   string
	log    *slog.Logger
	events *Events

	mu     sync.Mutex
	cfg    room.Config
	room   *room.Room     // nil before the first one sits down
	closes sync.WaitGroup // rooms that have ended and are being closed
	last   error          // of the last one that was closed
}

// enter has a persona take a seat.
func (h *hall) enter(ctx context.Context, models *engine.Models, who room.Persona) (*room.Seat, error) {
	for {
		r, err := h.open()
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

// open returns the room, a new one where there is none or it has ended.
func (h *hall) open() (*room.Room, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.room != nil {
		select {
		case <-h.room.Done():
		default:
			return h.room, nil
		}
	}
	r, err := room.Open(h.cfg)
	if err != nil {
		return nil, err
	}
	h.room = r
	h.tells(RoomChange{Open: true})
	h.closes.Go(func() {
		<-r.Done()
		h.tells(RoomChange{Err: r.Err()})
		err := r.Close()
		if err != nil {
			h.log.Error("a room was not closed in order", "room", h.name, "error", err)
		}
		h.mu.Lock()
		h.last = err
		h.mu.Unlock()
	})
	return r, nil
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
