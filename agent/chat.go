package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/store"
)

// ErrNoRoom means that no persona sits in a room now, so that it is not open: nobody has entered it
// yet, or it has ended.
var ErrNoRoom = errors.New("no such room is open")

// ChatSend is a message for a room's chat.
type ChatSend struct {
	// Room is the name of a room that is open.
	Room string
	// From is the identity of who wrote it: of a person, there or not.
	From, Text string
	// To are the personas that it is for, by identity or name; none where the text says who is
	// meant.
	To []string
	// ReplyTo is the id of the message of that room that it answers; may be empty.
	ReplyTo string
	// Key names it for the client: the same one again, from the same sender in the same room, is
	// the same message, and not put to the room again. May be empty.
	Key string
}

// SendChat keeps a message and puts it to its room, as if it had been typed in the room's chat, or
// to those in To alone; people in the room see it. When it returns, the message is durable; replies
// are messages whose ReplyTo is its id. Errors: ErrNoRoom, ErrHostClosed and those of
// room.Room.Send.
func (h *Host) SendChat(ctx context.Context, m ChatSend) (store.Message, error) {
	r, err := h.openRoom(m.Room)
	if err != nil {
		return store.Message{}, err
	}
	return r.Send(ctx, room.Letter{From: m.From, Text: m.Text, To: m.To, ReplyTo: m.ReplyTo, Key: m.Key})
}

// ListChat returns messages of rooms, open or not: see store.DB.ListChat. Errors: room.ErrNoStore
// and those of the store.
func (h *Host) ListChat(ctx context.Context, q store.ChatQuery) ([]store.Message, error) {
	db := h.Store()
	if db == nil {
		return nil, room.ErrNoStore
	}
	return db.ListChat(ctx, q)
}

// Store is where what is said is kept; nil where nothing is. It is closed by whoever opened it.
func (h *Host) Store() *store.DB {
	if h.cfg.Room.Transcripts == nil {
		return nil
	}
	return h.cfg.Room.Transcripts.DB()
}

// Leased writes to Store under a lease of the disk: see store.Writer.Leased. Errors:
// room.ErrNoStore, and those of that.
func (h *Host) Leased(ctx context.Context, what string, ttl time.Duration, write func(ctx context.Context, guard func() error) error) error {
	if h.cfg.Room.Transcripts == nil {
		return room.ErrNoStore
	}
	return h.cfg.Room.Transcripts.Leased(ctx, what, ttl, write)
}

// openRoom finds a room that is open by its name. Errors: ErrNoRoom, ErrHostClosed.
func (h *Host) openRoom(name string) (*room.Room, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, ErrHostClosed
	}
	if at := h.halls[name]; at != nil {
		if r := at.now(); r != nil {
			return r, nil
		}
	}
	var open []string
	for _, name := range slices.Sorted(maps.Keys(h.halls)) {
		if h.halls[name].now() != nil {
			open = append(open, fmt.Sprintf("%q", name))
		}
	}
	if len(open) == 0 {
		return nil, fmt.Errorf("%w: %q, nor any other: personas are on their way", ErrNoRoom, name)
	}
	return nil, fmt.Errorf("%w: %q; there are %s", ErrNoRoom, name, strings.Join(open, ", "))
}
