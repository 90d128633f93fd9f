package agent

import (
	"context"

	"github.com/sensory-agent/sensory-agent/agent/room"
)

// Sight returns the picture that a persona, by its identity, was given in a turn of a room, or the
// newest one: see room.Room.Sight, whose errors it returns, ErrNoRoom and
// ErrHostClosed.
func (h *Host) Sight(ctx context.Context, in, persona string, turn uint64, track string) (room.Sighted, error) {
	r, err := h.openRoom(in)
	if err != nil {
		return room.Sighted{}, err
	}
	return r.Sight(ctx, persona, turn, track)
}

// Levels tells how loud everybody in a room is, ten times a second: see room.Room.Levels, whose
// errors it returns, ErrNoRoom and ErrHostClosed.
func (h *Host) Levels(ctx context.Context, in string, tell func([]room.Level) bool) error {
	r, err := h.openRoom(in)
	if err != nil {
		return err
	}
	return r.Levels(ctx, tell)
}

// SpeakNext has a persona's reply that waits be heard before the others that wait: see
// room.Room.SpeakNext, whose errors it returns, ErrNoRoom and
// ErrHostClosed.
func (h *Host) SpeakNext(ctx context.Context, in, persona string) error {
	r, err := h.openRoom(in)
	if err != nil {
		return err
	}
	return r.SpeakNext(ctx, persona)
}

// StopSpeaking ends what a persona is saying, or all where that is empty, and returns how many
// replies it has ended: see room.Room.StopSpeaking, whose errors it returns, ErrNoRoom and
// ErrHostClosed.
func (h *Host) StopSpeaking(ctx context.Context, in, persona string) (int, error) {
	r, err := h.openRoom(in)
	if err != nil {
		return 0, err
	}
	return r.StopSpeaking(ctx, persona)
}
