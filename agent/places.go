package agent

import (
	"fmt"

	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// free tells whether a persona may take a seat in a room: nobody of its name, its identity or
// another name that it answers to sits there. The host's lock is held.
func (h *Host) free(in string, p persona.Persona) error {
	called := []turn.Persona{{Name: p.Name, Aliases: p.Aliases}}
	for _, o := range h.present(in) {
		if o.Name == p.Name || o.Ident() == p.Ident() {
			return fmt.Errorf("%w: %q in room %q", ErrSeated, p.Name, in)
		}
		called = append(called, turn.Persona{Name: o.Name, Aliases: o.Aliases})
	}
	if err := turn.CheckNames(called); err != nil {
		return persona.FieldError{Field: "personas", Text: err.Error()}
	}
	return nil
}

// present are the personas with a seat in a room, and those for whom one is held. The host's lock
// is held.
func (h *Host) present(in string) (out []persona.Persona) {
	for _, s := range h.seats {
		if s.hall.name == in {
			out = append(out, s.persona)
		}
	}
	for _, x := range h.claims {
		if x.in == in {
			out = append(out, x.who...)
		}
	}
	return out
}

// fits tells whether so many more may sit. The host's lock is held.
func (h *Host) fits(more int) error {
	if taken := h.taken(); h.cfg.Seats > 0 && taken+more > h.cfg.Seats {
		return fmt.Errorf("%w: %d of %d are taken, %d more are wanted", ErrFull, taken, h.cfg.Seats, more)
	}
	return nil
}

// taken counts seats and places that are held. The host's lock is held.
func (h *Host) taken() int {
	n := len(h.seats)
	for _, x := range h.claims {
		n += len(x.who)
	}
	return n
}

// Load is which share of the seats is taken, held ones included: 1 or more where there is no room
// for so many more; 0 where nothing bounds them.
func (h *Host) Load(more int) float64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cfg.Seats == 0 {
		return 0
	}
	if h.fits(more) != nil {
		return max(1, float64(h.taken())/float64(h.cfg.Seats))
	}
	return float64(h.taken()) / float64(h.cfg.Seats)
}
