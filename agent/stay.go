package agent

import (
	"context"
	"errors"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/media"
)

// NotJoinedError says that a persona did not get into its room.
type NotJoinedError struct{ Err error }

// Error is that of the cause, which names the room.
func (e *NotJoinedError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *NotJoinedError) Unwrap() error { return e.Err }

// Stages of a stay.
const (
	Joining = "joining"
	Left    = "left"
)

// Watch is told how a stay goes, by the goroutine that called Stay. Both are required.
type Watch struct {
	// At is told the stage, before the room is joined and after it is left.
	At func(stage string)
	// In is told the room while the persona is in it, and nil afterwards.
	In func(*room.Room)
}

// Stay keeps a persona in its room until ctx ends. The server closes a room some time after the
// last human has left; the persona then opens it again, after a second or so, and waits for the
// next one. Every other end is an error: *NotJoinedError where the room was not entered.
func Stay(ctx context.Context, models *engine.Models, cfg room.Config, who room.Persona, watch Watch) error {
	for {
		watch.At(Joining)
		r, err := room.Join(ctx, models, cfg, who)
		if err != nil {
			return &NotJoinedError{err}
		}
		watch.In(r)
		select {
		case <-ctx.Done():
		case <-r.Done():
		}
		watch.At(Left)
		watch.In(nil)
		why, left := r.Err(), r.Close()
		if ctx.Err() != nil || !errors.Is(why, room.ErrRoomClosed) {
			return errors.Join(why, left)
		}
		if media.Sleep(ctx, jittered(reopens(why, 0))) != nil {
			return left
		}
	}
}
