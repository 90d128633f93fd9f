package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"
)

// Defaults of a Config.
const (
	// DefaultEvery is the time between two looks.
	DefaultEvery = 500 * time.Millisecond
	// DefaultGrace is how long a server may take to say that a worker was found. Its request to a
	// worker ends after 3 s; but while it asks around who is there, which takes 5 s, once a minute
	// and after a worker has come, it lists no job that was assigned meanwhile (tried against
	// server 1.13.5). Whoever dispatches again before that may send a second agent.
	DefaultGrace = 5500 * time.Millisecond
	// DefaultLease is how long a claim keeps others away.
	DefaultLease = 8 * time.Second
	// DefaultCalls bounds the calls a second that looking takes.
	DefaultCalls = 200
)

const (
	parallel     = 8 // calls at once
	dueMinimum   = 10 * time.Millisecond
	pauseMaximum = 5 * time.Second
	leaseMinimum = 8 * time.Second
	agentsMost   = 64
)

// Config says what is reconciled, and how.
type Config struct {
	// API is the server. Agents are the names whose dispatches are reconciled, at least one; others
	// are not touched.
	API    API
	Agents []string
	// ID tells reconcilers apart in what they leave in rooms; for people only.
	ID string
	// Free tells whether a worker of this name may have room for one more; nil means that nobody
	// knows, and one dispatch of each name is tried from time to time. It must not block.
	Free func(agent string) bool
	// Wake has it look at once: a worker of a name has registered, or a place has become free. It
	// may be nil; a channel that holds one is enough.
	Wake <-chan struct{}
	// Lost has dispatches served anew whose agent has been out of the room for this long while a
	// human is in it; 0 leaves them alone. A server does not tell an agent that was done from one
	// that broke: dispatches whose agents may leave before humans do need JRP_NEVER.
	Lost time.Duration
	// Report is told what is done, by one goroutine; it must not block. It may be nil.
	Report func(Event)
	Logger *slog.Logger

	// The rest has defaults, which zero values stand for.

	Every, Grace, Lease time.Duration
	// Calls a second for looking, in all.
	Calls float64
}

