package prompt

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Tail is what stands beside the question, new in every prompt. What is empty is left out.
type Tail struct {
	// Time is the time of day as the persona would say it.
	Time string
	// Here are the names of who else is in the room, Meant those of whom the question is put to.
	Here, Meant []string
	// Parts are the picture and the sound that go with the question, PartTokens at most the tokens
	// they have.
	Parts      []Part
	PartTokens int
}

// note is the tail's text before the question: what is true now, in one line.
func (t Tail) note(speaks string) string {
	var facts []string
	if t.Time != "" {
		facts = append(facts, "It is "+oneLine(t.Time)+".")
	}
	if len(t.Here) > 0 {
		facts = append(facts, "In the room: "+list(t.Here)+".")
	}
	if len(t.Meant) > 0 && speaks != "" {
		facts = append(facts, speaks+" speaks to "+list(t.Meant)+".")
	}
	if len(facts) == 0 {
		return ""
	}
	return "(" + strings.Join(facts, " ") + ")"
}

// list lists names.
func list(names []string) string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = speaker(name)
	}
	return strings.Join(out, ", ")
}

// Ask builds the prompt for a reply to the line of this number. Lines behind it are left out,
// whoever spoke meanwhile. Where the transcript has passed its high watermark it is compacted
// first, and now is the time that the compaction bears.
//
// The errors are [ErrNoLine], and a [*TooLongError] where the question does not fit even without a
// transcript.
func (c *Conversation) Ask(now time.Time, seq uint64, tail Tail) (Prompt, error) {
	at := len(c.lines) - 1
	for at >= 0 && c.lines[at].seq != seq {
		at--
	}
	if at < 0 || c.lines[at].segment.Role != User {
		return Prompt{}, fmt.Errorf("%w: %d", ErrNoLine, seq)
	}
	question := c.lines[at]
	note := tail.note(question.speaker)
	need := question.tokens + tail.PartTokens + c.traits.Frame
	if note != "" {
		need += c.traits.Count(note) + 1
	}
	p := Prompt{Limit: c.traits.Window - c.limits.Answer}
	if least := c.base + need; least > p.Limit {
		return Prompt{}, &TooLongError{Tokens: least, Limit: p.Limit, Kind: KindTail}
	}
	lines := c.lines[:0:0]
	if !c.alone() {
		if p.Compacted = c.compact(now, c.room(max(need, c.limits.Tail)), at); p.Compacted != nil {
			at -= p.Compacted.Lines
		}
		lines = c.lines[:at]
	}
	p.Tokens = c.base + need + c.held(len(lines))
	p.Segments = c.segments(lines, join("\n", note, question.segment.Text))
	p.Messages = messages(c.system, p.Segments[memoryAt:])
	p.Messages[len(p.Messages)-1].Parts = tail.Parts
	return p, nil
}

// segments are the segments of a prompt in order.
func (c *Conversation) segments(lines []entry, tail string) []Segment {
	out := make([]Segment, 0, len(c.fixed)+len(lines)+1)
	out = append(out, c.fixed...)
	for i := range lines {
		out = append(out, lines[i].segment)
	}
	return append(out, Segment{Kind: KindTail, Role: User, Text: tail})
}

// messages joins what stands in one message: neighbours of one role, which many chat templates
// refuse as messages of their own. Segments without text are left out.
func messages(system string, segments []Segment) []Message {
	var out []Message
	if system != "" {
		out = append(out, Message{Role: System, Text: system})
	}
	var text strings.Builder
	for i, s := range segments {
		if s.Text != "" {
			if text.Len() > 0 {
				text.WriteByte('\n')
			}
			text.WriteString(s.Text)
		}
		if i+1 == len(segments) || segments[i+1].Role != s.Role {
			if text.Len() > 0 {
				out = append(out, Message{Role: s.Role, Text: text.String()})
			}
			text.Reset()
		}
	}
	return out
}

// join joins what is not empty.
func join(separator string, texts ...string) string {
	texts = slices.DeleteFunc(texts, func(t string) bool { return t == "" })
	return strings.Join(texts, separator)
}
