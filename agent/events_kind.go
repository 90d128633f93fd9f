package agent

import (
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/room"
)

// Kind is what an event is, in one stable word. docs/api.md lists all.
type Kind string

// Kinds of what happens in rooms.
const (
	KindStep    Kind = "step"    // the table of turns took an event: the lines of a recording
	KindJoined  Kind = "joined"  // a persona is in the room
	KindState   Kind = "state"   // what a persona does
	KindTrack   Kind = "track"   // a track is heard or seen, or is gone
	KindInterim Kind = "interim" // what somebody is saying, so far
	KindHeard   Kind = "heard"   // what somebody said or wrote
	KindUnclear Kind = "unclear" // somebody was heard, and nothing understood for certain
	KindSaw     Kind = "saw"     // a picture is at hand
	KindSaid    Kind = "said"    // a clause of a persona has become audible
	KindPlanned Kind = "planned" // how the replies of a turn are arranged
	KindReply   Kind = "reply"   // a reply has ended: where its time went
	KindTurn    Kind = "turn"    // a turn is over: what came of it
	KindSilent  Kind = "silent"  // a persona does not reply, and why
	KindMemory  Kind = "memory"  // what a persona decided to remember
	KindProblem Kind = "problem" // a part could not do its work
	KindReady   Kind = "ready"   // a persona can do its work, or cannot
	KindMuted   Kind = "muted"   // a persona was told not to speak, or that it may
	KindLeft    Kind = "left"    // a persona has left the room
	KindRoom    Kind = "room"    // a room was opened, or has ended
)

// Kinds of what happens beside.
const (
	KindSeat     Kind = "seat"     // how far a persona is on its way into a room
	KindLease    Kind = "lease"    // a reply was refused its share of the machine, or waited for it
	KindModel    Kind = "model"    // the models of a persona were loaded, or could not be
	KindDispatch Kind = "dispatch" // a server sends personas somewhere
)

// Kinds are all, in the order above.
func Kinds() []Kind {
	return []Kind{
		KindStep, KindJoined, KindState, KindTrack, KindInterim, KindHeard, KindUnclear, KindSaw, KindSaid, KindPlanned, KindReply, KindTurn,
		KindSilent, KindMemory, KindProblem, KindReady, KindMuted, KindLeft, KindRoom, KindSeat, KindLease, KindModel, KindDispatch,
	}
}

// Event is something that happened. It is not changed once it is logged.
type Event struct {
	Sequence uint64
	At       time.Time
	Kind     Kind
	// Room is empty for what concerns none; Persona is the identity of whose event it is, empty for
	// what concerns a room as a whole.
	Room, Persona string
	// What is a room.Event, a room.Step, a SeatStatus, or one of the types of this file.
	What any

	form sync.Once
	wire any
}

// Form is what f makes of the event, which is made once for all who watch.
func (e *Event) Form(f func(*Event) any) any {
	e.form.Do(func() { e.wire = f(e) })
	return e.wire
}

// RoomChange is that a room was opened, or has ended: then Err says why, nil where it was asked to.
type RoomChange struct {
	Open bool
	Err  error
}

// LeaseChange is that the demand of a reply was refused, for Err, or granted after 50 ms or more.
type LeaseChange struct {
	Artifact, Class, Holder, Silicon, Provider string
	Waited                                     time.Duration
	Err                                        error
}

// ModelChange is that the models of a persona were loaded, or could not be.
type ModelChange struct {
	// Name is the id of the base model, Place where it runs.
	Name, Place string
	// Change is loaded or failed.
	Change string
	Bytes  int64
	Took   time.Duration
	Err    error
}

// Note is anything else, in words.
type Note struct {
	Text string
	Err  error
}

// kindOf is the kind of what a room reports; empty for what is not logged, since another event says
// it.
func kindOf(e room.Event) Kind {
	switch e := e.(type) {
	case room.Heard:
		if e.Final {
			return KindHeard
		}
		return KindInterim
	case room.Joined:
		return KindJoined
	case room.StateChanged:
		return KindState
	case room.TrackOpened, room.TrackClosed:
		return KindTrack
	case room.Unclear:
		return KindUnclear
	case room.Saw:
		return KindSaw
	case room.Said:
		return KindSaid
	case room.Planned:
		return KindPlanned
	case room.Outcome:
		return KindTurn
	case room.TurnDone:
		return KindReply
	default:
		return kindOfSeat(e)
	}
}

// kindOfSeat is the kind of what concerns a seat.
func kindOfSeat(e room.Event) Kind {
	switch e.(type) {
	case room.Silent:
		return KindSilent
	case room.Remembered:
		return KindMemory
	case room.Problem:
		return KindProblem
	case room.ReadyChanged:
		return KindReady
	case room.MuteChanged:
		return KindMuted
	case room.Left:
		return KindLeft
	}
	return ""
}

// weigh is about how much memory an event takes, in bytes: what is in every one of them, and texts.
const (
	weighEvent = 512
	weighLine  = 96
	weighTold  = 192
)

// weight is about how much memory the event takes, in bytes. It is the same whenever it is asked.
func (e *Event) weight() int64 {
	n := weighEvent + len(e.Room) + len(e.Persona)
	switch what := e.What.(type) {
	case room.Step:
		n += what.Bytes() + weighLine*(1+len(what.Effects))
	case room.Heard:
		n += len(what.Text)
	case room.Said:
		n += len(what.Text)
	case room.TurnDone:
		n += len(what.Trace.Question) + len(what.Trace.Answer) + weighTold*len(what.Trace.Left)
	case room.Outcome:
		for i := range what.Result.Replies {
			n += weighTold + len(what.Result.Replies[i].Text)
		}
		n += weighTold * (len(what.Result.Silences) + len(what.Result.Divergences))
	case room.Planned:
		n += weighTold * len(what.Plan.Replies)
	case room.Remembered:
		for i := range what.Decisions {
			n += weighEvent + len(what.Decisions[i].Candidate.Text)
		}
		if what.Block != nil {
			n += len(what.Block.Text)
		}
	case Note:
		n += len(what.Text)
	}
	return 2 * int64(n) // and its form for who watches
}
