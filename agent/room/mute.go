package room

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// attrMuted tells front ends that a persona was told not to speak. It is empty while it may.
const attrMuted = "sensory_agent.muted"

// attributes are what is shown of a persona from the start.
func (p *Persona) attributes() map[string]string {
	out := map[string]string{}
	maps.Copy(out, p.Attributes)
	out[lk.AttrState] = lk.StateInitializing
	if p.Muted {
		out[attrMuted] = "true"
	}
	return out
}

// muting tells a persona not to speak, or that it may again.
type muting struct {
	seat *Seat
	on   bool
}

func (muting) message() {}

// Mute tells the persona not to speak, or to speak again. What it is saying ends at once; it goes
// on listening, and is silent for the reason turn.ReasonMuted. It returns when the room has taken
// the request; ctx bounds the wait for that. Errors: ErrClosed.
func (s *Seat) Mute(ctx context.Context, on bool) error {
	return s.room.tell(ctx, muting{s, on})
}

// Muted tells whether the persona was told not to speak.
func (s *Seat) Muted() bool { return s.muted.Load() }

func (a *actor) mute(m muting) {
	s := m.seat
	if s.muted.Load() == m.on || !slices.Contains(a.sitting, s) {
		return
	}
	s.muted.Store(m.on)
	shown := ""
	if m.on {
		shown = "true"
	}
	s.conn.SetAttributes(map[string]string{attrMuted: shown})
	a.observe(s, MuteChanged{At: time.Now(), On: m.on})
	a.step(turn.SeatMuted{Seat: s.holder.Persona, On: m.on}, cause{})
}
