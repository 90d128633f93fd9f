package agent

import (
	"time"

	"github.com/sensory-agent/sensory-agent/agent/room"
)

// rooms has what happens in rooms logged before it is told as their configuration says.
func (l *Events) rooms(cfg *room.Config) {
	observe, steps := cfg.Observe, cfg.Steps
	cfg.Observe = func(from room.Origin, e room.Event) {
		if kind := kindOf(e); kind != "" {
			l.Add(&Event{At: time.Now(), Kind: kind, Room: from.Room, Persona: from.Persona, What: lean(e)})
		}
		if observe != nil {
			observe(from, e)
		}
	}
	cfg.Steps = func(in string, s room.Step) {
		l.Add(&Event{At: time.Now(), Kind: KindStep, Room: in, What: s})
		if steps != nil {
			steps(in, s)
		}
	}
}

// seats has what becomes of seats logged before it is told.
func (l *Events) seats(report func(SeatStatus)) func(SeatStatus) {
	return func(st SeatStatus) {
		l.Add(&Event{At: st.Since, Kind: KindSeat, Room: st.Room, Persona: st.Identity, What: st})
		if report != nil {
			report(st)
		}
	}
}

// lean is an event without the picture that it may hold.
func lean(e room.Event) room.Event {
	if saw, ok := e.(room.Saw); ok {
		saw.Frame = nil
		return saw
	}
	return e
}
