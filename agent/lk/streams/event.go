package streams

import (
	"time"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

// Sender is who sent a packet.
type Sender struct {
	// SID is the server's id of the true sender: streams are kept by it.
	SID string
	// Who is the true sender's identity, for counting.
	Who string
	// As is the identity in whose name the text is sent; the server lets agents only name another
	// than themselves.
	As string
}

// Header begins a stream.
type Header struct {
	ID, Topic string
	// Attributes are kept up to the limit of bytes; the map is not changed and not kept.
	Attributes map[string]string
	// Total is the declared length in bytes, negative where none is declared.
	Total int64
	// Binary is true for bytes, whose topics are others than those of texts; Mime is what they are.
	Binary bool
	Mime   string
	// Inline is the whole text where it comes with the header; then nothing follows. Nil where
	// there is none.
	Inline []byte
}

// Piece is a part of an open stream.
type Piece struct {
	ID string
	// Index counts the pieces from 0.
	Index uint64
	// Content is copied.
	Content []byte
}

// End closes a stream.
type End struct {
	ID string
	// Reason is empty for a stream that is whole.
	Reason string
	// Attributes are added to those of the header.
	Attributes map[string]string
}

// Event is what a packet, or time, brought about. The set is closed.
type Event interface{ event() }

// Arrived reports text that has newly arrived in an open stream, in whole characters.
type Arrived struct{ SID, From, Topic, ID, Text string }

// Whole reports a complete text.
type Whole struct {
	SID, From, Topic, ID, Text string
	Attributes                 map[string]string
}

// Begun reports that a stream of bytes was opened. Attributes are those of its header; they must
// not be changed.
type Begun struct {
	SID, From, Topic, ID string
	Attributes           map[string]string
}

// Bytes reports a complete stream of bytes, which are the receiver's.
type Bytes struct {
	SID, From, Topic, ID, Mime string
	Data                       []byte
	Attributes                 map[string]string
	Opened                     time.Time
}

// Refused reports that something was not taken.
type Refused struct {
	Who  string
	Kind limits.Kind
}

func (Arrived) event() {}
func (Whole) event()   {}
func (Begun) event()   {}
func (Bytes) event()   {}
func (Refused) event() {}
