package agent

import (
	"errors"
	"strconv"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/compute"
)

// rooms has what happens in rooms logged before it is told as their configuration says.
func (l *Events) rooms(cfg *room.Config) {
	observe, steps := cfg.Observe, cfg.Steps
	cfg.Observe = func(from room.Origin, e room.Event) {
		if kind := kindOf(e); kind != "" {
			l.Add(&Event{At: time.Now(), Kind: kind, Room: from.Room, Persona: from.Persona, What: lean(e)})
		}
		if done, ok := e.(room.TurnDone); ok {
			l.lease(from, &done.Trace)
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

// leaseWait is what a lease may take without being worth an event.
const leaseWait = 50 * time.Millisecond

// lease logs that the lease of a reply was refused, or given after a wait.
func (l *Events) lease(from room.Origin, t *reply.Trace) {
	until := t.LeaseGiven
	if until.IsZero() && !t.LeaseAsked.IsZero() {
		until = t.Done // a reply ends with the refusal; what is said without a model asks for none
	}
	change := LeaseChange{
		Artifact: "cognition.reply/" + from.Room + "/" + strconv.FormatUint(t.Turn, 10) + "/" + from.Persona,
		Holder:   from.Room + "/" + from.Persona, Waited: until.Sub(t.LeaseAsked),
	}
	var refused *compute.Refusal
	switch {
	case errors.As(t.Err, &refused):
		change.Artifact, change.Holder, change.Err = refused.Artifact, refused.Holder, t.Err
		change.Silicon, change.Provider = refused.Pool.Silicon.String(), refused.Pool.Provider
	case t.Err != nil || t.LeaseAsked.IsZero() || change.Waited < leaseWait:
		return
	}
	l.Add(&Event{At: time.Now(), Kind: KindLease, Room: from.Room, Persona: from.Persona, What: change})
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
