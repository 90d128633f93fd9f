package room

import (
	"context"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Ask puts a question to those who are meant by it, or to all in to, as if it had been typed in the
// room's chat by who.
func (r *Room) Ask(ctx context.Context, who, text string, to ...string) error {
	return r.tell(ctx, told{turn.Asked{Who: who, Text: text, To: to}, cause{who: who, text: text, typed: true}})
}

// Configure changes how the conversation goes. Errors: *turn.PolicyError, ErrClosed.
func (r *Room) Configure(ctx context.Context, p turn.Policy) error {
	if err := p.Validate(); err != nil {
		return err
	}
	return r.tell(ctx, told{event: turn.Reconfigured{Policy: p}})
}

// tell hands the actor something from outside.
func (r *Room) tell(ctx context.Context, m message) error {
	if r.ended() {
		return ErrClosed
	}
	select {
	case r.inbox <- m:
		return nil
	case <-r.life.Done():
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ended tells whether the room takes nothing any more.
func (r *Room) ended() bool {
	select {
	case <-r.leave:
		return true
	case <-r.life.Done():
		return true
	default:
		return false
	}
}
