package room

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Open attends a room: nobody sits there yet. The room begins when the first persona takes its
// seat, and ends when the last one has left it.
func Open(cfg Config) (*Room, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	table, err := turn.New(*cfg.Policy)
	if err != nil {
		return nil, err
	}
	waits, err := endpoint(cfg.Policy)
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
		split:   splitAfter, alone: strandedAfter,
		endpoint: waits, taken: map[string]bool{}, conns: map[*lk.Connection]bool{}, letters: newLetters(&cfg.Limits),
	}
	r.speculates.Store(cfg.Policy.Speculate)
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
