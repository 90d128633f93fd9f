package agent

import (
	"context"
	"errors"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/senses"
)

// loop is the state of a session, and only its goroutine touches it. Nothing that it calls waits for the network.
type loop struct {
	*Session
	state  string
	people *people
	ears   map[string]*microphone      // by track SID, of those that are open
	mics   map[*senses.Ear]*microphone // all whose goroutines have not ended
	eyes   map[string]*senses.Eye      // by track SID
	offers map[string]*offer           // video tracks that are being subscribed to, by SID
	wanted chan lk.TrackPublished      // tracks to be asked for

	rights standing
	again  context.CancelFunc // ends the attempts to publish the voice again; nil where there are none
	failed map[string]bool    // topics whose failure to send was reported since the connection last changed

	order   order
	turn    *reply.Reply          // the answer under way, nil while listening
	blind   bool                  // the answer under way was begun with nothing to look at
	anew    map[*reply.Reply]bool // answers that were begun anew: nothing more is reported of them
	turns   uint64
	said    *voiceTranscript // of the turn under way
	chat    bool             // the turn under way answers a chat message
	invited time.Time        // when the persona last ended its words with a question mark; zero where it said something else since

	ending error     // why the session ends; nil while it goes on
	record *recorder // nil where nothing is kept
}

func newLoop(s *Session, rights standing) *loop {
	return &loop{
		Session: s, state: lk.StateInitializing, people: newPeople(), rights: rights,
		ears: map[string]*microphone{}, mics: map[*senses.Ear]*microphone{}, eyes: map[string]*senses.Eye{}, offers: map[string]*offer{},
		wanted: make(chan lk.TrackPublished, wantedTracks), failed: map[string]bool{}, anew: map[*reply.Reply]bool{}, record: newRecorder(&s.cfg),
	}
}

// run handles room events and messages until the session ends, lets what is being said be finalised, and ends the session's life. A panic in
// it ends the session and nothing else.
func (l *loop) run(begin time.Time) {
	err := fence.Do(func() error {
		l.joined(begin)
		for l.ending == nil {
			l.step()
		}
		l.windDown()
		return nil
	})
	if err != nil {
		l.panicked(StageRoom, err)
		l.ending = &StageError{Stage: StageRoom, Err: err}
	}
	l.line.open.Store(false)
	l.ready.Store(false)
	l.player.Flush()
	if l.turn != nil {
		l.turn.Cancel(l.ending)
	}
	l.cancel(l.ending)
	if err := fence.Do(func() error { l.observe(Ended{At: time.Now(), Err: l.Err()}); return nil }); err != nil {
		l.panicked(StageRoom, err)
	}
}

func (l *loop) joined(begin time.Time) {
	l.work.Go(func() { l.subscribe(l.wanted) })
	l.observe(Joined{
		At: time.Now(), Room: l.holder.Room, Identity: l.holder.Persona, Track: l.line.track.Load().SID(),
		ServerVersion: l.room.ServerVersion(), Took: time.Since(begin),
	})
	if !l.rights.Rights.CanUpdateOwnMetadata {
		l.problem(StageRoom, "", errNoState)
	}
	l.stand(func(s *standing) { s.Voice = true })
	l.setState(lk.StateListening)
}

// step handles one thing that happened.
func (l *loop) step() {
	select {
	case e := <-l.room.Events():
		l.roomEvent(e)
	case m := <-l.inbox:
		l.message(m)
	case <-l.leave:
		l.end(ErrClosed)
	case <-l.life.Done():
		l.end(context.Cause(l.life))
	}
}

// end has the session end, for the first reason that is given.
func (l *loop) end(why error) {
	if l.ending == nil {
		l.ending = why
	}
}

// windDown silences the persona and has what is being said finalised: it is reported and kept, and not answered.
func (l *loop) windDown() {
	l.ready.Store(false)
	l.line.open.Store(false)
	l.player.Flush()
	if l.turn != nil {
		l.turn.Cancel(l.ending)
	}
	for _, ear := range l.ears {
		ear.ear.Stop()
	}
	for _, eye := range l.eyes {
		eye.Stop()
	}
	limit := time.NewTimer(l.endings.finish)
	defer limit.Stop()
	for len(l.mics) > 0 || l.turn != nil {
		select {
		case <-l.room.Events(): // nothing new is begun; the connection is not to wait either
		case m := <-l.inbox:
			l.message(m)
		case <-limit.C:
			return
		case <-l.life.Done():
			return
		}
	}
}

func (l *loop) observe(e Event) {
	l.record.note(e)
	l.cfg.Observe(e)
}

func (l *loop) problem(stage Stage, who string, err error) {
	if err == nil {
		return
	}
	l.panicked(stage, err)
	l.log.Error("problem", "stage", string(stage), "participant", who, "error", err)
	l.observe(Problem{At: time.Now(), Err: &StageError{Stage: stage, Who: who, Err: err}})
}

// panicked logs where a panic came from.
func (l *loop) panicked(stage Stage, err error) {
	var p *fence.PanicError
	if errors.As(err, &p) {
		l.log.Error("panic", "stage", string(stage), "value", p.Value, "stack", string(p.Stack))
	}
}

func (l *loop) setState(state string) {
	if l.state == state {
		return
	}
	l.state = state
	l.alert()
	l.room.SetAttributes(map[string]string{lk.AttrState: state})
	l.observe(StateChanged{At: time.Now(), State: state})
}

func (l *loop) message(m message) {
	switch m := m.(type) {
	case perceived:
		l.perceived(m.percept)
	case replied:
		l.replied(m.report)
	case typed:
		l.wrote(m.who, m.text)
	case voiceBack:
		l.voiceBack(m.voice)
	case trouble:
		l.problem(m.err.Stage, m.err.Who, m.err.Err)
	}
}

// perceived takes what the senses report.
func (l *loop) perceived(p senses.Percept) {
	switch p := p.(type) {
	case senses.Heard:
		l.heard(l.mics[p.Ear], p.Event)
	case senses.Saw:
		l.observe(Saw(p))
	case senses.Failed:
		stage := StageHearing
		if p.Sense == senses.Sight {
			stage = StageSight
		}
		l.problem(stage, p.Track.Who, p.Err)
	case senses.Ended:
		delete(l.mics, p.Ear)
		l.observe(TrackClosed{At: time.Now(), Who: p.Track.Who, SID: p.Track.SID, Source: p.Track.Source, Summary: p.Summary})
	}
}

// refused reports what was not taken of somebody; who writes too much or at too great length is told so, once.
func (l *loop) refused(e lk.Refused) {
	l.problem(StageRoom, e.Identity, &RefusedError{Kind: e.Kind})
	var text string
	switch e.Kind {
	case limits.ChatRate:
		text = slowDown(e.Identity, l.cfg.Limits.ChatsPerMinute)
	case limits.ChatBytes:
		text = shorten(e.Identity, l.cfg.Limits.ChatBytes)
	default:
		return
	}
	l.problem(StageText, e.Identity, l.write(text))
}
