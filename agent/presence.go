package agent

import (
	"context"

	"github.com/sensory-agent/sensory-agent/agent/room"
)

// Presence returns who is in a room that is open, by its handle or name. Errors: ErrNoRoom,
// room.ErrClosed, the cause of ctx.
func (h *Host) Presence(ctx context.Context, which string) (room.Presence, error) {
	r, err := h.chatRoom(ctx, which)
	if err != nil {
		return room.Presence{}, err
	}
	return r.Presence(ctx)
}

// Ask puts a question to those in a room who are meant by it, or to all in to, by their identities,
// as if it had been typed there by who; it is not kept as a message. Errors: ErrNoRoom,
// room.ErrClosed, the cause of ctx.
func (h *Host) Ask(ctx context.Context, which, who, text string, to ...string) error {
	r, err := h.chatRoom(ctx, which)
	if err != nil {
		return err
	}
	return r.Ask(ctx, who, text, to...)
}