func (c *Config) complete() error {
	switch {
	case c.API == nil:
		return fmt.Errorf("%w: no server", ErrConfig)
	case len(c.Agents) == 0 || len(c.Agents) > agentsMost:
		return fmt.Errorf("%w: %d agent names; there must be between 1 and %d", ErrConfig, len(c.Agents), agentsMost)
	case slices.Contains(c.Agents, ClaimAgent):
		return fmt.Errorf("%w: %q is no agent's name", ErrConfig, ClaimAgent)
	case c.Every < 0 || c.Grace < 0 || c.Lost < 0 || c.Calls < 0:
		return fmt.Errorf("%w: a time or a rate is negative", ErrConfig)
	case c.Lease != 0 && c.Lease < leaseMinimum:
		return fmt.Errorf("%w: a lease of %s is too short for calls that may take %s; the least is %s", ErrConfig, c.Lease, callLimit, leaseMinimum)
	}
	or(&c.Every, DefaultEvery)
	or(&c.Grace, DefaultGrace)
	or(&c.Lease, DefaultLease)
	or(&c.Calls, DefaultCalls)
	if c.Report == nil {
		c.Report = func(Event) {}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}

func or[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Reconciler dispatches again what a server has given up. Its methods are not for several
// goroutines at once.
type Reconciler struct {
	cfg     Config
	api     API
	log     *slog.Logger
	machine *machine
	calls   *rate.Limiter
	now     func() time.Time
}

// New checks a configuration and makes a reconciler of it. Errors: ErrConfig.
func New(cfg Config) (*Reconciler, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	return &Reconciler{
		cfg: cfg, api: cfg.API, log: cfg.Logger, now: time.Now, calls: rate.NewLimiter(rate.Limit(cfg.Calls), parallel),
		machine: newMachine(machineConfig{
			agents: cfg.Agents, grace: cfg.Grace, lease: cfg.Lease, lost: cfg.Lost, inFlight: windowMaximum, free: cfg.Free,
		}),
	}, nil
}

// Run reconciles until ctx ends, which is no error; what was begun is finished first. A server that
// is away is waited for; a key pair that the first look is refused for is an error.
func (r *Reconciler) Run(ctx context.Context) error {
	next := time.NewTimer(r.cfg.Every)
	defer next.Stop()
	looked, failures := false, 0
	for ctx.Err() == nil {
		_, err := r.round(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			looked, failures = true, 0
		case errors.Is(err, ErrUnauthorized) && !looked:
			return err
		default:
			failures++
			r.tell(Event{Kind: Failed, Err: err})
		}
		next.Reset(r.pause(failures))
		select {
		case <-ctx.Done():
		case <-next.C:
		case <-r.wake(failures):
		}
	}
	return nil
}

// wake is Config.Wake; nobody is woken for a server that is away.
func (r *Reconciler) wake(failures int) <-chan struct{} {
	if failures > 0 {
		return nil
	}
	return r.cfg.Wake
}

// pause is the time before the next look: until a dispatch has been given up, where that is soon,
// and doubled with every one in a row that failed.
func (r *Reconciler) pause(failures int) time.Duration {
	if due := r.machine.due; failures == 0 && !due.IsZero() {
		return min(r.cfg.Every, max(dueMinimum, due.Sub(r.now())))
	}
	return min(r.cfg.Every<<min(failures, 8), max(r.cfg.Every, pauseMaximum))
}

// Once reconciles until everything that it finds waiting has been dispatched again once, and the
// server has had its time with that; of a name for which no worker was free, it tries one. It
// returns how many dispatches are left without an agent.
func (r *Reconciler) Once(ctx context.Context) (left int, err error) {
	r.machine.cfg.once = true
	next := time.NewTimer(r.cfg.Every)
	defer next.Stop()
	for ctx.Err() == nil {
		acted, err := r.round(ctx)
		switch {
		case err != nil:
			return 0, err
		case acted == 0 && !r.machine.busy():
			return r.machine.waiting, nil
		}
		next.Reset(r.cfg.Every)
		select {
		case <-ctx.Done():
		case <-next.C:
		}
	}
	return 0, context.Cause(ctx)
}

// round looks at all rooms once, does what is to be done, and returns how much that was.
func (r *Reconciler) round(ctx context.Context) (acted int, err error) {
	rooms, err := r.see(ctx)
	if err != nil {
		return 0, err
	}
	actions := r.machine.look(r.now(), rooms)
	r.tell(Event{Kind: Looked, Waiting: r.machine.waiting, Rooms: len(rooms)})
	events, made := make([]Event, len(actions)), make([]Dispatch, len(actions))
	var work sync.WaitGroup
	places := make(chan struct{}, parallel)
	for i, a := range actions {
		work.Go(func() {
			places <- struct{}{}
			events[i], made[i] = r.act(ctx, a)
			<-places
		})
	}
	work.Wait()
	for i, e := range events {
		if made[i].ID != "" {
			r.machine.made(r.now(), made[i])
		}
		r.tell(e)
	}
	return len(actions), nil
}

// see asks for everything that a look needs. A room that cannot be seen is left out, and reported:
// it holds up no other.
func (r *Reconciler) see(ctx context.Context) ([]roomView, error) {
	names, err := r.api.Rooms(ctx)
	if err != nil {
		return nil, err // it says everything
	}
	slices.Sort(names)
	views := make([]roomView, len(names))
	failures := make([]error, len(names))
	var refused atomic.Bool
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, name := range names {
		group.Go(func() error {
			views[i], failures[i] = r.seeRoom(ctx, name)
			refused.Store(refused.Load() || errors.Is(failures[i], ErrUnauthorized))
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err // the context's
	}
	if refused.Load() {
		return nil, errors.Join(failures...)
	}
	out := views[:0]
	for i, v := range views {
		if failures[i] != nil {
			r.tell(Event{Kind: Failed, Room: names[i], Err: failures[i]})
			continue
		}
		out = append(out, v)
	}
	return out, nil
}

func (r *Reconciler) seeRoom(ctx context.Context, name string) (v roomView, err error) {
	v.name = name
	if err := r.calls.Wait(ctx); err != nil {
		return v, err // the context's
	}
	if v.dispatches, err = r.api.Dispatches(ctx, name); err != nil || !r.machine.needs(v.dispatches) {
		return v, err // it says everything
	}
	if err := r.calls.Wait(ctx); err != nil {
		return v, err // the context's
	}
	v.participants, err = r.api.Participants(ctx, name)
	v.known = err == nil
	return v, err // it says everything
}

// tell logs an event and passes it on.
func (r *Reconciler) tell(e Event) {
	e.At = r.now()
	level := slog.LevelInfo
	switch e.Kind {
	case Failed:
		level = slog.LevelWarn
	case Looked:
		level = slog.LevelDebug
	case Redispatched, Raced, Swept:
	}
	attrs := []any{"room", e.Room, "agent", e.Agent, "reason", string(e.Reason), "wish", e.Wish, "old", e.Old, "new", e.New, "attempt", e.Attempt}
	if e.Kind == Looked {
		attrs = []any{"rooms", e.Rooms, "waiting", e.Waiting}
	}
	if e.Err != nil {
		attrs = append(attrs, "error", e.Err)
	}
	r.log.Log(context.Background(), level, "reconcile: "+string(e.Kind), attrs...)
	r.cfg.Report(e)
}
