package room

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// run handles what happens until the room ends, lets what is being said be finalised, and ends the
// room's life. A panic in it ends the room and nothing else.
func (a *actor) run() {
	a.carry = func(e turn.Effect, why *cause) {
		a.do(e, why)
		a.panelEffect(e, why)
	}
	a.watched = a.panelNote
	a.stepped(0, turn.Reconfigured{Policy: *a.cfg.Policy}, nil)
	a.work.Go(func() { a.subscribe(a.wanted) })
	err := fence.Do(func() error {
		for a.ending == nil {
			a.take()
		}
		a.windDown()
		return nil
	})
	a.wake.Stop()
	a.quiet.Stop()
	a.recount.Stop()
	if err != nil {
		panicked(a.noting(nil, 0), StageRoom, err)
		a.ending = &StageError{Stage: StageRoom, Err: err}
	}
	a.silence()
	for r := range a.live {
		r.Cancel(a.ending)
	}
	for r := range a.guesses {
		r.Cancel(a.ending)
	}
	a.cancel(a.ending)
	if err := fence.Do(func() error { a.observe(nil, Ended{At: time.Now(), Err: a.Err()}); return nil }); err != nil {
		panicked(a.noting(nil, 0), StageRoom, err)
	}
	a.free()
}

// free waits for what the room began, and gives back what no seat does.
func (a *actor) free() {
	for _, s := range a.sitting {
		s.replies.Wait()
	}
	if a.senses != nil {
		a.senses.Wait()
	}
	err := a.tape.close()
	if a.orphan {
		err = errors.Join(err, a.hearer.Close())
	}
	if err != nil {
		a.noting(nil, 0).Error("not closed in order", "error", err)
	}
}

// take handles one thing that happened.
func (a *actor) take() {
	select {
	case m := <-a.inbox:
		a.message(m)
		a.together()
	case <-a.recount.C:
		a.together()
	case <-a.wake.C:
		a.step(turn.Tick{}, cause{})
	case <-a.quiet.C:
		a.tidy()
	case <-a.leave:
		a.end(ErrClosed)
	case <-a.life.Done():
		a.end(context.Cause(a.life))
	}
}

func (a *actor) message(m message) {
	switch m := m.(type) {
	case happened:
		a.connection(m.view, m.event)
	case perceived:
		a.perceived(m.percept)
	case replied:
		a.replied(m.report)
	case told:
		if e, ok := m.event.(turn.Reconfigured); ok {
			a.vouched = e.Policy.Vouched
			a.speculates.Store(e.Policy.Speculate)
		}
		a.step(m.event, m.why)
	case planning:
		request, err := a.planRequest(m.trigger, m.given)
		m.came <- planned{request, err}
	case *running:
		a.begin(m)
	case withdrawal:
		a.withdraw(m.run)
	case arrived:
		a.arrived(m.seat)
	case leaving:
		a.drain(m.seat)
	case late:
		if slices.Contains(a.sitting, m.seat) {
			a.depart(m.seat, ErrClosed)
		}
	case hidden:
		a.hidden(m)
	case muting:
		a.mute(m)
	case due:
		a.noLonger(m.track)
	case repeat:
		a.repeats(m.seat)
	case back:
		a.returned(m)
	case voiceBack:
		a.voiceBack(m.seat, m.voice)
	case stranded:
		a.astray(m.seat)
	case remembered:
		a.remembered(m.seat, m.came)
	case metered:
		m.answer <- a.meters()
	case steering:
		a.steer(m)
	case looking:
		m.answer <- a.look(m)
	case looked:
		m.answer <- a.presence()
	case trouble:
		a.problem(m.seat, m.err.Stage, m.err.Who, m.err.Err)
	}
}

// silence has every persona say nothing any more.
func (a *actor) silence() {
	for _, s := range a.sitting {
		s.silence()
	}
}

// windDown lets personas end with the clause that they are saying, silences them, and has what is
// being said by others finalised: it is reported and kept, and not answered.
func (a *actor) windDown() {
	a.step(turn.Leaving{}, cause{})
	a.until(a.endings.clause, func() bool { return len(a.live) == 0 })
	a.silence()
	a.step(turn.Closing{}, cause{})
	for _, mic := range a.ears {
		mic.ear.Stop()
	}
	for _, eye := range a.eyes {
		eye.Stop()
	}
	a.until(a.endings.finish, func() bool { return len(a.mics) == 0 && len(a.live) == 0 })
}

// until handles what happens until something is so, for a limited time. Nothing new is begun: what
// connections report is dropped, and they do not wait either.
func (a *actor) until(limit time.Duration, so func() bool) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for !so() {
		select {
		case m := <-a.inbox:
			switch m := m.(type) {
			case happened, leaving, late, hidden:
			case arrived: // it finds that the room has ended
			default:
				a.message(m)
			}
		case <-timer.C:
			return
		case <-a.life.Done():
			return
		}
	}
}
