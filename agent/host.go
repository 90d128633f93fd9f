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
	"github.com/sensory-agent/sensory-agent/cognition/memory"
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

	applying sync.Mutex // one change at a time
	mu       sync.Mutex
	set      persona.Set
	seats    []*seat          // in the order in which they were taken
	holds    []*Hold          // that have not become seats
	halls    map[string]*hall // by room
	closed   bool
}

// ErrHostClosed means that the host has been closed.
var ErrHostClosed = errors.New("host is closed")

// NewHost makes a host of nobody.
func NewHost(cfg HostConfig) (*Host, error) {
	if cfg.Open == nil {
		return nil, fmt.Errorf("%w: nothing opens models", room.ErrConfig)
	}
	if cfg.Report == nil {
		cfg.Report = func(SeatStatus) {}
	}
	kept, err := newContexts(cfg.Contexts)
	if err != nil {
		return nil, err
	}
	h := &Host{cfg: cfg, log: cfg.Room.Logger, halls: map[string]*hall{}, contexts: kept}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	return h, nil
}

// Apply makes the set what is served. Seats that are the same in both are not touched; who leaves
// ends in order, and is gone when the next one sits down; Apply returns then, while those are on
// their way. How a conversation goes changes in the room as it is. A set with a mistake changes
// nothing. What goes wrong where a seat is left is in its last status. Errors: persona.FieldError
// values, joined; ErrHostClosed.
func (h *Host) Apply(next persona.Set) error {
	if err := h.check(&next); err != nil {
		return err
	}
	h.applying.Lock()
	defer h.applying.Unlock()
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return ErrHostClosed
	}
	changes := persona.Diff(&h.set, &next)
	h.set = next
	var leave []*seat
	for _, c := range changes {
		for _, name := range c.Leave {
			leave = append(leave, h.take(c.Room, name))
		}
	}
	h.mu.Unlock()
	_ = end(leave) // each reports it
	for _, c := range changes {
		h.change(&next, c)
	}
	return nil
}

// check returns every mistake in a set.
func (h *Host) check(set *persona.Set) error {
	var wrong []error
	for _, p := range set.Check() {
		wrong = append(wrong, p)
	}
	for i, p := range set.Personas {
		if p.History == persona.HistoryStored && h.cfg.Room.Transcripts == nil {
			wrong = append(wrong, persona.FieldError{Field: fmt.Sprintf("personas[%d].history", i), Text: "stored needs a store: give --store or store.path"})
		}
	}
	for i, p := range set.Personas {
		if p.Remember != "" && p.Remember != memory.Never && h.cfg.Room.Transcripts == nil {
			wrong = append(wrong, persona.FieldError{Field: fmt.Sprintf("personas[%d].remember", i), Text: "needs a store: give --store or store.path"})
		}
	}
	return errors.Join(wrong...)
}

// change makes a room what the set says.
func (h *Host) change(set *persona.Set, c persona.Change) {
	if c.Close {
		h.shut(c.Room)
		return
	}
	in := set.Room(c.Room)
	h.mu.Lock()
	at := h.hall(c.Room, false)
	h.mu.Unlock()
	h.configure(at, set.Policy(in), len(in.Personas) > 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range c.Sit {
		p, _ := set.Find(name)
		h.seats = append(h.seats, h.sit(&seat{hall: at, persona: p, by: ByFile}))
	}
}

// take removes a seat of the file from the list.
func (h *Host) take(in, name string) *seat {
	i := slices.IndexFunc(h.seats, func(s *seat) bool { return s.hall.name == in && s.persona.Name == name && s.by == ByFile })
	if i < 0 {
		return nil
	}
	s := h.seats[i]
	h.seats = slices.Delete(h.seats, i, i+1)
	return s
}

// end has seats end in order, all at once, and waits for them.
func end(seats []*seat) error {
	for _, s := range seats {
		if s != nil {
			s.stop()
		}
	}
	var errs []error
	for _, s := range seats {
		if s != nil {
			<-s.done
			errs = append(errs, s.failure)
		}
	}
	return errors.Join(errs...)
}

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
	return err
}

// sit starts the goroutine of a seat. The host's lock is held.
func (h *Host) sit(s *seat) *seat {
	ctx, cancel := context.WithCancel(context.Background())
	s.report, s.log = h.cfg.Report, h.log
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
