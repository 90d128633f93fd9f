package agent

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/media"
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

// SeatBy says who had a persona take its seat.
type SeatBy string

// Those who do.
const (
	ByFile     SeatBy = "file"     // the set of Apply
	ByRequest  SeatBy = "request"  // Spawn
	ByDispatch SeatBy = "dispatch" // Hold.Attend
)

// SeatStatus is how one seat is.
type SeatStatus struct {
	Room, Persona string
	Identity      string // who it is in the room
	By            SeatBy
	State         SeatState
	// Muted tells that it was told not to speak.
	Muted bool
	// Ready tells whether the persona can do its work now: see room.Seat.Ready.
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
	open    func(context.Context, persona.Persona) (*engine.Models, error)
	report  func(SeatStatus)
	log     *slog.Logger
	enters  func(string, *room.Persona) // may be nil
	hall    *hall
	persona persona.Persona
	by      SeatBy
	shown   map[string]string // attributes of it, beside those of every persona
	sent    string            // SID of the room that it was sent to; empty where any of the name will do

	cancel  context.CancelFunc
	arrived chan struct{} // closed when it has been in the room
	done    chan struct{}
	failure error // of the end, once done is closed
	in      atomic.Pointer[room.Seat]

	mu     sync.Mutex
	status SeatStatus
	muted  bool
}

// stop asks the seat to end in order.
func (s *seat) stop() { s.cancel() }

// run opens the models, and stays in the room until ctx ends or it cannot. The error is that of the
// end; what keeps the persona out is in the status.
func (s *seat) run(ctx context.Context) error {
	models, err := s.open(ctx, s.persona)
	if err != nil {
		if ctx.Err() == nil {
			s.set(SeatFailed, err, time.Time{})
		}
		return nil
	}
	for attempts := 0; ; attempts++ {
		entered, err := s.stay(ctx, models)
		if ctx.Err() != nil {
			if !entered {
				err = nil // what broke off on its way is no failure
			}
			return errors.Join(err, models.Close())
		}
		if done, why := over(s.by, err); done {
			s.set(SeatEnded, why, time.Time{})
			return models.Close()
		}
		if entered {
			attempts = 0
		}
		if errors.Is(err, room.ErrRoomClosed) { // the hall opens it again after a while, for all seats at once; they wait for the next human
			continue
		}
		delay, ok := again(err, attempts)
		if !ok {
			s.set(SeatFailed, err, time.Time{})
			return models.Close()
		}
		s.set(SeatWaiting, err, time.Now().Add(delay))
		if media.Sleep(ctx, delay) != nil {
			return models.Close()
		}
	}
}

// stay enters the room and stays until ctx ends or the seat does; it tells whether the persona was
// in the room.
func (s *seat) stay(ctx context.Context, models *engine.Models) (entered bool, err error) {
	s.set(SeatJoining, nil, time.Time{})
	who := Seating(&s.persona)
	who.Muted, who.Attributes, who.Sent = s.silent(), s.shown, s.sent
	if s.enters != nil {
		s.enters(s.hall.name, &who)
	}
	in, err := s.hall.enter(ctx, models, who)
	if err != nil {
		return false, err
	}
	s.in.Store(in)
	if on := s.silent(); on != who.Muted { // told meanwhile
		_ = in.Mute(ctx, on) // else it has ended
	}
	s.set(SeatIn, nil, time.Time{})
	select {
	case <-ctx.Done():
		err = in.Leave()
	case <-in.Done():
		err = in.Err()
	}
	s.in.Store(nil)
	s.set(SeatLeft, nil, time.Time{})
	return true, err
}

// Seating is a persona as rooms take it.
func Seating(p *persona.Persona) room.Persona {
	return room.Persona{
		Identity: p.Ident(), Name: p.Name, Prompt: p.Prompt, Greeting: p.Greeting, Idle: p.Idle, Aliases: p.Aliases, Specialty: p.Specialty, History: p.History,
		Remember: cmp.Or(p.Remember, memory.OnRequest),
	}
}

// silent tells whether the persona is to be silent.
func (s *seat) silent() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.muted
}

// mute has the persona be silent, or not any more, now and when it enters again.
func (s *seat) mute(ctx context.Context, on bool) error {
	s.mu.Lock()
	s.muted = on
	s.mu.Unlock()
	if in := s.in.Load(); in != nil {
		if err := in.Mute(ctx, on); !errors.Is(err, room.ErrClosed) {
			return err
		}
	}
	return nil
}

// set changes the status and reports it.
func (s *seat) set(state SeatState, err error, next time.Time) {
	s.mu.Lock()
	entered := s.status.Entered
	if state == SeatIn {
		if entered == 0 {
			close(s.arrived)
		}
		entered++
	}
	s.status = SeatStatus{Room: s.hall.name, Persona: s.persona.Name, Identity: s.persona.Ident(), By: s.by, State: state, Since: time.Now(), Err: err, Next: next, Entered: entered}
	s.mu.Unlock()
	if err != nil {
		s.log.Error("a persona is not in its room", "room", s.hall.name, "persona", s.persona.Name, "state", string(state), "error", err)
	}
	s.report(s.now())
}

// now is the status with what the room says of itself.
func (s *seat) now() SeatStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.status
	out.Muted = s.muted
	if in := s.in.Load(); in != nil {
		out.Ready = in.Ready()
	}
	return out
}

// over tells whether an end is that of what a persona was sent for, and why, where nobody else says
// so.
func over(by SeatBy, err error) (done bool, why error) {
	switch {
	case by != ByDispatch:
		return false, nil
	case errors.Is(err, room.ErrRoomClosed), errors.Is(err, room.ErrRoomDeleted):
		return true, nil
	case errors.Is(err, room.ErrOtherRoom):
		return true, err
	}
	return false, nil
}

// ended tells whether nothing of the seat runs any more.
func (s *seat) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}
