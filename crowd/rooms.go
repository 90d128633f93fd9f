package crowd

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
)

// join seats the personas, a few at a time.
func (b *bench) join(ctx context.Context, at Server, prefix string) error {
	b.rooms = make([]*room.Room, b.cfg.Rooms)
	return several(b.cfg.Rooms, func(i int) (err error) {
		cfg := room.Config{
			URL: at.URL, APIKey: at.Key, APISecret: at.Secret, Room: fmt.Sprint(prefix, i), Logger: b.cfg.Logger,
			Observe: func(from room.Origin, e room.Event) {
				b.observe(i, e)
				if b.cfg.Tell != nil {
					b.cfg.Tell(from, e)
				}
			},
		}
		switch {
		case b.cfg.Personas > 0:
			return b.seatPanel(ctx, cfg)
		case b.cfg.Second != nil:
			return b.seatFirst(ctx, cfg)
		}
		b.rooms[i], err = room.Join(ctx, b.cfg.Models, cfg, room.Persona{Identity: "persona"})
		return err
	})
}

// leave ends the rooms.
func (b *bench) leave() error {
	return several(len(b.rooms), func(i int) error {
		if b.rooms[i] == nil {
			return nil
		}
		return b.rooms[i].Close()
	})
}

func (b *bench) observe(i int, e room.Event) {
	if b.cfg.Personas > 0 {
		b.mu.Lock()
		b.saw.note(e)
		b.mu.Unlock()
	}
	switch e := e.(type) {
	case room.TurnDone:
		b.mu.Lock()
		b.traces[i] = append(b.traces[i], e.Trace)
		b.mu.Unlock()
	case room.Problem:
		b.say("room %d: %v", i, e.Err)
	}
}

// taken are the traces so far.
func (b *bench) taken() map[int][]reply.Trace {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make(map[int][]reply.Trace, len(b.traces))
	for i, t := range b.traces {
		out[i] = append([]reply.Trace(nil), t...)
	}
	return out
}

// several does something for each of n rooms, a few at a time.
func several(n int, do func(i int) error) error {
	errs := make([]error, n)
	places := make(chan struct{}, joinAtOnce)
	var work sync.WaitGroup
	for i := range n {
		work.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			errs[i] = do(i)
		})
	}
	work.Wait()
	return errors.Join(errs...)
}
