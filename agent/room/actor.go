package room

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// actor is the state of a room, and only its goroutine touches it. Nothing that it calls waits for
// the network. What is to be done is decided by the table: events go in, effects come out.
type actor struct {
	*Room
	opened time.Time // what the table counts from
	table  *turn.Table
	tape   *tape       // nil where nothing is recorded
	wake   *time.Timer // when a tick is due
	quiet  *time.Timer // when nobody has said anything for a while
	stay   string      // names this conversation among those of the room

	sitting  []*Seat         // in the order in which they came
	views    map[*Seat]*view // of their connections
	listener *view           // by which the room is perceived; nil while nobody listens
	unseen   *view           // the hidden connection; nil where there is none
	hiding   bool            // one is being opened
	hidings  int             // attempts in a row that failed

	senses *senses.Senses                      // nil until somebody sits here
	hearer *engine.Models                      // what they hear with
	orphan bool                                // nobody who sits here closes that
	ears   map[string]*microphone              // by track SID, of those that are open
	mics   map[*senses.Ear]*microphone         // all whose goroutines have not ended
	eyes   map[string]*senses.Eye              // by track SID
	soon   map[string]map[*Seat]*reply.Promise // video tracks that are being subscribed to, by SID; made for who wants one
	wanted chan wish                           // tracks to be asked for

	tried  map[uint64]*question       // by turn, until it is over
	last   *question                  // of the turn that was over last
	spoken map[turn.Reply]prompt.Line // what personas have said since a person asked something
	line   uint64                     // number of the last line of the conversation
	live   map[*reply.Reply]*answer   // replies that have not ended
	named  map[turn.Reply]*answer     // the same by the table's name
	ending error                      // why the room ends; nil while it goes on
	record *recorder                  // nil where nothing is kept
}

func newActor(r *Room, table *turn.Table, tape *tape) *actor {
	a := &actor{
		Room: r, opened: time.Now(), table: table, tape: tape, wake: time.NewTimer(time.Hour), quiet: time.NewTimer(time.Hour), stay: uuid.NewString(), views: map[*Seat]*view{},
		ears: map[string]*microphone{}, mics: map[*senses.Ear]*microphone{}, eyes: map[string]*senses.Eye{},
		soon: map[string]map[*Seat]*reply.Promise{}, wanted: make(chan wish, wantedTracks), line: recalled,
		spoken: map[turn.Reply]prompt.Line{}, tried: map[uint64]*question{}, live: map[*reply.Reply]*answer{}, named: map[turn.Reply]*answer{},
		record: newRecorder(&r.cfg),
	}
	a.wake.Stop()
	a.quiet.Stop()
	return a
}

// run handles what happens until the room ends, lets what is being said be finalised, and ends the
// room's life. A panic in it ends the room and nothing else.
func (a *actor) run() {
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
	if err != nil {
		a.panicked(StageRoom, err)
		a.ending = &StageError{Stage: StageRoom, Err: err}
	}
	a.silence()
	for r := range a.live {
		r.Cancel(a.ending)
	}
	a.cancel(a.ending)
	if err := fence.Do(func() error { a.observe(nil, Ended{At: time.Now(), Err: a.Err()}); return nil }); err != nil {
		a.panicked(StageRoom, err)
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
		a.log.Error("not closed in order", "room", a.Name(), "error", err)
	}
}

// take handles one thing that happened.
func (a *actor) take() {
	select {
	case m := <-a.inbox:
		a.message(m)
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
		a.step(m.event, m.why)
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
	case voiceBack:
		a.voiceBack(m.seat, m.voice)
	case remembered:
		a.remembered(m.seat, m.came)
	case trouble:
		a.problem(m.seat, m.err.Stage, m.err.Who, m.err.Err)
	}
}

// step hands an event to the table and does what it says. why is what the event came of.
func (a *actor) step(e turn.Event, why cause) {
	at := a.since(time.Now())
	effects := a.table.Step(at, e)
	if err := a.tape.record(at, e, effects); err != nil {
		a.problem(nil, StageStore, "", err)
	}
	for _, effect := range effects {
		a.do(effect, &why)
	}
	stats := a.table.Stats()
	a.counts.Store(&stats)
}

// since is a time as the table counts.
func (a *actor) since(t time.Time) time.Duration { return t.Sub(a.opened) }

// end has the room end, for the first reason that is given.
func (a *actor) end(why error) {
	if a.ending == nil {
		a.ending = why
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

// observe reports an event; of a seat, or of the room where that is nil.
func (a *actor) observe(s *Seat, e Event) {
	from := Origin{Room: a.Name()}
	if s != nil {
		from.Persona = s.holder.Persona
	}
	a.record.note(from, e)
	a.cfg.Observe(from, e)
}

// problem reports what a part could not do; s is nil where it concerns the room.
func (a *actor) problem(s *Seat, stage Stage, who string, err error) {
	if err == nil {
		return
	}
	a.panicked(stage, err)
	a.log.Error("problem", "room", a.Name(), "stage", string(stage), "participant", who, "error", err)
	a.observe(s, Problem{At: time.Now(), Err: &StageError{Stage: stage, Who: who, Err: err}})
}

// panicked logs where a panic came from.
func (a *actor) panicked(stage Stage, err error) {
	var p *fence.PanicError
	if errors.As(err, &p) {
		a.log.Error("panic", "stage", string(stage), "value", p.Value, "stack", string(p.Stack))
	}
}
