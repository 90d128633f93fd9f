package room

import (
	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// refused reports what was not taken of somebody; who writes too much or at too great length is
// told so, once.
func (a *actor) refused(e lk.Refused) {
	a.problem(nil, StageRoom, e.Identity, &RefusedError{Kind: e.Kind})
	var text string
	switch e.Kind {
	case limits.ChatRate:
		text = slowDown(e.Identity, a.cfg.Limits.ChatsPerMinute)
	case limits.ChatBytes:
		text = shorten(e.Identity, a.cfg.Limits.ChatBytes)
	default:
		return
	}
	if len(a.sitting) > 0 {
		a.write(a.sitting[0], e.Identity, text)
	}
}

// write sends a persona's message to the room's chat.
func (a *actor) write(s *Seat, to, text string) {
	a.problem(s, StageText, to, s.conn.SendText(lk.TopicChat, "", text, map[string]string{attrPersona: "true"}))
}
