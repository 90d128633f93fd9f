package prompt

import "strings"

// Line is what somebody said or wrote in a room, or what the persona itself said there.
type Line struct {
	// Seq is the line's number in the room. Numbers rise; what they count is the caller's.
	Seq uint64
	// Speaker is the name of who spoke; not used for the persona's own lines.
	Speaker string
	// Own says that the persona itself spoke.
	Own bool
	// Text is what was said. Of an answer that was interrupted it is what was audible.
	Text string
	// Cut says that the persona was interrupted behind Text.
	Cut bool
}

const (
	maxSpeaker = 64  // characters of a name in a prompt
	ellipsis   = "…" // behind the words of an answer that was cut off
)

// write is the line as the model reads it for ever after. Others speak in one line each, behind
// their name: nobody can put words into another's mouth by writing a line break and a name.
func (l Line) write() string {
	if l.Own {
		text := strings.TrimSpace(l.Text)
		if l.Cut && text != "" {
			text += ellipsis
		}
		return text
	}
	text := oneLine(l.Text)
	if name := speaker(l.Speaker); name != "" {
		return name + ": " + text
	}
	return text
}

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
