package prompt

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Tail is what goes with the question, new in every prompt. What is empty is left out.
type Tail struct {
	// Time is the time of day as the persona would say it.
	Time string
	// Here are the names of who else is in the room, Meant those of whom the question is put to.
	Here, Meant []string
	// Note is what else goes with the question, in one line.
	Note string
	// Given are what somebody gave as the beginning of the transcript, see CheckGiven: they stand
	// before what the conversation holds, in this prompt alone.
	Given []Segment
	// Others are what was said to the question before it is this persona's turn, in order, and need
	// not be in the conversation yet: what other personas answer of whom nothing was audible so
	// far, and, where all are asked once more, what this one answered itself. They stand behind the
	// question as they will stand in the transcript. Where the window does not hold all of them,
	// the oldest are left out.
	Others []Line
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
	if t.Note != "" {
		facts = append(facts, oneLine(t.Note))
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

// Ask builds the prompt for a reply to a line that somebody else said or wrote: a person, or a
// persona that called this one by name. What stands before the line is what the conversation holds
// of lower numbers, whether or not it holds the line itself: it may have been compacted, or come
// before the persona did. Lines behind it are left out, whoever spoke meanwhile, but for the tail's
// own.
//
// Where the transcript has passed its high watermark it is compacted first, and now is the time
// that the compaction bears.
//
// The errors are [ErrNoQuestion], [ErrGiven], and a [*TooLongError] where the question, or what was
// given, does not fit even without a transcript.
func (c *Conversation) Ask(now time.Time, question Line, tail Tail) (Prompt, error) {
	if question.Own || question.silent() {
		return Prompt{}, fmt.Errorf("%w: %d", ErrNoQuestion, question.Seq)
	}
	p := Prompt{Limit: c.traits.Window - c.limits.Answer}
	given, first, err := c.given(tail.Given)
	if err != nil {
		return Prompt{}, err
	}
	if least := c.base + first; least > p.Limit {
		return Prompt{}, &TooLongError{Tokens: least, Limit: p.Limit, Kind: KindTranscript}
	}
	lines, need := c.tail(question, tail, p.Limit-c.base-first, &p)
	if least := c.base + first + need; least > p.Limit {
		return Prompt{}, &TooLongError{Tokens: least, Limit: p.Limit, Kind: KindTail}
	}
	var before []entry
	if !c.alone() {
		at := c.before(question.Seq)
		if p.Compacted = c.compact(now, c.room(max(need, c.limits.Tail)), at); p.Compacted != nil {
			at -= p.Compacted.Lines
		}
		before = c.lines[:at]
	}
	before, held := c.behind(given, before, p.Limit-c.base-first-need)
	p.Tokens = c.base + first + need + held
	p.Segments = c.segments(before, lines)
	p.Messages = messages(c.system, p.Segments[memoryAt:])
	last := &p.Messages[len(p.Messages)-1]
	last.Parts, last.Before = tail.Parts, len(last.Text)-lengthOf(lines)
	return p, nil
}

// before is how many lines stand before one of this number.
func (c *Conversation) before(seq uint64) int {
	at, _ := slices.BinarySearchFunc(c.lines, seq, func(e entry, seq uint64) int { return cmp.Compare(e.seq, seq) })
	return at
}

// tail are the lines of the tail: the question and, as far as room has space for them, what others
// have answered; and at most how many tokens they have with what goes with them. The oldest answers
// are left out first, and counted in the prompt.
func (c *Conversation) tail(question Line, t Tail, room int, p *Prompt) (lines []entry, tokens int) {
	asked := c.entry(KindTail, question)
	need := t.PartTokens + asked.tokens + c.traits.Frame
	if note := t.note(speaker(question.Speaker)); note != "" {
		need += c.traits.Count(note) + 1
		asked.segment.Text = note + "\n" + asked.segment.Text
	}
	lines = append(lines, asked)
	last := len(t.Others) // behind the last line of another
	for last > 0 && (t.Others[last-1].Own || t.Others[last-1].silent()) {
		last--
	}
	for i, line := range t.Others {
		if line.silent() {
			continue
		}
		// A prompt ends with a message of others, whatever its model takes.
		if line.Own && (i >= last || c.alone()) {
			line = c.named(line)
		}
		lines = append(lines, c.entry(KindTail, line))
	}
	for {
		tokens = need
		for i := 1; i < len(lines); i++ {
			tokens += c.costOf(lines, i)
		}
		if len(lines) == 1 || tokens <= room {
			return lines, tokens
		}
		lines = slices.Delete(lines, 1, 2)
		p.Unsaid++
	}
}

// lengthOf is how many bytes of the last message are of these lines, the last ones of a prompt.
func lengthOf(lines []entry) int {
	length := -1 // no line break behind the last one
	for i := len(lines) - 1; i >= 0 && lines[i].segment.Role == User; i-- {
		length += len(lines[i].segment.Text) + 1
	}
	return length
}

// segments are the segments of a prompt in order.
func (c *Conversation) segments(parts ...[]entry) []Segment {
	n := len(c.fixed)
	for _, lines := range parts {
		n += len(lines)
	}
	out := append(make([]Segment, 0, n), c.fixed...)
	for _, lines := range parts {
		for i := range lines {
			out = append(out, lines[i].segment)
		}
	}
	return out
}

// messages joins what stands in one message: neighbours of one role, which many chat templates
// refuse as messages of their own. Segments without text are left out.
func messages(system string, segments []Segment) []Message {
	out := make([]Message, 0, len(segments))
	if system != "" {
		out = append(out, Message{Role: System, Text: system})
	}
	for len(segments) > 0 {
		n := 1
		for n < len(segments) && segments[n].Role == segments[0].Role {
			n++
		}
		if text := texts(segments[:n]); text != "" {
			out = append(out, Message{Role: segments[0].Role, Text: text})
		}
		segments = segments[n:]
	}
	return out
}

// texts joins the texts of segments, line by line.
func texts(segments []Segment) string {
	if len(segments) == 1 {
		return segments[0].Text // as most are
	}
	var text strings.Builder
	for _, s := range segments {
		if s.Text != "" && text.Len() > 0 {
			text.WriteByte('\n')
		}
		text.WriteString(s.Text)
	}
	return text.String()
}

// join joins what is not empty.
func join(separator string, texts ...string) string {
	texts = slices.DeleteFunc(texts, func(t string) bool { return t == "" })
	return strings.Join(texts, separator)
}
