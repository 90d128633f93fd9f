package room

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// endings are the limits of an end.
type endings struct {
	clause time.Duration // for the clause that is being said
	finish time.Duration // for what others are saying: its transcript takes a second or two on two cores
	stop   time.Duration // for goroutines that were told to end
}

// Room is one room with the personas that sit in it. It ends with the last of them. Its methods are
// safe from any goroutine.
type Room struct {
	cfg Config
	log *slog.Logger

	inbox    chan message
	leave    chan struct{}   // closed when Close begins
	life     context.Context //nolint:containedctx // the room's own lifetime; the actor ends it
	cancel   context.CancelCauseFunc
	work     sync.WaitGroup // the actor, and what waits for connections in its place
	endings  endings
	once     sync.Once
	failure  error
	speaking atomic.Int32 // participants that speak now: sampling looks at it
	counts   atomic.Pointer[turn.Stats]

	mu    sync.Mutex
	name  string                  // as the server gave it
	taken map[string]bool         // identities that have a seat, or are on their way to it
	seats []*Seat                 // those that have arrived, in order
	conns map[*lk.Connection]bool // those that are open
	hears *lk.Connection          // by which the room is perceived
}

// Open attends a room: nobody sits there yet. The room begins when the first persona takes its seat,
// and ends when the last one has left it.
func Open(cfg Config) (*Room, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	table, err := turn.New(*cfg.Policy)
	if err != nil {
		return nil, err
	}
	tape, err := newTape(&cfg)
	if err != nil {
		return nil, err
	}
	r := &Room{
		cfg: cfg, log: cfg.Logger, name: cfg.Room, inbox: make(chan message, inboxSize), leave: make(chan struct{}),
		endings: endings{clause: 10 * time.Second, finish: 5 * time.Second, stop: 5 * time.Second},
		taken:   map[string]bool{}, conns: map[*lk.Connection]bool{},
	}
	r.life, r.cancel = context.WithCancelCause(context.Background())
	r.work.Go(func() { newActor(r, table, tape).run() })
	return r, nil
}

// Join attends a room with one persona in it: Open and Sit.
func Join(ctx context.Context, models *engine.Models, cfg Config, who Persona) (*Room, error) {
	r, err := Open(cfg)
	if err != nil {
		return nil, err
	}
	if _, err := r.Sit(ctx, models, who); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Name is the room's name as the server gave it; before anybody sits there, as the configuration
// has it.
func (r *Room) Name() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.name
}

// Ask puts a question to those who are meant by it, or to all in to, as if it had been typed in the
// room's chat by who.
func (r *Room) Ask(ctx context.Context, who, text string, to ...string) error {
	return r.tell(ctx, told{turn.Asked{Who: who, Text: text, To: to}, cause{who: who, text: text, typed: true}})
}

// Configure changes how the conversation goes. Errors: *turn.PolicyError, ErrClosed.
func (r *Room) Configure(ctx context.Context, p turn.Policy) error {
	if err := p.Validate(); err != nil {
		return err
	}
	return r.tell(ctx, told{event: turn.Reconfigured{Policy: p}})
}

// Mute has a persona say nothing, or speak again; it goes on listening.
func (r *Room) Mute(ctx context.Context, identity string, on bool) error {
	return r.tell(ctx, told{event: turn.SeatMuted{Seat: identity, On: on}})
}

// tell hands the table something from outside.
func (r *Room) tell(ctx context.Context, m told) error {
	select {
	case <-r.leave:
		return ErrClosed
	case <-r.life.Done():
		return ErrClosed
	default:
	}
	select {
	case r.inbox <- m:
		return nil
	case <-r.life.Done():
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Seats are the personas that sit here, in the order in which they came.
func (r *Room) Seats() []*Seat {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.seats)
}

// Ready tells whether every persona here can do its work now: see Seat.Ready.
func (r *Room) Ready() bool {
	seats := r.Seats()
	return len(seats) > 0 && !slices.ContainsFunc(seats, func(s *Seat) bool { return !s.Ready() })
}

// Limits returns what was refused of other participants so far, and what became of questions.
func (r *Room) Limits() LimitStats {
	var out LimitStats
	r.mu.Lock()
	hears, seats := r.hears, r.seats
	r.mu.Unlock()
	if hears != nil {
		out.Room = hears.Stats()
	}
	for _, s := range seats {
		out.UnheardPackets += s.line.unheard.Load()
	}
	if q := r.counts.Load(); q != nil {
		out.Questions = *q
	}
	return out
}

// Done is closed when the room has ended by itself or by Close.
func (r *Room) Done() <-chan struct{} { return r.life.Done() }

// Err says why the room ended: nil before that and after Close.
func (r *Room) Err() error {
	if r.life.Err() == nil {
		return nil
	}
	if err := context.Cause(r.life); !errors.Is(err, ErrClosed) {
		return err
	}
	return nil
}

// Close has personas end with the clause that they are saying, within 10 s, has what is being said
// by others finalised and kept, within 5 s, leaves the room, and waits until every goroutine,
// decoder and buffer of it is gone. It is idempotent and returns what went wrong while closing:
// ErrCloseLimit where something did not end in time.
func (r *Room) Close() error {
	r.once.Do(func() {
		close(r.leave)
		if !within(r.endings.clause+r.endings.finish+r.endings.stop, r.life.Done()) {
			r.cancel(ErrClosed) // the actor is stuck
		}
		left := r.disconnect()
		ended := make(chan struct{})
		go func() {
			r.work.Wait()
			close(ended)
		}()
		if !within(r.endings.stop, ended) { // what still runs uses the rest, which stays open
			r.failure = errors.Join(left, fmt.Errorf("%w: tracks or answers of room %q still run", ErrCloseLimit, r.Name()))
			for _, s := range r.Seats() {
				s.abandon(context.Cause(r.life))
			}
			return
		}
		r.failure = left
		for _, s := range r.Seats() {
			r.failure = errors.Join(r.failure, s.end(context.Cause(r.life)))
		}
	})
	return r.failure
}

// disconnect leaves the room with every connection, all at once.
func (r *Room) disconnect() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	errs := make(chan error, len(r.conns))
	for c := range r.conns {
		go func() { errs <- c.Close() }()
	}
	var all []error
	for range r.conns {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}

// within waits for a channel to be closed, and tells whether it was in time.
func within(limit time.Duration, done <-chan struct{}) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
