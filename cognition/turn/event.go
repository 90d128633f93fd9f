package turn

import "time"

// Event is what happened in a room. The set is closed: the types of this file and of report.go.
// Times inside of events are, like Step's, since the room opened.
type Event interface{ event() }

// Source is what a track carries.
type Source string

// Sources.
const (
	Microphone Source = "microphone"
	Camera     Source = "camera"
	Screen     Source = "screen"
)

// PersonJoined reports a participant that is not one of the seats. Name is what others call them,
// where that is not Who. Agent is true for programs.
type PersonJoined struct {
	Who, Name string
	Agent     bool
}

// PersonLeft reports that a participant is gone.
type PersonLeft struct{ Who string }

// Seated reports that a persona is in the room: connected, with its rights, its voice published.
type Seated struct {
	Seat      string   // its identity in the room, and its name
	Aliases   []string // other names that it answers to; see CheckNames
	Specialty []string // words for what it knows about
	Lane      string   // where its replies are generated; empty for here
	Greeting  string   // what it says once, when the first person is there
	Idle      Idle     // what it says where nobody says anything; the zero value: as the policy has it
	Sees      bool     // it takes pictures
	// Remembers is true for one whose answers may have it remember something: it thinks of nothing
	// before it is asked.
	Remembers bool
	// VoiceOnly is true for one that needs no right to write.
	VoiceOnly bool
	// Muted is true for one that was told not to speak before it came: see SeatMuted.
	Muted bool
}

// Unseated reports that a persona has left the room.
type Unseated struct{ Seat string }

// SeatMuted tells a persona not to speak, or to speak again. It goes on listening.
type SeatMuted struct {
	Seat string
	On   bool
}

// SpeakNext has a seat's reply that waits be heard before the others that wait. Where none of its
// waits, nothing changes.
type SpeakNext struct{ Seat string }

// StopSpeaking ends what a seat is saying or about to say, of all where Seat is empty. It goes on
// listening.
type StopSpeaking struct{ Seat string }

// Connection reports that the connection of a seat is interrupted, or back.
type Connection struct {
	Seat string
	Up   bool
}

// Rights reports what the server lets a seat do. A voice that may not be published any more is
// gone.
type Rights struct {
	Seat                     string
	Subscribe, Publish, Data bool
}

// VoicePublished reports that a seat's voice is in the room again.
type VoicePublished struct{ Seat string }

// Offered reports that a participant has published a track, which nobody has subscribed to yet.
// Agent is true where the publisher is known to be one.
type Offered struct {
	Who, Track string
	Source     Source
	Agent      bool
}

// Opened reports that a track is subscribed to.
type Opened struct {
	Who, Track string
	Source     Source
}

// Shown reports the newest picture of a track by its number.
type Shown struct {
	Track  string
	Number uint64
}

// Hidden reports that a track is gone, or could not be opened.
type Hidden struct{ Track string }

// Voiced reports that somebody's speech has lasted so long, its pauses left out; 0 when it begins.
// Track is the microphone; it may be empty for somebody who has one.
type Voiced struct {
	Who, Track string
	Length     time.Duration
}

// Interim is what the fast ear has understood of an utterance so far.
type Interim struct {
	Who, Track, Text string
	// At is up to when it listened, on any clock of that microphone; 0 is up to now. What an ear
	// says late counts as if it were in time.
	At         time.Duration
	AvgLogProb float32 // how sure it is
}

// Paused reports that somebody has fallen silent, at a time on the clock of Interim; Resumed or
// Ended follows.
type Paused struct {
	Who, Track string
	At         time.Duration
}

// Resumed reports that they go on.
type Resumed struct{ Who, Track string }

// Likely is what an utterance is, by the accurate ear, should it be over: Ended and Heard follow,
// or Resumed.
type Likely struct {
	Who, Track string
	Utterance  uint64
	Text       string
}

// Ended reports that somebody's utterance is over; Heard or Unclear follows.
type Ended struct {
	Who, Track string
	Utterance  uint64 // counted for each microphone
}

// Heard is an utterance, by the accurate ear.
type Heard struct {
	Who, Track string
	Utterance  uint64
	Text       string
	From, To   time.Duration // when it was said
	Voiced     time.Duration // speech without its pauses
	AvgLogProb float32
	Fast       string // what the fast ear understood last
}

// Unclear reports an utterance in which nothing was understood for certain. Why is the ear's word.
type Unclear struct {
	Who, Track string
	Utterance  uint64
	Why        string
}

// Typed is a message of the room's chat. Agent is true where it is known to be a program's.
type Typed struct {
	Who, Text string
	Agent     bool
}

// Asked is a question that came another way, for all or for those named in To. Where it was
// planned, the plan says who replies, and nobody is addressed.
type Asked struct {
	Who, Text string
	To        []string
	Plan      Ordered
}

// Withdrawn reports that whoever asked a question does not wait for its answer any more. Nothing
// more of it begins, and what is heard of it ends with its clause.
type Withdrawn struct{ Turn uint64 }

// OtherAgentSpeaks reports that a program that is none of the seats is audible, or not any more.
type OtherAgentSpeaks struct {
	Who string
	On  bool
}

// Reconfigured changes the policy. One that is not valid changes nothing and is counted: check it
// with Policy.Validate before.
type Reconfigured struct{ Policy Policy }

// Leaving has a seat end, or all where Seat is empty: it answers nothing new, and what is heard of
// it ends with its clause. Unseated, or Closing, follows when that is said.
type Leaving struct{ Seat string }

// Closing ends the conversation: what is under way is cancelled, and nothing new is answered. What
// is still being said is shown and kept.
type Closing struct{}

// Tick reports that time has passed. It is due when WakeAt says so, and harmless at other times.
type Tick struct{}

func (PersonJoined) event()     {}
func (PersonLeft) event()       {}
func (Seated) event()           {}
func (Unseated) event()         {}
func (SeatMuted) event()        {}
func (SpeakNext) event()        {}
func (StopSpeaking) event()     {}
func (Connection) event()       {}
func (Rights) event()           {}
func (VoicePublished) event()   {}
func (Offered) event()          {}
func (Opened) event()           {}
func (Shown) event()            {}
func (Hidden) event()           {}
func (Voiced) event()           {}
func (Interim) event()          {}
func (Paused) event()           {}
func (Resumed) event()          {}
func (Likely) event()           {}
func (Ended) event()            {}
func (Heard) event()            {}
func (Unclear) event()          {}
func (Typed) event()            {}
func (Asked) event()            {}
func (Withdrawn) event()        {}
func (OtherAgentSpeaks) event() {}
func (Reconfigured) event()     {}
func (Leaving) event()          {}
func (Closing) event()          {}
func (Tick) event()             {}
