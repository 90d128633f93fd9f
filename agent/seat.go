package agent

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// SeatState is how far a persona is on its way into a room.
type SeatState string

// States of a seat.
const (
	SeatLoading SeatState = "loading" // its models are being opened
	SeatJoining SeatState = "joining" // it enters the room
	SeatIn      SeatState = "in"      // it is in the room
	SeatLeft    SeatState = "left"    // the room has ended; it enters again, or ends
	SeatWaiting SeatState = "waiting" // the server is not there; Next says when it is tried again
	SeatFailed  SeatState = "failed"  // it cannot sit here; Err says why
	SeatEnded   SeatState = "ended"   // it was told to leave
)

// SeatStatus is how one seat is.
type SeatStatus struct {
	Room, Persona string
	State         SeatState
	// Ready tells whether the persona can do its work now: see room.Room.Ready.
	Ready bool
	Since time.Time
	// Err is what stands in the way, nil where nothing does.
	Err error
	// Next is when the room is entered again, in state waiting.
	Next time.Time
	// Entered counts how often the room was entered.
	Entered int
}

// seat is a persona on its way into a room, in it, or out of it.
type seat struct {
	host    *Host
	room    persona.Room
	persona persona.Persona

	cancel  context.CancelFunc
	done    chan struct{}
	failure error // of the end, once done is closed
	in      atomic.Pointer[room.Room]

	mu     sync.Mutex
	status SeatStatus
}

// sit starts the goroutine of a seat. The host's lock is held.
func (h *Host) sit(in persona.Room, p persona.Persona) *seat {
	ctx, cancel := context.WithCancel(context.Background())
	s := &seat{host: h, room: in, persona: p, cancel: cancel, done: make(chan struct{})}
	s.set(SeatLoading, nil, time.Time{})
	go func() {
		defer close(s.done)
		defer cancel()
		broke := fence.Do(func() error { s.failure = s.run(ctx); return nil })
		switch {
		case broke != nil: // a panic: it ends this seat and no other
			s.failure = broke
			s.set(SeatFailed, broke, time.Time{})
		case ctx.Err() != nil:
			s.set(SeatEnded, s.failure, time.Time{})
		}
	}()
	return s
}

// stop asks the seat to end in order.
func (s *seat) stop() { s.cancel() }

// run opens the models, and stays in the room until ctx ends or it cannot. The error is that of the
// end; what keeps the persona out is in the status.
func (s *seat) run(ctx context.Context) error {
	models, err := s.host.cfg.Open(ctx, s.persona)
	if err != nil {
		if ctx.Err() == nil {
			s.set(SeatFailed, err, time.Time{})
		}
		return nil
	}
	cfg := s.host.cfg.Room
	cfg.Room, cfg.Identity, cfg.Name = s.room.Name, s.persona.Identity, s.persona.Name
	if cfg.Identity == "" {
		cfg.Identity = s.persona.Name
	}
	cfg.Mode = turn.Mode(s.room.Mode.String())
	cfg.Prompt, cfg.Greeting, cfg.Aliases, cfg.History = s.persona.Prompt, s.persona.Greeting, s.persona.Aliases, s.persona.History
	attempts := 0
	watch := Watch{
		At: func(stage string) {
			if stage == Joining {
				s.set(SeatJoining, nil, time.Time{})
			} else {
				s.set(SeatLeft, nil, time.Time{})
			}
		},
		In: func(r *room.Room) {
			s.in.Store(r)
			if r != nil {
				attempts = 0
				s.set(SeatIn, nil, time.Time{})
			}
		},
	}
	for {
		err := Stay(ctx, models, cfg, watch)
		if ctx.Err() != nil {
			return errors.Join(err, models.Close())
		}
		delay, ok := again(err, attempts)
		if !ok {
			s.set(SeatFailed, err, time.Time{})
			return models.Close()
		}
		attempts++
		s.set(SeatWaiting, err, time.Now().Add(delay))
		if !wait(ctx, delay) {
			return models.Close()
		}
	}
}

// wait tells whether it was not ended early.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// gone tells whether an end means that the server is not there, or does not answer: what may be
// otherwise in a while.
func gone(err error) bool {
	return errors.Is(err, lk.ErrUnreachable) || errors.Is(err, lk.ErrMedia) ||
		errors.Is(err, room.ErrRoomGone) && !errors.Is(err, room.ErrRemoved)
}

// set changes the status and reports it.
func (s *seat) set(state SeatState, err error, next time.Time) {
	s.mu.Lock()
	entered := s.status.Entered
	if state == SeatIn {
		entered++
	}
	s.status = SeatStatus{Room: s.room.Name, Persona: s.persona.Name, State: state, Since: time.Now(), Err: err, Next: next, Entered: entered}
	s.mu.Unlock()
	if err != nil {
		s.host.log.Error("a persona is not in its room", "room", s.room.Name, "persona", s.persona.Name, "state", string(state), "error", err)
	}
	s.host.cfg.Report(s.now())
}

// now is the status with what the room says of itself.
func (s *seat) now() SeatStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.status
	if r := s.in.Load(); r != nil {
		out.Ready = r.Ready()
	}
	return out
}
