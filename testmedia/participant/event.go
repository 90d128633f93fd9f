package participant

import "time"

// Event is something the participant noticed. The set is closed.
type Event interface{ event() }

// AgentJoined reports an agent in the room.
type AgentJoined struct {
	At             time.Time
	Identity, Name string
}

// AgentLeft reports that an agent is gone.
type AgentLeft struct {
	At       time.Time
	Identity string
}

// AgentState reports the value of lk.agent.state.
type AgentState struct {
	At              time.Time
	Identity, State string
}

// VoiceStarted reports the first packet of an agent's voice after a silence of at least a second.
type VoiceStarted struct {
	At       time.Time
	Identity string
}

// Voice reports that audible samples arrived: it is sent about five times a second while an agent
// is heard.
type Voice struct {
	At       time.Time
	Identity string
	DBFS     float64       // level of the samples since the last Voice event
	Length   time.Duration // audible samples heard so far
}

// Transcript is a text of lk.transcription. Final is true for the last text of a segment.
type Transcript struct {
	At        time.Time
	From      string // who said it
	StreamID  string // the same for all pieces of a segment and their whole
	SegmentID string // known when the whole text is there
	Text      string
	Final     bool
	Delta     bool // a piece of a segment that is still open; a whole text follows
}

// Chat is a text of lk.chat.
type Chat struct {
	At         time.Time
	From, Text string
}

// Left is the last event.
type Left struct {
	At     time.Time
	Reason string
}

func (AgentJoined) event()  {}
func (AgentLeft) event()    {}
func (AgentState) event()   {}
func (VoiceStarted) event() {}
func (Voice) event()        {}
func (Transcript) event()   {}
func (Chat) event()         {}
func (Left) event()         {}
