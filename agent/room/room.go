package room

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// endings are the limits of a room's end.
type endings struct {
	finish time.Duration // for what is being said then: its transcript takes a second or two on two cores
	stop   time.Duration // for goroutines that were told to end
}

// Room is one room with one persona in it. Its methods are safe from any goroutine.
type Room struct {
	cfg    Config
	models *engine.Models
	log    *slog.Logger
	seat   *Seat
	senses *senses.Senses

	inbox    chan message
	leave    chan struct{}   // closed when Close begins
	life     context.Context //nolint:containedctx // the room's own lifetime; the actor ends it
	cancel   context.CancelCauseFunc
	work     sync.WaitGroup // the actor, and what waits for the connection in its place
	endings  endings
	once     sync.Once
	failure  error
	speaking atomic.Int32 // participants that speak now: sampling looks at it
	ready    atomic.Bool  // see Ready
	counts   atomic.Pointer[turn.Stats]
}

// Join seats a persona in a room: it enters, publishes its voice and starts listening. ctx bounds
// joining only. The models must stay open until the room is closed. A token without a right that a
// persona needs is refused before anything else: a *StageError around a *GrantError.
func Join(ctx context.Context, models *engine.Models, cfg Config) (*Room, error) {
	begin := time.Now()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	r := &Room{
		cfg: cfg, models: models, inbox: make(chan message, inboxSize), leave: make(chan struct{}),
		endings: endings{finish: 5 * time.Second, stop: 5 * time.Second},
	}
	r.life, r.cancel = context.WithCancelCause(context.Background())
	table, err := turn.New(policy(&cfg))
	if err != nil {
		return nil, err
	}
	if r.seat, err = take(ctx, r); err != nil {
		r.cancel(ErrClosed)
		return nil, err
	}
	r.log = r.seat.log
	r.senses = senses.New(r.life, senses.Deps{
		Models: models, Holder: r.seat.holder, Speaking: func() bool { return r.speaking.Load() > 0 }, KeepFrames: cfg.KeepFrames,
		Log: r.log, Sink: r.perceive,
	})
	r.work.Go(func() { newActor(r, table, begin).run() })
	return r, nil
}

// policy is how the conversation of a room goes.
func policy(cfg *Config) turn.Policy {
	p := turn.Default()
	p.Mode = cmp.Or(cfg.Mode, turn.ModeFront)
	return p
}

// Name is the room's name as the server gave it.
func (r *Room) Name() string { return r.seat.holder.Room }

// Ask puts a question to the persona as if it had been typed in the room's chat by who.
func (r *Room) Ask(ctx context.Context, who, text string) error {
	select {
	case <-r.leave:
		return ErrClosed
	case <-r.life.Done():
		return ErrClosed
	default:
	}
	select {
	case r.inbox <- asked{who: who, text: text}:
		return nil
	case <-r.life.Done():
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Ready tells whether the persona can do its work now: it is connected, has the rights that it
// needs, and its voice is published.
func (r *Room) Ready() bool { return r.ready.Load() }

// Limits returns what was refused of other participants so far, and what became of questions.
func (r *Room) Limits() LimitStats {
	out := LimitStats{Room: r.seat.conn.Stats(), UnheardPackets: r.seat.line.unheard.Load()}
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

// Close has what is being said by others finalised and kept, within 5 s, leaves the room, and waits
// until every goroutine, decoder and buffer of it is gone. It is idempotent and returns what went
// wrong while closing: ErrCloseLimit where something did not end within 20 s.
func (r *Room) Close() error {
	r.once.Do(func() {
		close(r.leave)
		if !within(r.endings.finish+r.endings.stop, r.life.Done()) {
			r.cancel(ErrClosed) // the actor is stuck
		}
		leave := r.seat.conn.Close()
		ended := make(chan struct{})
		go func() {
			r.wait()
			close(ended)
		}()
		if !within(r.endings.stop, ended) { // what still runs uses the rest, which stays open
			r.failure = errors.Join(leave, fmt.Errorf("%w: tracks or answers of room %q still run", ErrCloseLimit, r.seat.holder.Room))
			return
		}
		r.failure = errors.Join(leave, r.seat.free())
	})
	return r.failure
}

// wait waits for every goroutine of the room.
func (r *Room) wait() {
	r.work.Wait()
	r.senses.Wait()
	r.seat.replies.Wait()
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

// rightsOf is what the server lets a persona do, as the table sees it.
func rightsOf(seat string, p lk.Permissions) turn.Rights {
	return turn.Rights{Seat: seat, Subscribe: p.CanSubscribe, Publish: p.CanPublish, Data: p.CanPublishData}
}
