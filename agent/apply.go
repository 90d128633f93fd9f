package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/media"
)

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

// shut ends what the file said of a room. Personas that sit there otherwise stay.
func (h *Host) shut(in string) {
	h.mu.Lock()
	at := h.halls[in]
	empty := at != nil && h.vacate(at)
	h.mu.Unlock()
	switch {
	case at == nil:
	case empty:
		_ = at.close() // it has told
	default:
		h.configure(at, turn.Default(), true)
	}
}

func (h *Host) configure(at *hall, p turn.Policy, shared bool) {
	if err := at.configure(context.Background(), p, shared); err != nil {
		h.log.Error("the policy of a room was not taken", "room", at.name, "error", err)
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

// seatedEvery is how often Seated looks.
const seatedEvery = 20 * time.Millisecond

// Seated waits until every seat can do its work. It returns the error of the first that failed, and
// the cause of ctx.
func (h *Host) Seated(ctx context.Context) error {
	for {
		ready := true
		for _, s := range h.Seats() {
			if s.State == SeatFailed {
				return fmt.Errorf("%s is not in room %s: %w", s.Persona, s.Room, s.Err)
			}
			ready = ready && s.Ready
		}
		if ready {
			return nil
		}
		if media.Sleep(ctx, seatedEvery) != nil {
			return context.Cause(ctx)
		}
	}
}
