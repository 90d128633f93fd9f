package prompt

import "strings"

// Line is what somebody said or wrote in a room, or what the persona itself said there.
type Line struct {
	// Seq is the line's number in the room, one count for everybody there. Of the lines of one
	// conversation each has a higher number than the one before; gaps say nothing, since a persona
	// need not hear everything, nor from the beginning.
	Seq uint64
	// Speaker is the name of who spoke, a person or another persona; not used for the persona's own
	// lines.
	Speaker string
	// Own says that the persona itself spoke.
	Own bool
	// Text is what was said. Of an answer that was interrupted it is what was audible.
	Text string
	// Cut says that whoever spoke was interrupted behind Text.
	Cut bool
}

const (
	maxSpeaker = 64  // characters of a name in a prompt
	ellipsis   = "…" // behind the words of an answer that was cut off
)

// write is the line as the model reads it for ever after. Others speak in one line each, behind
// their name: nobody can put words into another's mouth by writing a line break and a name.
func (l Line) write() string {
	text := strings.TrimSpace(l.Text)
	if !l.Own {
		text = oneLine(text)
	}
	if l.Cut && text != "" {
		text += ellipsis
	}
	if name := speaker(l.Speaker); name != "" && !l.Own {
		return name + ": " + text
	}
	return text
}

// silent says that nothing was said.
func (l Line) silent() bool { return strings.TrimSpace(l.Text) == "" }

// oneLine writes every run of white space as one space.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// speaker is a name as it stands before a line: short, and without what ends a name there.
func speaker(name string) string {
	name = oneLine(strings.ReplaceAll(name, ":", " "))
	if r := []rune(name); len(r) > maxSpeaker {
		name = string(r[:maxSpeaker])
	}
	return name
}
