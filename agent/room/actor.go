package room

import (
	"errors"
	"log/slog"
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
	// accounts say what came of each turn.
	accounts turn.Accounts
	carry    func(turn.Effect, *cause) // does what the table decided
	tape     *tape                     // nil where nothing is recorded
	behind   []func()                  // what follows from the step under way
	guess    *guessed                  // what is thought of before it is asked; nil where nothing is
	guesses  map[*reply.Reply]*guessed // that have not ended, discarded ones too
	wake     *time.Timer               // when a tick is due
	quiet    *time.Timer               // when nobody has said anything for a while
	recount  *time.Timer               // when a persona has been out of sight for too long
	apart    apart
	stay     string // names this conversation among those of the room

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
	// written are the messages of those who have written, and shared those that people were shown.
	written map[turn.Reply]string
	shared  []string
	line    uint64                   // number of the last line of the conversation
	live    map[*reply.Reply]*answer // replies that have not ended
	named   map[turn.Reply]*answer   // the same by the table's name
	running map[uint64]*running      // those of them that were planned from outside, by turn
	vouched turn.Vouched             // for whose identity; the policy says so
	ending  error                    // why the room ends; nil while it goes on
	record  *recorder                // nil where nothing is kept

	sights   sights
	aloud    aloud              // the reply that was audible last
	busy     map[string]bool    // other programs that are audible
	segments map[string]shownOf // of participants and personas, by identity

	watched func(*Seat, Event)   // is told what was observed, beside cfg.Observe
	history history              // as panels are shown it
	early   map[string]earlyClip // by track SID, of microphones that are not heard yet
	waits   map[string]bool      // microphones whose clip was to begin first, by track SID; true while that is waited for
	begun   map[string]string    // of clips that have begun: who sends them, by track SID
	secret  map[string]bool      // microphones that are heard, and no persona that people see could ask for, by track SID
	inputs  []*run               // input of panels that is not answered yet
	fresh   time.Time            // until when somebody who has come may miss a change of state
}

func newActor(r *Room, table *turn.Table, tape *tape) *actor {
	a := &actor{
		Room: r, opened: time.Now(), table: table, tape: tape, wake: time.NewTimer(time.Hour), quiet: time.NewTimer(time.Hour), recount: time.NewTimer(time.Hour), apart: apart{}, stay: uuid.NewString(), vouched: r.cfg.Policy.Vouched, views: map[*Seat]*view{},
		ears: map[string]*microphone{}, mics: map[*senses.Ear]*microphone{}, eyes: map[string]*senses.Eye{},
		soon: map[string]map[*Seat]*reply.Promise{}, wanted: make(chan wish, wantedTracks), line: recalled,
		spoken: map[turn.Reply]prompt.Line{}, written: map[turn.Reply]string{}, tried: map[uint64]*question{}, running: map[uint64]*running{}, guesses: map[*reply.Reply]*guessed{}, live: map[*reply.Reply]*answer{}, named: map[turn.Reply]*answer{},
		record: newRecorder(r.cfg.Transcripts), segments: map[string]shownOf{}, busy: map[string]bool{},
		early: map[string]earlyClip{}, waits: map[string]bool{}, begun: map[string]string{}, secret: map[string]bool{},
	}
	a.wake.Stop()
	a.quiet.Stop()
	a.recount.Stop()
	return a
}

// step hands an event to the table and does what it says. why is what the event came of.
func (a *actor) step(e turn.Event, why cause) {
	at := a.since(time.Now())
	effects := a.table.Step(at, e)
	over := a.accounts.Take(at, e, effects)
	if err := a.tape.record(at, e, effects); err != nil {
		a.problem(nil, StageStore, "", err)
	}
	a.stepped(at, e, effects)
	for _, effect := range effects {
		a.carry(effect, &why)
		a.record.effect(effect, a.tried, time.Now())
	}
	for _, x := range over {
		a.over(x)
	}
	stats := a.table.Stats()
	a.counts.Store(&stats)
	for len(a.behind) > 0 {
		next := a.behind[0]
		a.behind = a.behind[1:]
		next()
	}
}

