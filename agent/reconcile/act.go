package reconcile

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"time"
)

// EventKind says what a reconciler did, or found.
type EventKind string

// Kinds of events.
const (
	Redispatched EventKind = "redispatched" // the wish has a new dispatch
	Raced        EventKind = "raced"        // another reconciler was faster; nothing was done
	Swept        EventKind = "swept"        // what was of no use was deleted
	Failed       EventKind = "failed"       // Err says what; it is tried again if it is still needed
	Looked       EventKind = "looked"       // a look at all rooms; Waiting says how many wait
)

// Event is something that a reconciler did, with the reason.
type Event struct {
	At     time.Time `json:"at"`
	Kind   EventKind `json:"event"`
	Reason Reason    `json:"reason,omitempty"`
	Room   string    `json:"room,omitempty"`
	Agent  string    `json:"agent,omitempty"`
	// Wish is the id of the dispatch that was asked for first, Old the one that was deleted, New
	// the one that was made. Attempt counts from 1 how often the wish was dispatched again.
	Wish    string `json:"wish,omitempty"`
	Old     string `json:"old,omitempty"`
	New     string `json:"new,omitempty"`
	Attempt int    `json:"attempt,omitempty"`
	// Waiting are the dispatches that no agent serves, Rooms those that were looked at, of Looked.
	Waiting int   `json:"waiting"`
	Rooms   int   `json:"rooms,omitempty"`
	Err     error `json:"-"`
}

// act does one thing, and says what came of it. It does what it began to its end even when ctx
// ends, within the limits of its calls: half of it would have to wait for a lease.
func (r *Reconciler) act(ctx context.Context, a action) (e Event, made Dispatch) {
	ctx = context.WithoutCancel(ctx)
	e = Event{Reason: a.reason, Room: a.room, Wish: a.root, Old: a.target.ID, Agent: a.target.Agent}
	if a.kind == adopt {
		e.Agent = a.target.Attributes[AttributeAgent]
	}
	if a.kind == sweep {
		err := r.api.Delete(ctx, a.room, a.target.ID)
		e.Kind = Swept
		switch {
		case errors.Is(err, ErrGone):
			e.Kind = Raced
		case err != nil:
			e.Kind, e.Err = Failed, err
		}
		return e, made
	}
	made, err := r.replace(ctx, a)
	e.Kind, e.New, e.Attempt = Redispatched, made.ID, attempt(made)
	switch {
	case errors.Is(err, ErrGone):
		e.Kind = Raced
	case err != nil:
		e.Kind, e.Err = Failed, err
	}
	return e, made
}

// replace puts a new dispatch in the place of the target, and at no time two. What it is at is
// written down in the room itself, as a dispatch for a name that nobody has: whoever comes after a
// reconciler that died finds there what is missing. Of several that are at the same wish the one
// that deletes the target goes on, which the server grants once.
func (r *Reconciler) replace(ctx context.Context, a action) (made Dispatch, err error) {
	began := r.now()
	claim, err := r.api.Create(ctx, claimOf(a, r.cfg.ID))
	if err != nil {
		return made, err
	}
	if claim.Attributes[AttributeDispatch] != a.root {
		return made, errors.Join(ErrAttributes, r.remove(ctx, a.room, claim.ID))
	}
	switch err := r.api.Delete(ctx, a.room, a.target.ID); {
	case errors.Is(err, ErrGone):
		return made, errors.Join(err, r.remove(ctx, a.room, claim.ID))
	case err != nil:
		return made, err // whether it was deleted nobody knows: the claim stays
	}
	if r.now().Sub(began) > r.cfg.Lease*3/8 {
		return made, ErrLate
	}
	made, err = r.api.Create(ctx, nextOf(a))
	if err != nil {
		return Dispatch{}, err // as above
	}
	for _, c := range append([]Dispatch{claim}, a.rest...) {
		if err := r.remove(ctx, a.room, c.ID); err != nil {
			return made, err
		}
	}
	return made, nil
}

// remove deletes a claim that may be gone already.
func (r *Reconciler) remove(ctx context.Context, room, id string) error {
	if err := r.api.Delete(ctx, room, id); err != nil && !errors.Is(err, ErrGone) {
		return err
	}
	return nil
}

// claimOf is the claim for an action: everything that is needed to dispatch again.
func claimOf(a action, by string) Dispatch {
	out := a.target
	out.Attributes = maps.Clone(out.Attributes)
	if out.Attributes == nil {
		out.Attributes = map[string]string{}
	}
	if a.kind == replace {
		out.Attributes[AttributeAgent] = out.Agent
	}
	out.Agent = ClaimAgent
	out.Attributes[AttributeDispatch], out.Attributes[AttributeBy] = a.root, by
	return out
}

// nextOf is the dispatch that an action makes.
func nextOf(a action) Dispatch {
	out := a.target
	out.Attributes = maps.Clone(out.Attributes)
	if out.Attributes == nil {
		out.Attributes = map[string]string{}
	}
	if a.kind == adopt {
		out.Agent = out.Attributes[AttributeAgent]
		delete(out.Attributes, AttributeAgent)
		delete(out.Attributes, AttributeBy)
	}
	out.Attributes[AttributeDispatch] = a.root
	out.Attributes[AttributeAttempt] = strconv.Itoa(attempt(a.target) + 1)
	return out
}
