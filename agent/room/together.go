package room

import (
	"fmt"
	"slices"
	"time"
)

// together looks whether the connection by which the room is perceived sees every persona here.
// Where one is out of sight for long, they are in different rooms of the same name, as a server
// makes them when it is entered while it closes one. Which of them is the one that people find
// nobody can tell, so all leave; whoever seats them has them enter again.
func (a *actor) together() {
	if a.ending != nil {
		return
	}
	out := a.outOfSight()
	if len(out) == 0 && len(a.apart) == 0 {
		return
	}
	who, next := a.apart.look(time.Now(), a.split, out)
	switch {
	case who != "":
		a.problem(nil, StageRoom, who, ErrSplit)
		a.shut(&StageError{Stage: StageRoom, Who: who, Err: fmt.Errorf("%w: %w", ErrRoomGone, ErrSplit)})
	case next.IsZero():
		a.recount.Stop()
	default:
		a.recount.Reset(time.Until(next))
	}
}

// outOfSight are the personas that are connected and that the listening connection does not see.
// While that is interrupted it sees nobody, and beyond the limits it does not look.
func (a *actor) outOfSight() (out []string) {
	v := a.listener
	if v == nil || v.down || len(v.people) >= a.cfg.Limits.Participants {
		return nil
	}
	for _, s := range a.sitting {
		who := s.holder.Persona
		if _, seen := v.people[who]; !seen && a.views[s] != v && s.up && len(who) <= a.cfg.Limits.IdentityBytes {
			out = append(out, who)
		}
	}
	return out
}

// astray has a persona leave a room that it was not sent to, where nobody has come meanwhile; with
// people in it that room is the one to be in.
func (a *actor) astray(s *Seat) {
	if !slices.Contains(a.sitting, s) || !s.up || !s.elsewhere() {
		return
	}
	if a.anybody() {
		s.log.Info("people are in a new room of the same name: the persona stays with them", "sent", s.sent, "room_sid", s.conn.RoomSID())
		s.sent = s.conn.RoomSID()
		return
	}
	a.depart(s, &StageError{Stage: StageRoom, Err: fmt.Errorf("%w (sent to %s, in %s)", ErrOtherRoom, s.sent, s.conn.RoomSID())})
}

// anybody tells whether a human is here.
func (a *actor) anybody() bool {
	if a.listener == nil {
		return false
	}
	for who, p := range a.listener.people {
		if !p.Agent && !p.Other && !a.own(who) {
			return true
		}
	}
	return false
}
