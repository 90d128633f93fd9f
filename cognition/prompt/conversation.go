package prompt

import (
	"slices"
	"strings"
	"time"
)

// Persona is what a persona brings into every prompt.
type Persona struct {
	// Name is the persona's name in the room.
	Name string
	// Instructions are its prompt, to which nothing is added; empty asks the model as it is.
	Instructions string
	// Tools are the definitions of what it may call, one each, in any order.
	Tools []string
	// Memory is what it remembers, as a block of text, and MemoryNote says how the block came to be
	// as it is: "consolidated 14:03". See [Conversation.SetMemory].
	Memory, MemoryNote string
}

// Conversation is what was said in a room as one persona's model reads it. Lines are written once
// and never change; only compaction drops the oldest ones.
//
// It belongs to one goroutine, that of the room. The prompts that it hands out are the caller's and
// stay as they are, so replies may use them on other goroutines.
type Conversation struct {
	who    Persona
	traits Traits
	limits Limits
	fixed  []Segment // tools, persona, memory
	system string    // tools and persona in one message
	base   int       // tokens of what stands before the transcript
	lines  []entry
	tokens int // of lines, with what stands around them
}

// entry is a line as it is read.
type entry struct {
	segment Segment
	seq     uint64
	tokens  int // of the text
}

// memoryAt is where the memory stands among the segments.
const memoryAt = 2

// NewConversation begins a conversation. Its errors say why this persona cannot speak with this
// model: [ErrNoInstructions], [ErrLimits], or a [*TooLongError] where the persona's prompt leaves
// no room for a question and an answer.
func NewConversation(who Persona, traits Traits, limits Limits) (*Conversation, error) {
	limits, err := limits.complete(traits.Window)
	if err != nil {
		return nil, err
	}
	c := &Conversation{who: who, traits: traits, limits: limits}
	tools := strings.Join(slices.Sorted(slices.Values(who.Tools)), "\n")
	c.system = join("\n\n", tools, who.Instructions)
	if c.system != "" && !traits.Instructions {
		return nil, ErrNoInstructions
	}
	c.fixed = []Segment{
		{Kind: KindTools, Role: System, Text: tools},
		{Kind: KindPersona, Role: System, Text: who.Instructions},
		{Kind: KindMemory, Role: User},
	}
	return c, c.SetMemory(who.Memory, who.MemoryNote)
}

// SetMemory puts another block of memories in the place of the old one, which costs the next reply
// the whole prompt behind it. note says why: "consolidated 14:03".
func (c *Conversation) SetMemory(text, note string) error {
	base := c.traits.Empty
	if c.system != "" {
		base += c.traits.Count(c.system) + c.traits.Frame
	}
	if text != "" {
		base += c.traits.Count(text) + c.traits.Frame
	}
	if limit := c.traits.Window - c.limits.Answer - c.limits.Tail; base > limit {
		kind := KindPersona
		if text != "" {
			kind = KindMemory
		}
		return &TooLongError{Tokens: base, Limit: limit, Kind: kind}
	}
	c.base = base
	c.fixed = slices.Clone(c.fixed)
	c.fixed[memoryAt].Text, c.fixed[memoryAt].Note = text, note
	return nil
}

// Append adds a line behind the last one. A line without text is left out: nothing was audible.
// Where a model's conversations must begin with somebody else, the persona's own first line is
// written behind its name among the lines of the others.
//
// Where what was said before has passed the high watermark, it is compacted, and what was dropped
// is returned: so a conversation is bounded though nobody asks its persona anything. The newest
// question stays, with what the persona said behind it.
func (c *Conversation) Append(now time.Time, line Line) *Compaction {
	if line.silent() {
		return nil
	}
	if line.Own && c.traits.UserFirst && len(c.lines) == 0 {
		line = c.named(line)
	}
	c.lines = append(c.lines, c.entry(KindTranscript, line))
	c.tokens += c.cost(len(c.lines) - 1)
	newest := len(c.lines) - 1
	for newest > 0 && c.lines[newest].segment.Role == Assistant {
		newest-- // an answer stays with its question
	}
	done := c.compact(now, c.room(c.limits.Tail), newest)
	if c.alone() {
		return nil // no prompt would have had it
	}
	return done
}

// entry is a line as the model reads it.
func (c *Conversation) entry(kind Kind, line Line) entry {
	role, text := User, line.write()
	if line.Own {
		role = Assistant
	}
	return entry{segment: Segment{Kind: kind, Role: role, Text: text}, seq: line.Seq, tokens: c.traits.Count(text)}
}

// named is a line of the persona's own as another's would be.
func (c *Conversation) named(line Line) Line {
	line.Own, line.Speaker = false, c.who.Name
	return line
}

// alone says that questions stand alone.
func (c *Conversation) alone() bool { return c.limits.NoTranscript || !c.traits.History }

// Len is how many lines the conversation holds.
func (c *Conversation) Len() int { return len(c.lines) }

// Tokens is at most how many tokens the lines have.
func (c *Conversation) Tokens() int { return c.tokens }

// cost is what a line of the transcript adds to a prompt.
func (c *Conversation) cost(i int) int { return c.costOf(c.lines, i) }

// costOf is what one of several lines adds: its text, and a message around it, or the line break to
// the line before it, which the same message holds.
func (c *Conversation) costOf(lines []entry, i int) int {
	if i > 0 && lines[i].segment.Role == lines[i-1].segment.Role {
		return lines[i].tokens + 1
	}
	return lines[i].tokens + c.traits.Frame
}

// held is the cost of the first lines.
func (c *Conversation) held(lines int) int {
	held := c.tokens
	for i := lines; i < len(c.lines); i++ {
		held -= c.cost(i)
	}
	return held
}

// room is what the window leaves to the transcript beside a tail of so many tokens.
func (c *Conversation) room(tail int) int {
	room := c.traits.Window - c.limits.Answer - c.base - tail
	if c.limits.Transcript > 0 {
		room = min(room, c.limits.Transcript)
	}
	return max(room, 0)
}
