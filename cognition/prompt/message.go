package prompt

// Role says who wrote a message.
type Role string

// The roles that chat templates and servers know.
const (
	System    Role = "system"    // instructions
	User      Role = "user"      // people, and whatever else is not the model
	Assistant Role = "assistant" // the model's own words
)

// Modality is what a part of a message is beside text.
type Modality string

// The modalities.
const (
	Picture Modality = "picture"
	Sound   Modality = "sound"
	Words   Modality = "words" // a Caption
)

// Part is a picture or a sound in the form that a model takes: generate.Image and generate.Audio
// are features, remote.Picture is an encoded picture. Between them a Caption says what the next is.
// Who is given a part that it does not take refuses it with an error that wraps [ErrPart].
type Part interface {
	Modality() Modality
}

// Message is one turn of a conversation. Its parts stand before its text, in order, or within it.
type Message struct {
	Role Role
	// Text is UTF-8. Special tokens in it are spelled out, never obeyed.
	Text string
	// Before is how much of Text, in bytes, stands before the parts: what a model has computed
	// already need not be computed again behind a new picture. Where a model's chat template takes
	// parts in front only, all of Text stands behind them.
	Before int
	// Parts are read only, and the caller's, for as long as a call lasts.
	Parts []Part
}

// Split is the text before the parts, and the text behind them.
func (m Message) Split() (before, behind string) {
	at := min(max(m.Before, 0), len(m.Text))
	return m.Text[:at], m.Text[at:]
}
