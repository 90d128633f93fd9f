package room

import (
	"fmt"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// disconnected has a persona leave whose connection is gone, or another connection listen.
func (a *actor) disconnected(v *view, e lk.Disconnected) {
	v.gone = true
	if e.Requested {
		return
	}
	if a.ending != nil || a.unseen != v && !slices.Contains(a.sitting, v.seat) {
		return
	}
	why := a.goneBecause(e)
	switch {
	case e.Closed || e.Deleted:
		a.shut(why)
		return
	case v.seat != nil:
		a.depart(v.seat, why)
		return
	}
	a.unseen = nil
	a.problem(nil, StageRoom, "", &ListenerError{Err: why, Next: firstHiding})
	a.hide(firstHiding)
	a.work.Go(func() { _ = a.hangUp(v.conn) })
	if a.listener == v {
		a.succeed()
	}
}

// shut has everybody leave at once: what ends one connection ends the room for all of them. Who
// went in again alone would meet a server that still takes the room down.
func (a *actor) shut(why error) {
	listens := a.listener
	for _, s := range slices.Clone(a.sitting) {
		if a.views[s] != listens { // who listens goes last: nobody has to succeed
			a.depart(s, why)
		}
	}
	for _, s := range slices.Clone(a.sitting) {
		if a.ending == nil {
			a.depart(s, why)
		}
	}
}

// goneBecause is the end of a connection as an error.
func (a *actor) goneBecause(e lk.Disconnected) error {
	err := ErrRoomGone
	switch {
	case e.Err != nil:
		return &StageError{Stage: StageRoom, Err: fmt.Errorf("%w: %w", err, e.Err)}
	case e.Closed:
		return &StageError{Stage: StageRoom, Err: ErrRoomClosed}
	case e.Deleted:
		return &StageError{Stage: StageRoom, Err: fmt.Errorf("%w: %w", err, ErrRoomDeleted)}
	case e.Removed:
		return &StageError{Stage: StageRoom, Err: fmt.Errorf("%w: %w: %s", err, ErrRemoved, e.Reason)}
	}
	return &StageError{Stage: StageRoom, Err: fmt.Errorf("%w: %s", err, e.Reason)}
}

// drain has a persona answer nothing new and end with its clause.
func (a *actor) drain(s *Seat) {
	if s.leaving != nil || !slices.Contains(a.sitting, s) {
		return
	}
	s.leaving = time.AfterFunc(a.endings.clause, func() { a.post(late{s}) })
	a.step(turn.Leaving{Seat: s.holder.Persona}, cause{})
	a.departed()
}

// departed has those leave who were asked to and have said what they had to say.
func (a *actor) departed() {
	for _, s := range slices.Clone(a.sitting) {
		if s.leaving != nil && !a.speaks(s) {
			a.depart(s, ErrClosed)
		}
	}
}

// speaks tells whether a reply of a persona is under way.
func (a *actor) speaks(s *Seat) bool {
	for _, answer := range a.live {
		if answer.seat == s {
			return true
		}
	}
	for _, g := range a.guesses {
		if g.seat == s {
			return true
		}
	}
	return false
}

// depart takes a persona's seat away. What it was doing ends; who is left goes on.
func (a *actor) depart(s *Seat, why error) {
	if s.leaving != nil {
		s.leaving.Stop()
	}
	if s.strand != nil {
		s.strand.Stop()
	}
	s.silence()
	a.step(turn.Unseated{Seat: s.holder.Persona}, cause{})
	if s.again != nil {
		s.again()
	}
	i := slices.Index(a.sitting, s)
	a.seated(slices.Delete(slices.Clone(a.sitting), i, i+1))
	v := a.views[s]
	v.gone = true
	delete(a.views, s)
	a.observe(s, Left{At: time.Now(), Err: left(why)})
	if len(a.sitting) == 0 {
		a.sitting = []*Seat{s} // it ends with the room
		a.views[s] = v
		a.seated(a.sitting)
		a.end(why)
		return
	}
	if a.listener == v {
		a.succeed()
	}
	a.release(s, why)
}

// release ends what a seat is made of. That waits for its replies and for the network, so another
// goroutine does it.
func (a *actor) release(s *Seat, why error) {
	for r, answer := range a.live {
		if answer.seat == s {
			r.Cancel(why)
		}
	}
	for r, g := range a.guesses {
		if g.seat == s {
			r.Cancel(why)
		}
	}
	if a.hearer == s.ears {
		s.ears, a.orphan = nil, true // the room goes on hearing with them
	}
	limit, unseen := a.endings.stop, a.senses.Forget(s.models.Eyes())
	a.work.Go(func() {
		if err := s.leave(); err != nil {
			a.post(trouble{s, &StageError{Stage: StageRoom, Err: err}})
		}
		ended := make(chan struct{})
		go func() {
			s.replies.Wait()
			<-unseen
			close(ended)
		}()
		if !within(limit, ended) {
			s.abandon(why)
			return
		}
		if err := s.end(why); err != nil {
			a.post(trouble{s, &StageError{Stage: StageRoom, Err: err}})
		}
	})
}
