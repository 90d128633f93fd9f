package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// HostConfig says where personas are seated and what they run on.
type HostConfig struct {
	// Room is what every room is attended with: server, key pair, limits, transcripts, logger. Its
	// Room, Policy and Shared are the host's to set.
	Room room.Config
	// Open opens the models of a persona. It may be called by several goroutines; the host closes
	// what it returns.
	Open func(context.Context, persona.Persona) (*engine.Models, error)
	// Contexts is how many bytes of contexts from outside are kept; 0 is 64 MiB. See CacheContext.
	Contexts int64
	// Events bounds the log of what happens.
	Events EventConfig
	// Enter, if set, may change how a persona enters a room: with a token of its own, by voice
	// alone. It is called by the seat's goroutine.
	Enter func(room string, who *room.Persona)
	// Report is told what becomes of every seat, by the seat's goroutine: it must not block.
	Report func(SeatStatus)
	// Seats bounds who sits in all rooms at once, places that are held included; 0 sets no bound.
	// Those of Apply count, and are not refused.
	Seats int
}

// Host seats personas in rooms, many side by side in one process: each seat has a goroutine that
// opens the persona's models, enters the room, and stays. What befalls one seat concerns no other.
// Its methods are safe from any goroutine.
type Host struct {
	cfg HostConfig
	log *slog.Logger

	contexts *contexts
	events   *Events

	applying sync.Mutex // one change at a time
	mu       sync.Mutex
	set      persona.Set
	seats    []*seat          // in the order in which they were taken
	claims   []*claim         // places that are held
	halls    map[string]*hall // by room
	closed   bool
}

// ErrHostClosed means that the host has been closed.
var ErrHostClosed = errors.New("host is closed")

// claim is places that are held for personas in a room.
type claim struct {
	in  string
	who []persona.Persona
}

// NewHost makes a host of nobody.
func NewHost(cfg HostConfig) (*Host, error) {
	if cfg.Open == nil {
		return nil, fmt.Errorf("%w: nothing opens models", room.ErrConfig)
	}
	events := NewEvents(cfg.Events)
	events.rooms(&cfg.Room)
	cfg.Report = events.seats(cfg.Report)
	kept, err := newContexts(cfg.Contexts)
	if err != nil {
		return nil, err
	}
	h := &Host{cfg: cfg, log: cfg.Room.Logger, halls: map[string]*hall{}, contexts: kept, events: events}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	return h, nil
}

// Events is the log of what happens in the host's rooms and to its seats.
func (h *Host) Events() *Events { return h.events }

// Seats returns how every seat is, in the order in which they were taken.
func (h *Host) Seats() []SeatStatus {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]SeatStatus, len(h.seats))
	for i, s := range h.seats {
		out[i] = s.now()
	}
	return out
}

// Rooms returns the rooms that are open, by name.
func (h *Host) Rooms() []*room.Room {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []*room.Room
	for _, name := range slices.Sorted(maps.Keys(h.halls)) {
		if r := h.halls[name].now(); r != nil {
			out = append(out, r)
		}
	}
	return out
}

// Seat returns how the seat of a persona in a room is, and whether there is one.
func (h *Host) Seat(in, name string) (SeatStatus, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.find(in, name); s != nil {
		return s.now(), true
	}
	return SeatStatus{}, false
}

// Closed tells whether Close was called: nobody has a seat any more, and nobody gets one.
func (h *Host) Closed() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.closed
}

// Close has every seat end in order, all at once, and waits for them. It is idempotent.
func (h *Host) Close() error {
	h.applying.Lock()
	defer h.applying.Unlock()
	h.mu.Lock()
	h.closed = true
	seats, halls := h.seats, h.halls
	h.seats, h.halls = nil, nil
	h.mu.Unlock()
	err := end(seats)
	for _, at := range halls {
		err = errors.Join(err, at.close())
	}
	h.events.Close()
	return err
}

// sit starts the goroutine of a seat. The host's lock is held.
func (h *Host) sit(s *seat) *seat {
	ctx, cancel := context.WithCancel(context.Background())
	s.report, s.log, s.enters = h.cfg.Report, h.log, h.cfg.Enter
	if s.open == nil {
		s.open = h.cfg.Open
	}
	s.cancel, s.done, s.arrived = cancel, make(chan struct{}), make(chan struct{})
	s.set(SeatLoading, nil, time.Time{})
	go func() {
		defer close(s.done)
		defer cancel()
		broke := fence.Do(func() error { s.failure = s.run(ctx); return nil })
		switch {
		case broke != nil: // a panic: it ends this seat and no other
			s.failure = broke
			s.set(SeatFailed, broke, time.Time{})
		case ctx.Err() != nil:
			s.set(SeatEnded, s.failure, time.Time{})
		}
		if s.by == ByDispatch || s.by == ByRequest && ctx.Err() != nil { // one of a request that failed stays, with its reason
			h.forget(s)
		}
	}()
	return s
}

// hall is that of a room, a new one where there is none: shared says that several will sit there at
// once. The host's lock is held.
func (h *Host) hall(in string, shared bool) *hall {
	at := h.halls[in]
	if at == nil {
		cfg, p := h.cfg.Room, turn.Default()
		cfg.Room, cfg.Policy, cfg.Shared = in, &p, shared
		at = &hall{name: in, log: h.log, events: h.events, cfg: cfg}
		h.halls[in] = at
	}
	return at
}

// vacate forgets a hall where nobody sits and nobody will; it tells whether that is so. The host's
// lock is held.
func (h *Host) vacate(at *hall) bool {
	if h.halls[at.name] != at || h.set.Has(at.name) || slices.ContainsFunc(h.seats, func(s *seat) bool { return s.hall == at }) {
		return false
	}
	delete(h.halls, at.name)
	return true
}

// find is the seat of a persona, by its name or identity; nil where it has none. The host's lock is
// held.
func (h *Host) find(in, name string) *seat {
	for _, s := range h.seats {
		if s.hall.name == in && (s.persona.Name == name || s.persona.Ident() == name) {
			return s
		}
	}
	return nil
}

// forget takes a seat that has ended from the list, and its hall where nobody sits any more. It is
// idempotent.
func (h *Host) forget(s *seat) {
	h.mu.Lock()
	h.seats = slices.DeleteFunc(h.seats, func(o *seat) bool { return o == s })
	empty := h.vacate(s.hall)
	h.mu.Unlock()
	if empty {
		_ = s.hall.close() // it has told
	}
}
