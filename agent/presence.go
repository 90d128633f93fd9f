package agent

import (
	"context"

	"github.com/sensory-agent/sensory-agent/agent/room"
)

// Presence returns who is in a room that is open, by its name. Errors: ErrNoRoom, ErrHostClosed,
// room.ErrClosed, the cause of ctx.
func (h *Host) Presence(ctx context.Context, in string) (room.Presence, error) {
	r, err := h.openRoom(in)
	if err != nil {
		return room.Presence{}, err
	}
	return r.Presence(ctx)
}

// Ask puts a question to those in a room who are meant by it, or to all in to, by their identities,
// as if it had been typed there by who; it is not kept as a message. Errors: as Presence.
func (h *Host) Ask(ctx context.Context, in, who, text string, to ...string) error {
	r, err := h.openRoom(in)
	if err != nil {
		return err
	}
	return r.Ask(ctx, who, text, to...)
}
