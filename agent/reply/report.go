package reply

import (
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
)

// Report is what a reply says of itself. The set is closed.
type Report interface {
	// Of is the reply that it is of.
	Of() *Reply
	report()
}

// Ready reports that speech is prepared: it waits for the floor.
type Ready struct{ Reply *Reply }

// Saw reports which pictures the answer is made from, before the model begins.
type Saw struct {
	Reply *Reply
	// Keys are those of engine.Sight, oldest first; Sight is the newest one.
	Keys  []string
	Sight *engine.Sight
}

// Thought reports that the whole text is known, while it is still being spoken.
type Thought struct {
	Reply *Reply
	Text  string
}

// Noted reports what the answer's field asks to remember, as the model wrote it: nobody hears or
// sees it. It comes when the whole text is known.
type Noted struct {
	Reply *Reply
	Field string
}

// Audible reports that the first packet of a clause has been sent.
type Audible struct {
	Reply *Reply
	Text  string
	At    time.Time
}

// Unheard reports that a clause was to be audible and nobody could hear it.
type Unheard struct{ Reply *Reply }

// Troubled reports what a part could not do; the reply goes on without it.
type Troubled struct {
	Reply *Reply
	Part  Part
	// Who is the participant whose track it is, or who asked.
	Who string
	Err error
}

// Part is a part of a reply.
type Part uint8

// The parts.
const (
	Looking   Part = iota // no picture in time
	Listening             // the model could not be made to hear the question
	Thinking              // an answer that was cut off
)

// Done is the last report: the reply's goroutines have ended. Trace.Err says how.
type Done struct {
	Reply *Reply
	Trace Trace
}

// Of implements Report.
func (r Ready) Of() *Reply { return r.Reply }

// Of implements Report.
func (r Thought) Of() *Reply { return r.Reply }

// Of implements Report.
func (r Noted) Of() *Reply { return r.Reply }

// Of implements Report.
func (r Audible) Of() *Reply { return r.Reply }

// Of implements Report.
func (r Unheard) Of() *Reply { return r.Reply }

// Of implements Report.
func (r Saw) Of() *Reply { return r.Reply }

// Of implements Report.
func (r Troubled) Of() *Reply { return r.Reply }

// Of implements Report.
func (r Done) Of() *Reply { return r.Reply }

func (Ready) report()    {}
func (Saw) report()      {}
func (Thought) report()  {}
func (Noted) report()    {}
func (Audible) report()  {}
func (Unheard) report()  {}
func (Troubled) report() {}
func (Done) report()     {}
