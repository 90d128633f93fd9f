package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sensory-agent/sensory-agent/agent/persona"
)

// Spawn seats a persona in a room beyond what the set says, and returns when it is in the room. It
// stays as those of the set do, and Apply does not touch it: Remove and Close end it. Where it is
// not in the room before ctx ends, or cannot be, it is not seated. Errors: persona.FieldError
// values, joined; ErrSeated; ErrFull; *NotJoinedError with the cause; ErrHostClosed.
func (h *Host) Spawn(ctx context.Context, in string, p persona.Persona) error {
	set := persona.Set{Personas: []persona.Persona{p}, Rooms: []persona.Room{{Name: in, Personas: []string{p.Name}}}}
	if err := h.check(&set); err != nil {
		return err
	}
	s, err := h.spawn(in, p)
	if err != nil {
		return err
	}
	select {
	case <-s.arrived:
		return nil
	case <-s.done:
		err = s.now().Err
		if err == nil {
			err = ErrUnseated
		}
	case <-ctx.Done():
		at := s.now() // before it is told to leave, which takes what stands in its way off it
		err = errors.Join(fmt.Errorf("not in the room in time, but %s: %w", at.State, context.Cause(ctx)), at.Err)
	}
	return &NotJoinedError{errors.Join(err, h.dismiss(s))}
}

// spawn has a persona take its seat.
func (h *Host) spawn(in string, p persona.Persona) (*seat, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, ErrHostClosed
	}
	if s := h.find(in, p.Name); s != nil && s.by == ByRequest && s.ended() { // it failed
		h.seats = slices.DeleteFunc(h.seats, func(o *seat) bool { return o == s })
	}
	if err := h.free(in, p); err != nil {
		return nil, err
	}
	if err := h.fits(1); err != nil {
		return nil, err
	}
	s := h.sit(&seat{hall: h.hall(in, false), persona: p, by: ByRequest})
	h.seats = append(h.seats, s)
	return s, nil
}

// Remove has a persona that Spawn or a dispatch seated end what it says and leave, and waits for
// that, at most until ctx ends; it leaves then all the same. One that is still on its way is called
// back. Errors: ErrUnseated; ErrOfFile; ErrHostClosed; that of its end.
func (h *Host) Remove(ctx context.Context, in, name string) error {
	s, err := h.seated(in, name)
	switch {
	case err != nil:
		return err
	case s.by == ByFile:
		return fmt.Errorf("%w: %q in room %q", ErrOfFile, name, in)
	}
	s.stop()
	select {
	case <-s.done:
		return h.dismiss(s)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Mute tells a persona not to speak, or to speak again: see room.Seat.Mute. It holds until it is
// taken back, also when the persona enters the room anew; a reload that changes the persona takes
// it back. Errors: ErrUnseated, ErrHostClosed, and the cause of ctx.
func (h *Host) Mute(ctx context.Context, in, name string, on bool) error {
	s, err := h.seated(in, name)
	if err != nil {
		return err
	}
	return s.mute(ctx, on)
}

// Persona returns what the seat of a persona, by its name or identity, was made from, and who had
// it taken. The lists in it belong to the seat: they are not to be changed. Errors: ErrUnseated,
// ErrHostClosed.
func (h *Host) Persona(in, name string) (persona.Persona, SeatBy, error) {
	s, err := h.seated(in, name)
	if err != nil {
		return persona.Persona{}, "", err
	}
	return s.persona, s.by, nil
}

// seated is the seat of a persona. Errors: ErrUnseated, ErrHostClosed.
func (h *Host) seated(in, name string) (*seat, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, ErrHostClosed
	}
	s := h.find(in, name)
	if s == nil {
		return nil, fmt.Errorf("%w: %q in room %q", ErrUnseated, name, in)
	}
	return s, nil
}

// dismiss has a seat end, waits for that, and forgets it.
func (h *Host) dismiss(s *seat) error {
	s.stop()
	<-s.done
	h.forget(s)
	return s.failure
}
