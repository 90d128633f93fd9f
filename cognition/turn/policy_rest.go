package turn

import "time"

// Looking bounds the wait for a picture, and says which one is meant.
type Looking struct {
	// Subscribe is how long a question waits for a track that its asker has just published: a
	// server needs some 100 ms from publishing to the first packet, a busy one a second.
	Subscribe time.Duration
	// Dark is how long a track may show nothing before it counts as dark.
	Dark time.Duration
	// Screen are words by which a shared screen is meant rather than a camera, in lower case.
	Screen []string
}

// Endpointing says when somebody who has fallen silent has finished. The table does not wait: what
// hears the room does, from the next microphone on.
type Endpointing struct {
	// Min and Max bound the silence that ends a turn; Min 0 is no bound.
	Min, Max time.Duration
	// Adapt has those waited for longer who pause inside their sentences, for as long as they are
	// here.
	Adapt bool
}

// Away says when personas are idle, as front ends see it: nobody is there for them.
type Away struct {
	// After is how long no person has been here; 0 for never.
	After time.Duration
	// Asked has who is asked to wait ("one moment") be idle, and not answer that, until a person
	// says something else.
	Asked bool
}

// Idle says what a persona says where nobody has said anything for a while: once, until a person
// says something. The zero value says nothing.
type Idle struct {
	After time.Duration
	Say   string
}

// mostIdle bounds what is said then, in bytes: as much as a greeting has.
const mostIdle = 1 << 10

// on tells whether anything is said.
func (i *Idle) on() bool { return i.After > 0 && i.Say != "" }
