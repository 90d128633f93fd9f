package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Holding says what is held: seats of personas in a room, for somebody who may be sent there.
type Holding struct {
	Room     string
	Personas []persona.Persona
	// Policy is how the conversation goes where nobody sits in that room yet and the set says
	// nothing of it; nil is turn.Default.
	Policy *turn.Policy
	// SID is the room's id, as the server gave it to whoever is sent there; empty where it is not
	// known. In a later room of the same name they stay only where a human is.
	SID string
	// Open opens the models of a persona, for HostConfig.Open where it is nil.
	Open func(context.Context, persona.Persona) (*engine.Models, error)
}

// Hold is seats that are kept free, with the models open that they need. It ends with Release or
// with Attend. Its methods are safe from any goroutine.
type Hold struct {
	claim  // for those who have no seat there yet
	host   *Host
	policy *turn.Policy
	sid    string

	mu     sync.Mutex
	models []*engine.Models // of who; nil once they were given back, or to seats
}

// Hold keeps seats free for those of the personas that have none in the room yet, and opens their
// models; ctx bounds that. Errors: ErrSeated where all have one; ErrFull; persona.FieldError;
// ErrHostClosed; those of opening.
func (h *Host) Hold(ctx context.Context, want Holding) (*Hold, error) {
	open := want.Open
	if open == nil {
		open = h.cfg.Open
	}
	x, err := h.keep(&want)
	if err != nil {
		return nil, err
	}
	for _, p := range x.who {
		m, err := open(ctx, p)
		if err != nil {
			x.Release()
			return nil, err
		}
		x.models = append(x.models, m) // nobody else knows of it yet
	}
	return x, nil
}

// keep takes the places.
func (h *Host) keep(want *Holding) (*Hold, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, ErrHostClosed
	}
	x := &Hold{claim: claim{in: want.Room}, host: h, policy: want.Policy, sid: want.SID}
	for _, p := range want.Personas {
		err := h.free(want.Room, p)
		switch {
		case errors.Is(err, ErrSeated):
			continue
		case err != nil:
			return nil, err
		}
		x.who = append(x.who, p)
	}
	if len(x.who) == 0 {
		return nil, fmt.Errorf("%w: all that were asked for, in room %q", ErrSeated, want.Room)
	}
	if err := h.fits(len(x.who)); err != nil {
		return nil, err
	}
	h.claims = append(h.claims, &x.claim)
	return x, nil
}

// First is the persona that comes first.
func (x *Hold) First() persona.Persona { return x.who[0] }

// Release gives back what is held. It is idempotent, and does nothing once the personas have taken
// their seats.
func (x *Hold) Release() {
	x.host.mu.Lock()
	x.host.claims = slices.DeleteFunc(x.host.claims, func(o *claim) bool { return o == &x.claim })
	x.host.mu.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, m := range x.models {
		if err := m.Close(); err != nil {
			x.host.log.Error("models were not given back in order", "room", x.in, "error", err)
		}
	}
	x.models = nil
}

// Attend seats the personas, and returns when all of them have left: the server has closed the
// room, somebody has put them out of it, or ctx has ended; they end what they say first. Where only
// the server is away they enter again. Unlike others they open no room again that was closed, and
// leave one of the same name that came after it (Holding.SID) where no human is there within 20 s,
// which the seat's status says. first are attributes of the first of them.
//
// Errors: the cause of ctx; *NotJoinedError where nobody got into the room; ErrUnseated after
// Release, and after an earlier call; ErrHostClosed; and what went wrong at the end.
func (x *Hold) Attend(ctx context.Context, first map[string]string) error {
	seats, err := x.sit(first)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() {
		for _, s := range seats {
			s.stop()
		}
	})()
	came := false
	var errs, kept []error
	for _, s := range seats {
		<-s.done
		errs = append(errs, s.failure)
		select {
		case <-s.arrived:
			came = true
		default:
			kept = append(kept, s.now().Err)
		}
	}
	err = errors.Join(errs...)
	switch {
	case ctx.Err() != nil:
		return errors.Join(context.Cause(ctx), err)
	case !came && errors.Join(kept...) != nil:
		return &NotJoinedError{errors.Join(append(kept, err)...)}
	}
	return err
}

// sit has the personas take their seats, the first of them with these attributes.
func (x *Hold) sit(first map[string]string) ([]*seat, error) {
	h := x.host
	h.mu.Lock()
	defer h.mu.Unlock()
	x.mu.Lock()
	models := x.models
	x.models = nil
	x.mu.Unlock()
	i := slices.Index(h.claims, &x.claim)
	if i < 0 || models == nil {
		return nil, ErrUnseated
	}
	h.claims = slices.Delete(h.claims, i, i+1)
	if h.closed {
		var errs []error
		for _, m := range models {
			errs = append(errs, m.Close())
		}
		return nil, errors.Join(append(errs, ErrHostClosed)...)
	}
	fresh := h.halls[x.in] == nil
	at := h.hall(x.in, len(x.who) > 1)
	if fresh && x.policy != nil {
		at.cfg.Policy = x.policy // nobody else knows of it yet
	}
	var seats []*seat
	for i, p := range x.who {
		s := &seat{hall: at, persona: p, by: ByDispatch, sent: x.sid, open: func(context.Context, persona.Persona) (*engine.Models, error) { return models[i], nil }}
		if i == 0 {
			s.shown = first
		}
		seats = append(seats, h.sit(s))
	}
	h.seats = append(h.seats, seats...)
	return seats, nil
}
