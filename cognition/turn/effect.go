package turn

import "time"

// Effect is what is to be done. The set is closed: the types of this file. Effects are carried out
// in their order.
type Effect interface{ effect() }

// Planned says how the replies of a turn are arranged before the first begins.
type Planned struct {
	Turn    uint64
	Replies []Placed // in the order in which they are heard
	// Source is the picture that those who see look at, as track/number; empty where there is none.
	Source string
	// Plan is the fingerprint of the plan that this carries out: empty where nobody planned the
	// turn, and where the room arranges it in another way than it was planned.
	Plan string
	// Fingerprint is a digest of who asks what, and of all this: what has the same one is carried
	// out the same way.
	Fingerprint string
}

// Placed is a reply among those of its turn.
type Placed struct {
	Seat string
	Lane string // empty for here
	Wave int    // its place among those that share the lane: as many as it takes at once are in a wave
}

// Start has a reply begin: look, think, prepare speech. A seat's next reply thinks only when the
// one before holds no lease any more.
type Start struct {
	Reply Reply
	Who   string // asks: a person, or a persona that calls this one
	Text  string
	Typed bool // not spoken
	// Say is true for a text that is said as it stands, without thinking: a greeting.
	Say bool
	// Guess is the number of the guess that this reply is; 0 for none. Where that came to nothing,
	// or was made of something else, the reply begins as if there were none.
	Guess uint64
	// Round counts how often all were asked for more: what is new to this persona is what the
	// others said since, and it may well pass.
	Round int
	// Look is the track to take a picture of; empty where nothing is shown. Dark is true where that
	// track has shown nothing although there was time for it: it is not waited for.
	Look string
	Dark bool
	// Soon is a track of the asker that is on its way. It is waited for so long; Look stands in
	// where it does not come.
	Soon string
	Wait time.Duration
}

// Guess has a persona think of an answer to what is probably asked, and prepare its speech, where
// there is a place for that at once. Nothing of it reaches anybody, and nothing is kept. A Start
// takes it up, or a Drop discards it.
type Guess struct {
	Number    uint64
	Seat      string
	Who, Text string
	Look      string // as in Start
	Dark      bool
}

// Drop discards a guess.
type Drop struct {
	Number uint64
	Why    Reason
}

// Cancel stops a reply, wherever it is. It is final: what the reply still reports changes nothing.
type Cancel struct {
	Reply Reply
	Why   Reason
}

// Finish has an audible reply end with the clause that is being heard; Done follows. Why is empty
// where its persona leaves.
type Finish struct {
	Reply Reply
	Why   Reason
}

// GiveFloor lets a reply become audible. At most one has the floor at a time.
type GiveFloor struct{ Reply Reply }

// Gain sets how loud a seat's voice is: 1 is full.
type Gain struct {
	Seat  string
	Level float32
}

// Check asks whether anything of a reply has left of late; Sounded answers.
type Check struct{ Reply Reply }

// Hold has a seat's voice pause where it is, or go on from there: nothing that is to be heard is
// lost. A Flush ends it too.
type Hold struct {
	Seat string
	On   bool
}

// Flush throws away what a seat's player still holds, so that it is silent at once.
type Flush struct{ Seat string }

// AgentState is what a persona is doing, in LiveKit's words (attribute lk.agent.state).
type AgentState string

// States.
const (
	// IdleState is listening where nobody is there for it: see Policy.Away.
	IdleState AgentState = "idle"
	Listening AgentState = "listening"
	Thinking  AgentState = "thinking"
	Speaking  AgentState = "speaking"
)

// State tells front ends what a persona is doing.
type State struct {
	Seat  string
	State AgentState
}

// Standing reports whether a seat can do its work: connected, with its rights, its voice published.
// Missing are rights that it needs and does not have.
type Standing struct {
	Seat    string
	Ready   bool
	Missing []Right
}

// Publish begins or ends the attempts to publish a seat's voice again.
type Publish struct {
	Seat string
	On   bool
}

// Subscribe asks for a track.
type Subscribe struct{ Track string }

// Look asks a track for a picture now: somebody begins to speak about what it shows.
type Look struct{ Track string }

// Shape is what a transcript of a person is.
type Shape string

// Shapes.
const (
	ShapeInterim Shape = "interim" // each replaces the one before
	ShapeFinal   Shape = "final"
	ShapeNothing Shape = "nothing" // takes the interim one back
)

// Show sends the room the transcript of what a person said. The text is that of the event.
type Show struct {
	Who, Track string
	Shape      Shape
}

// Keep stores what a person said or wrote; the text is that of the event. Turn is the turn that it
// begins, 0 where it begins none. What else is known of the question, its sound for instance, is
// kept until Over.
type Keep struct {
	Who       string
	Utterance uint64 // 0 for what was written
	Turn      uint64
}

// Wakes says that a reply has called other personas by their names, which begins a turn of its own.
type Wakes struct {
	Reply Reply
	Turn  uint64
}

// Greet says that a persona speaks without being asked, in a turn of its own: it greets those who
// are here, or says what it is to say where nobody has said anything for a while.
type Greet struct {
	Turn uint64
	Seat string
}

// Round says that all who answered in a turn are asked for more, in a turn of its own.
type Round struct{ Turn, After uint64 }

// Caption sends the room the transcript of what a persona says: the event's clause, or the end of
// it.
type Caption struct {
	Reply Reply
	Final bool
}

// Said is what people heard of a reply, or read where it has no voice: what is kept and remembered.
// Cut is true where it was not the whole answer.
type Said struct {
	Reply Reply
	Text  string
	Cut   bool
}

// Write sends an answer to the room's chat: one to what was written when its whole text is there,
// which may be before it is heard, else what was heard of it when it is cut; and one that could not
// be heard in time, in its place. It comes once for a reply, before its end.
type Write struct {
	Reply Reply
	Text  string
}

// Silence says why a persona does not reply in a turn.
type Silence struct {
	Turn uint64
	Seat string
	Why  Reason
}

// Skip says why something that was said or written begins no turn.
type Skip struct {
	Who string
	Why Reason
}

// Over says that nothing more comes of a turn.
type Over struct{ Turn uint64 }

// WakeAt says when a Tick is due; it replaces the one before. Zero: none is.
type WakeAt struct{ At time.Duration }

func (Planned) effect()   {}
func (Start) effect()     {}
func (Guess) effect()     {}
func (Drop) effect()      {}
func (Cancel) effect()    {}
func (Finish) effect()    {}
func (GiveFloor) effect() {}
func (Gain) effect()      {}
func (Check) effect()     {}
func (Hold) effect()      {}
func (Flush) effect()     {}
func (State) effect()     {}
func (Standing) effect()  {}
func (Publish) effect()   {}
func (Subscribe) effect() {}
func (Look) effect()      {}
func (Show) effect()      {}
func (Keep) effect()      {}
func (Caption) effect()   {}
func (Wakes) effect()     {}
func (Round) effect()     {}
func (Greet) effect()     {}
func (Said) effect()      {}
func (Write) effect()     {}
func (Silence) effect()   {}
func (Skip) effect()      {}
func (Over) effect()      {}
func (WakeAt) effect()    {}
