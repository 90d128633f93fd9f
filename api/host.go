package api

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"connectrpc.com/connect"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/store"
)

// Host is what the calls need of an [agent.Host], whose comments say what each method does.
type Host interface {
	Rooms
	Personas
	Chat
	Turns
	// Events is the log of what happens.
	Events() *agent.Events
}

// Rooms shows rooms.
type Rooms interface {
	Seats() []agent.SeatStatus
	Closed() bool
	Presence(ctx context.Context, in string) (room.Presence, error)
	Ask(ctx context.Context, in, who, text string, to ...string) error
	Levels(ctx context.Context, in string, tell func([]room.Level) bool) error
	Sight(ctx context.Context, in, persona string, turn uint64, track string) (room.Sighted, error)
}

// Personas seats personas.
type Personas interface {
	Persona(in, name string) (persona.Persona, agent.SeatBy, error)
	Spawn(ctx context.Context, in string, p persona.Persona) error
	Remove(ctx context.Context, in, name string) error
	Mute(ctx context.Context, in, name string, on bool) error
	SpeakNext(ctx context.Context, in, persona string) error
	StopSpeaking(ctx context.Context, in, persona string) (int, error)
}

// Chat keeps and lists messages.
type Chat interface {
	SendChat(ctx context.Context, m agent.ChatSend) (store.Message, error)
	ListChat(ctx context.Context, q store.ChatQuery) ([]store.Message, error)
	// Store is nil where nothing is kept.
	Store() *store.DB
	// Leased writes to it under a lease for at most ttl, 0 for 30 s.
	Leased(ctx context.Context, what string, ttl time.Duration, write func(ctx context.Context, guard func() error) error) error
}

// Turns plans turns and carries plans out.
type Turns interface {
	PlanTurn(ctx context.Context, in agent.TurnRequest) (turn.Request, turn.Plan, error)
	RunTurn(ctx context.Context, in string, p turn.Plan, request turn.Request) (turn.Result, error)
	MissingContexts(of []string) []string
	CacheContext(g turn.Given) (string, error)
}

var _ Host = (*agent.Host)(nil)

// host is the one that is asked.
func (s *Server) host() (Host, error) {
	if h := s.cfg.Host(); h != nil {
		return h, nil
	}
	return nil, failure(connect.CodeUnavailable, ReasonLoading, "the process is still loading; try again when /readyz says so")
}

// place is a room as the API names it.
type place struct{ name, handle string }

// lookLimit is how long the store is asked what rooms are called: who is there does not depend on
// it.
const lookLimit = 2 * time.Second

// unheard tells whether the store could not say what it was asked within lookLimit; ctx is the
// call's.
func unheard(ctx context.Context, err error) bool {
	return store.WhyOf(err) != "" || errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil
}

// placeOf finds a room by its handle or name. It has its name alone where the store has never seen
// it, and where the store cannot be asked while somebody has a seat in a room of just that name.
func placeOf(ctx context.Context, h Host, which string) (place, error) {
	db := h.Store()
	if db == nil {
		return place{name: which}, nil
	}
	look, stop := context.WithTimeout(ctx, lookLimit)
	defer stop()
	switch r, err := db.Room(look, which); {
	case err == nil:
		return place{r.Name, r.Handle}, nil
	case errors.Is(err, store.ErrNoRoom), unheard(ctx, err) && len(sitting(h, which)) > 0:
		return place{name: which}, nil
	default:
		return place{}, err
	}
}

// handlesOf are the handles of rooms by their names; none while the store cannot be asked.
func handlesOf(ctx context.Context, h Host) (map[string]string, error) {
	db, out := h.Store(), map[string]string{}
	if db == nil {
		return out, nil
	}
	look, stop := context.WithTimeout(ctx, lookLimit)
	defer stop()
	kept, err := db.Rooms(look)
	if err != nil && !unheard(ctx, err) {
		return nil, err
	}
	for _, r := range kept {
		out[r.Name] = r.Handle
	}
	return out, nil
}

// sitting are the seats of a room, by its name.
func sitting(h Host, name string) []agent.SeatStatus {
	return slices.DeleteFunc(h.Seats(), func(st agent.SeatStatus) bool { return st.Room != name })
}

// seatsIn are the seats of a room. The error is that there are none, or none any more.
func seatsIn(h Host, in place) ([]agent.SeatStatus, error) {
	seats := sitting(h, in.name)
	switch {
	case len(seats) == 0 && h.Closed(): // asked behind the seats: closing takes them all at once
		return nil, agent.ErrHostClosed
	case len(seats) == 0:
		return nil, failure(connect.CodeNotFound, ReasonUnknownRoom, "no persona has a seat in room %q", in.name)
	}
	return seats, nil
}

// addressed is the room that is asked for, where somebody has to sit, and the identities of those
// who are asked there.
func addressed(ctx context.Context, h Host, which, field string, who []string) (in place, to []string, err error) {
	if in, err = placeOf(ctx, h, which); err != nil {
		return in, nil, err
	}
	seats, err := seatsIn(h, in)
	if err != nil {
		return in, nil, err
	}
	to, err = meant(seats, field, who)
	return in, to, err
}

// meant are the identities of personas among seats, who are named by that or by their names.
func meant(seats []agent.SeatStatus, field string, who []string) (out []string, err error) {
	for _, name := range who {
		i := slices.IndexFunc(seats, func(st agent.SeatStatus) bool { return st.Identity == name || st.Persona == name })
		if i < 0 {
			e := failure(connect.CodeNotFound, ReasonUnknownPersona, "no persona %q has a seat in room %q", name, seats[0].Room)
			e.Field = field
			return nil, e
		}
		out = append(out, seats[i].Identity)
	}
	return out, nil
}

// roomsOf are the rooms of seats, by name.
func roomsOf(seats []agent.SeatStatus, handles map[string]string) (out []*sensoryv1.Room) {
	for _, seat := range seats {
		i, found := slices.BinarySearchFunc(out, seat.Room, func(r *sensoryv1.Room, name string) int {
			return cmp.Compare(r.GetName(), name)
		})
		if !found {
			out = slices.Insert(out, i, &sensoryv1.Room{Name: seat.Room, Handle: handles[seat.Room]})
		}
		out[i].Personas = append(out[i].Personas, seat.Persona)
		out[i].Open = out[i].Open || seat.State == agent.SeatIn
		if seat.Ready {
			out[i].Ready++
		}
	}
	return out
}
