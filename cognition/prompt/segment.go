package prompt

import "slices"

// Kind is what a segment of a prompt is.
type Kind string

// The segments, in the order in which they stand in every prompt. Nothing before the tail changes
// from reply to reply, but for lines that are added to the transcript, so that a model computes
// what stands there once.
const (
	KindTools      Kind = "tools"      // what the model may call
	KindPersona    Kind = "persona"    // the persona's instructions
	KindMemory     Kind = "memory"     // what the persona remembers; frozen until it is consolidated
	KindTranscript Kind = "transcript" // one segment for each line of the room
	KindTail       Kind = "tail"       // the question and what goes with it
)

// Segment is a piece of a prompt.
type Segment struct {
	Kind Kind
	// Role is whose message the piece is part of.
	Role Role
	// Text is the piece as the model reads it, before its chat template.
	Text string
	// Note says how the piece came to be as it is, for example "consolidated 14:03". It is for
	// people: no model reads it, and two segments that differ in it alone are the same.
	Note string
}

// Bytes are what identifies the segment, beside its kind: whose words they are, and the words.
func (s Segment) Bytes() string { return string(s.Role) + "\n" + s.Text }

// Prompt is a prompt whose length was bounded.
type Prompt struct {
	// Messages are what a model is asked; the last one has the parts of the tail, and they stand
	// where the tail begins in it.
	Messages []Message
	// Segments are the same by what they are, in order: tools, persona and memory, each of which
	// may be empty, the lines of the transcript, and the tail: the question, and a segment for each
	// line of others behind it.
	Segments []Segment
	// Tokens is an upper bound of the prompt's length, Limit what it may have: the model's window
	// less the answer.
	Tokens, Limit int
	// Compacted is what was dropped to make room for this prompt; nil where nothing was.
	Compacted *Compaction
	// Unsaid is how many of Tail.Others were left out, because the window does not hold them.
	Unsaid int
}

// With are the messages with further parts in the last one: a picture or a sound that came after
// the prompt was built. Their tokens have to be among Tail.PartTokens. The prompt stays as it is.
func (p Prompt) With(parts ...Part) []Message {
	out := slices.Clone(p.Messages)
	if len(out) > 0 {
		last := &out[len(out)-1]
		last.Parts = slices.Concat(last.Parts, parts)
	}
	return out
}