// stepped tells of a step, if anybody wants to know.
func (a *actor) stepped(at time.Duration, e turn.Event, effects []turn.Effect) {
	if a.cfg.Steps == nil {
		return
	}
	s, err := stepOf(at, e, effects)
	if err != nil {
		a.problem(nil, StageRoom, "", err)
		return
	}
	a.cfg.Steps(a.Name(), s)
}

// since is a time as the table counts.
func (a *actor) since(t time.Time) time.Duration { return t.Sub(a.opened) }

// end has the room end, for the first reason that is given.
func (a *actor) end(why error) {
	if a.ending == nil {
		a.ending = why
	}
}

// observe reports an event; of a seat, or of the room where that is nil.
func (a *actor) observe(s *Seat, e Event) {
	from := Origin{Room: a.Name()}
	if s != nil {
		from.Persona = s.holder.Persona
	}
	a.record.note(from, e)
	a.tally(from, e)
	if a.watched != nil {
		a.watched(s, e)
	}
	a.cfg.Observe(from, e)
}

// problem reports what a part could not do; s is nil where it concerns the room.
func (a *actor) problem(s *Seat, stage Stage, who string, err error) {
	a.problemIn(0, s, stage, who, err)
}

// problemIn is problem, of a turn; 0 for none.
func (a *actor) problemIn(number uint64, s *Seat, stage Stage, who string, err error) {
	if err == nil {
		return
	}
	log := a.noting(s, number)
	panicked(log, stage, err)
	log.Error("problem", "stage", string(stage), "participant", who, "error", err)
	a.observe(s, Problem{At: time.Now(), Err: &StageError{Stage: stage, Who: who, Err: err}})
}

// noting is the log of what happens in the room, or to a persona in it, or in a turn; s is nil and
// number 0 where it is of none.
func (a *actor) noting(s *Seat, number uint64) *slog.Logger {
	log := a.log.With("room", a.Name())
	if s != nil {
		log = log.With("persona", s.holder.Persona)
	}
	if number > 0 {
		log = log.With("turn", number)
	}
	return log
}

// panicked logs where a panic came from.
func panicked(log *slog.Logger, stage Stage, err error) {
	var p *fence.PanicError
	if errors.As(err, &p) {
		log.Error("panic", "stage", string(stage), "value", p.Value, "stack", string(p.Stack))
	}
}

// called is how people call somebody: by their name, or by their identity where they have none or
// share it with somebody.
func (a *actor) called(who string) string {
	if a.listener == nil {
		return who
	}
	name := a.listener.people[who].Name
	if name == "" || name == who {
		return who
	}
	for other, p := range a.listener.people {
		if other != who && (p.Name == name || other == name) {
			return who
		}
	}
	return name
}

// shown is a text as it is reported and kept: whole, unless every model refuses it for its size.
// What is cut is not asked: nobody wants the answer to half a question.
func (a *actor) shown(text string) string {
	if len(text) <= longText {
		return text
	}
	for _, s := range a.sitting {
		if s.models.Fits(engine.Asked(text, nil, nil)) == nil {
			return text
		}
	}
	return cutText(text)
}

// own tells whether somebody is one of the personas that sit here.
func (a *actor) own(identity string) bool { return a.seat(identity) != nil }

// seat is that of an identity; nil where there is none.
func (a *actor) seat(identity string) *Seat {
	for _, s := range a.sitting {
		if s.holder.Persona == identity {
			return s
		}
	}
	return nil
}

// seated tells who sits here.
func (a *actor) seated(now []*Seat) {
	a.sitting = now
	a.mu.Lock()
	a.seats = slices.Clone(now)
	a.mu.Unlock()
}
