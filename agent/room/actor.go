package room

import (
	"context"
	"errors"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// actor is the state of a room, and only its goroutine touches it. Nothing that it calls waits for
// the network. What is to be done is decided by the table: events go in, effects come out.
type actor struct {
	*Room
	begin  time.Time // when joining began
	opened time.Time // what the table counts from
	table  *turn.Table
	wake   *time.Timer // when a tick is due

	ears   map[string]*microphone       // by track SID, of those that are open
	mics   map[*senses.Ear]*microphone  // all whose goroutines have not ended
	eyes   map[string]*senses.Eye       // by track SID
	offers map[string]lk.TrackPublished // by track SID, of those that may be subscribed to
	soon   map[string]*reply.Promise    // video tracks that are being subscribed to, by SID
	wanted chan lk.TrackPublished       // tracks to be asked for
	tried  map[uint64]*question         // by turn, until it is over
	live   map[*reply.Reply]*answer     // replies that have not ended
	named  map[turn.Reply]*answer       // the same by the table's name
	again  context.CancelFunc           // ends the attempts to publish the voice again; nil where there are none
	failed map[string]bool              // topics whose failure to send was reported since the connection last changed
	state  turn.AgentState              // of the persona
	ending error                        // why the room ends; nil while it goes on
	record *recorder                    // nil where nothing is kept
}

// question is what began a turn.
type question struct {
	reply.Question
	asked time.Time
	line  prompt.Line // of the conversation
	// refused says why the model cannot be asked it, nil where it can.
	refused error
	begun   bool // a reply reports its end
}

// answer is a reply under way.
type answer struct {
	*reply.Reply
	name turn.Reply
	why  turn.Reason      // it was cancelled; empty while it goes on
	said *voiceTranscript // what the room is shown of it
}

func newActor(r *Room, table *turn.Table, begin time.Time) *actor {
	a := &actor{
		Room: r, begin: begin, opened: time.Now(), table: table, wake: time.NewTimer(time.Hour),
		ears: map[string]*microphone{}, mics: map[*senses.Ear]*microphone{}, eyes: map[string]*senses.Eye{},
		offers: map[string]lk.TrackPublished{}, soon: map[string]*reply.Promise{}, wanted: make(chan lk.TrackPublished, wantedTracks),
		tried: map[uint64]*question{}, live: map[*reply.Reply]*answer{}, named: map[turn.Reply]*answer{}, failed: map[string]bool{},
		record: newRecorder(&r.cfg),
	}
	a.wake.Stop()
	return a
}

// run handles what happens until the room ends, lets what is being said be finalised, and ends the
// room's life. A panic in it ends the room and nothing else.
func (a *actor) run() {
	err := fence.Do(func() error {
		a.joined()
		for a.ending == nil {
			a.take()
		}
		a.windDown()
		return nil
	})
	a.wake.Stop()
	if err != nil {
		a.panicked(StageRoom, err)
		a.ending = &StageError{Stage: StageRoom, Err: err}
	}
	a.silence()
	for r := range a.live {
		r.Cancel(a.ending)
	}
	a.cancel(a.ending)
	if err := fence.Do(func() error { a.observe(Ended{At: time.Now(), Err: a.Err()}); return nil }); err != nil {
		a.panicked(StageRoom, err)
	}
}

func (a *actor) joined() {
	a.work.Go(func() { a.subscribe(a.wanted) })
	a.observe(Joined{
		At: time.Now(), Room: a.seat.holder.Room, Identity: a.seat.holder.Persona, Track: a.seat.line.sid(),
		ServerVersion: a.seat.conn.ServerVersion(), Took: time.Since(a.begin), Canned: a.models.Canned(),
	})
	if !a.seat.allowed.CanUpdateOwnMetadata {
		a.problem(StageRoom, "", errNoState)
	}
	a.seat.stand()
	a.step(turn.Seated{
		Seat: a.seat.holder.Persona, Aliases: a.cfg.Aliases, Greeting: a.cfg.Greeting, Sees: a.models.Sees(), VoiceOnly: a.cfg.VoiceOnly,
	}, cause{})
	a.step(rightsOf(a.seat.holder.Persona, a.seat.allowed), cause{})
}

// take handles one thing that happened.
func (a *actor) take() {
	select {
	case e := <-a.seat.conn.Events():
		a.connection(e)
	case m := <-a.inbox:
		a.message(m)
	case <-a.wake.C:
		a.step(turn.Tick{}, cause{})
	case <-a.leave:
		a.end(ErrClosed)
	case <-a.life.Done():
		a.end(context.Cause(a.life))
	}
}

func (a *actor) message(m message) {
	switch m := m.(type) {
	case perceived:
		a.perceived(m.percept)
	case replied:
		a.replied(m.report)
	case asked:
		a.step(turn.Asked{Who: m.who, Text: m.text}, cause{who: m.who, text: m.text, typed: true})
	case voiceBack:
		a.voiceBack(m.voice)
	case trouble:
		a.problem(m.err.Stage, m.err.Who, m.err.Err)
	}
}

// step hands an event to the table and does what it says. why is what the event came of.
func (a *actor) step(e turn.Event, why cause) {
	for _, effect := range a.table.Step(a.since(time.Now()), e) {
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

// silence has the persona say nothing any more.
func (a *actor) silence() {
	a.ready.Store(false)
	a.seat.line.open.Store(false)
	a.seat.player.Flush()
}

// windDown silences the persona and has what is being said finalised: it is reported and kept, and
// not answered.
func (a *actor) windDown() {
	a.silence()
	a.step(turn.Closing{}, cause{})
	for _, mic := range a.ears {
		mic.ear.Stop()
	}
	for _, eye := range a.eyes {
		eye.Stop()
	}
	limit := time.NewTimer(a.endings.finish)
	defer limit.Stop()
	for len(a.mics) > 0 || len(a.live) > 0 {
		select {
		case <-a.seat.conn.Events(): // nothing new is begun; the connection is not to wait either
		case m := <-a.inbox:
			a.message(m)
		case <-limit.C:
			return
		case <-a.life.Done():
			return
		}
	}
}

func (a *actor) observe(e Event) {
	a.record.note(e)
	a.cfg.Observe(Origin{Room: a.seat.holder.Room, Persona: a.seat.holder.Persona}, e)
}

func (a *actor) problem(stage Stage, who string, err error) {
	if err == nil {
		return
	}
	a.panicked(stage, err)
	a.log.Error("problem", "stage", string(stage), "participant", who, "error", err)
	a.observe(Problem{At: time.Now(), Err: &StageError{Stage: stage, Who: who, Err: err}})
}

// panicked logs where a panic came from.
func (a *actor) panicked(stage Stage, err error) {
	var p *fence.PanicError
	if errors.As(err, &p) {
		a.log.Error("panic", "stage", string(stage), "value", p.Value, "stack", string(p.Stack))
	}
}

// refused reports what was not taken of somebody; who writes too much or at too great length is
// told so, once.
func (a *actor) refused(e lk.Refused) {
	a.problem(StageRoom, e.Identity, &RefusedError{Kind: e.Kind})
	var text string
	switch e.Kind {
	case limits.ChatRate:
		text = slowDown(e.Identity, a.cfg.Limits.ChatsPerMinute)
	case limits.ChatBytes:
		text = shorten(e.Identity, a.cfg.Limits.ChatBytes)
	default:
		return
	}
	a.problem(StageText, e.Identity, a.write(text))
}

// write sends a message to the room's chat.
func (a *actor) write(text string) error {
	return a.seat.conn.SendText(lk.TopicChat, "", text, map[string]string{attrPersona: "true"})
}
