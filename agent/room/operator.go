package room

import (
	"context"
	"errors"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// ErrNothingWaits means that no reply of a persona waits to be heard.
var ErrNothingWaits = errors.New("no reply of the persona waits to be heard")

// steering is what an operator wants of the floor.
type steering struct {
	event turn.Event
	count func(turn.FloorState) int // replies that it concerns
	came  chan<- int
}

func (steering) message() {}

// SpeakNext has a persona's reply that waits be heard before the others that wait. Errors:
// ErrNothingWaits, ErrClosed, the cause of ctx.
func (r *Room) SpeakNext(ctx context.Context, persona string) error {
	n, err := r.steer(ctx, turn.SpeakNext{Seat: persona}, func(f turn.FloorState) (n int) {
		for _, w := range f.Replies {
			if w.Reply.Seat == persona {
				n++
			}
		}
		return n
	})
	if err == nil && n == 0 {
		err = ErrNothingWaits
	}
	return err
}

// StopSpeaking ends what a persona is saying or about to say, of all where that is empty, and
// returns how many replies it has ended. They go on listening. Errors: ErrClosed, the cause of ctx.
func (r *Room) StopSpeaking(ctx context.Context, persona string) (int, error) {
	return r.steer(ctx, turn.StopSpeaking{Seat: persona}, func(f turn.FloorState) (n int) {
		meant := func(by turn.Reply) bool { return by.Seat != "" && (persona == "" || by.Seat == persona) }
		if meant(f.Holder) {
			n++
		}
		for _, w := range f.Replies {
			if meant(w.Reply) {
				n++
			}
		}
		return n
	})
}

func (r *Room) steer(ctx context.Context, e turn.Event, count func(turn.FloorState) int) (int, error) {
	came := make(chan int, 1)
	if err := r.tell(ctx, steering{e, count, came}); err != nil {
		return 0, err
	}
	return await(ctx, r, came)
}

// steer does what an operator wants.
func (a *actor) steer(m steering) {
	n := m.count(a.table.Floor(a.since(time.Now())))
	a.step(m.event, cause{})
	m.came <- n
}
