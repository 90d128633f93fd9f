package senses

import (
	"image"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// Percept is what senses report. The set is closed.
type Percept interface{ percept() }

// Heard is what one microphone's listener says.
type Heard struct {
	Ear   *Ear
	Event hearing.Event
}

// Saw reports that a sight is at hand that was not before.
type Saw struct {
	At               time.Time
	Who, SID, Source string
	Encoder          string // what looked: the name of the encoder, unique in the room
	Number           uint64 // of the track's sampled frames
	Width, Height    int
	Reason           string        // why the frame was taken
	Texture          time.Duration // conversion, scaling, normalising
	Features         time.Duration // vision encoder; 0 when the picture was known
	Frame            *image.RGBA   // the frame itself when Deps.KeepFrames asks for it
}

// Failed reports what a track could not do. The track goes on, unless Ended follows.
type Failed struct {
	Track Track
	Sense Sense
	Err   error
}

// Ended is the last percept of a track: its goroutines and decoders are gone.
type Ended struct {
	Track Track
	Sense Sense
	Ear   *Ear // nil for an eye
	// Summary says what was counted, Dropped how much of the track was not used, by where it went.
	Summary string
	Dropped map[string]uint64
}

// Sense tells hearing and sight apart.
type Sense uint8

// The senses.
const (
	Hearing Sense = iota
	Sight
)

func (Heard) percept()  {}
func (Saw) percept()    {}
func (Failed) percept() {}
func (Ended) percept()  {}

// Track says what is heard or seen.
type Track struct {
	Who, SID, Source string
	// Screen is true for a shared screen.
	Screen bool
	// Early is true where what was said before the track was published is announced: see
	// Ear.Before.
	Early bool
	// Codec is its MIME type when it was opened.
	Codec string
}
