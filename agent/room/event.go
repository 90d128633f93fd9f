package room

import (
	"image"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Origin says which room and which persona an event is of. Persona is empty for what concerns the
// room: who is heard and seen there, and its end.
type Origin struct{ Room, Persona string }

// Event is what a room reports to its observer. The set is closed.
type Event interface{ event() }

// Joined reports that the persona is in the room and its voice is published.
type Joined struct {
	At                    time.Time
	Room, Identity, Track string
	ServerVersion         string
	Took                  time.Duration // from Join to listening
	Canned                bool          // models that cost nothing: nobody is understood (engine.Machine.OpenCanned)
}

// StateChanged reports the value of lk.agent.state.
type StateChanged struct {
	At    time.Time
	State string
}

// TrackOpened reports that a track is being heard or seen.
type TrackOpened struct {
	At               time.Time
	Who, SID, Source string
	Codec            string
}

// TrackClosed reports that a track is gone, with what was counted.
type TrackClosed struct {
	At               time.Time
	Who, SID, Source string
	Summary          string
	Dropped          map[string]uint64 // by where it went; see senses.Ended
}

// Heard reports a transcript of a participant.
type Heard struct {
	At    time.Time
	Who   string
	Text  string
	Final bool
	// Of a final one: the turn that it begins, 0 where it begins none, and when it was said or
	// written.
	Turn       uint64
	Start, End time.Time
}

// Unclear reports that somebody was heard and nothing was understood for certain: a cough, a crowd,
// a television next door. Nothing is answered.
type Unclear struct {
	At  time.Time
	Who string
	Why string // hearing.Doubt in one word
}

// Saw reports features of a frame.
type Saw struct {
	At               time.Time
	Who, SID, Source string
	Encoder          string // what looked: the name of the encoder, unique in the room
	Number           uint64 // of the track's sampled frames
	Width, Height    int
	Reason           string        // why the frame was taken
	Texture          time.Duration // conversion, scaling, normalising
	Features         time.Duration // vision encoder; 0 when the picture was known
	Frame            *image.RGBA   // the frame itself when Config.KeepFrames asks for it
}

// Said reports that a clause has become audible.
type Said struct {
	At   time.Time
	Turn uint64
	Text string
}

// Planned reports how the replies of a turn are arranged.
type Planned struct {
	At   time.Time
	Plan turn.Planned
}

// Outcome reports that a turn is over, and what came of it: every persona that was there when it
// began, in one place. Divergences are those from its plan where Planned says that it had one.
type Outcome struct {
	At      time.Time
	Turn    uint64
	Who     string // whose turn it was
	Planned bool
	Result  turn.Result
}

// Silent reports that a persona does not reply in a turn because it was not meant, or may not. Why
// is one of turn's reasons.
type Silent struct {
	At   time.Time
	Turn uint64
	Who  string // whose turn it is
	Why  turn.Reason
}

// Remembered reports what a persona decided to remember, or not, what it forgot, and what its
// prompts say of it from now on, where that has changed.
type Remembered struct {
	At        time.Time
	Decisions []memory.Decision
	Forgotten []memory.Forgotten
	Block     *memory.Block // nil where it is as it was
}

// TurnDone is the end of an answer, whatever it was. Trace.Err is nil for a complete one.
type TurnDone struct {
	At    time.Time
	Trace reply.Trace
	// Gap is the silence between the last packet of another persona's answer to the same question
	// and the first of this one, whoever else spoke in it; Overlap is for how long both were sent.
	// Each is 0 where there was none.
	Gap, Overlap time.Duration
}

// Problem reports that a part could not do its work while the session goes on. Err is a
// *StageError.
type Problem struct {
	At  time.Time
	Err error
}

// ReadyChanged reports whether the persona can do its work in the room: connected, and with the
// rights that it needs. Err says why not.
type ReadyChanged struct {
	At    time.Time
	Ready bool
	Err   error
}

// MuteChanged reports that a persona was told not to speak, or that it may again.
type MuteChanged struct {
	At time.Time
	On bool
}

// Left reports that a persona has left the room. Err is nil where it was asked to.
type Left struct {
	At  time.Time
	Err error
}

// Ended is the last event. Err is nil after Close or when the room was left as asked.
type Ended struct {
	At  time.Time
	Err error
}

func (Joined) event()       {}
func (StateChanged) event() {}
func (TrackOpened) event()  {}
func (TrackClosed) event()  {}
func (Heard) event()        {}
func (Unclear) event()      {}
func (Saw) event()          {}
func (Said) event()         {}
func (Planned) event()      {}
func (Outcome) event()      {}
func (Silent) event()       {}
func (Remembered) event()   {}
func (TurnDone) event()     {}
func (Problem) event()      {}
func (ReadyChanged) event() {}
func (MuteChanged) event()  {}
func (Left) event()         {}
func (Ended) event()        {}
