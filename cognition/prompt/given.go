package prompt

import (
	"errors"
	"fmt"
)

// ErrGiven means that a context that somebody gave cannot stand in the prompts of a persona: its
// model takes one message at a time, or a segment is none of a conversation.
var ErrGiven = errors.New("the persona takes no such context")

// CheckGiven tells whether segments can stand in prompts: lines of a transcript and memories, of
// the roles User and Assistant, each with a text. Instructions are the persona's own. Its error is
// ErrGiven.
func CheckGiven(given []Segment) error {
	for i, s := range given {
		switch {
		case s.Kind != KindMemory && s.Kind != KindTranscript:
			return fmt.Errorf("%w: segment %d is of kind %q, want %s or %s", ErrGiven, i, short(string(s.Kind)), KindMemory, KindTranscript)
		case s.Role != User && s.Role != Assistant:
			return fmt.Errorf("%w: segment %d has the role %q, want %s or %s", ErrGiven, i, short(string(s.Role)), User, Assistant)
		case s.Text == "":
			return fmt.Errorf("%w: segment %d has no text", ErrGiven, i)
		}
	}
	return nil
}

// short bounds what is repeated of a stranger's words.
func short(s string) string {
	if len(s) > maxSpeaker {
		return s[:maxSpeaker] + "…"
	}
	return s
}

// given are segments that somebody gave as lines, and what they cost. Where a conversation must
// begin with somebody else, a first line of the persona's own stands behind its name.
func (c *Conversation) given(segments []Segment) (lines []entry, tokens int, err error) {
	if len(segments) == 0 {
		return nil, 0, nil
	}
	if !c.traits.History {
		return nil, 0, fmt.Errorf("%w: its model takes one question at a time", ErrGiven)
	}
	if err := CheckGiven(segments); err != nil {
		return nil, 0, err
	}
	for i, s := range segments {
		if i == 0 && s.Role == Assistant && c.traits.UserFirst {
			s.Role, s.Text = User, Line{Speaker: c.who.Name, Text: s.Text}.write()
		}
		lines = append(lines, entry{segment: s, tokens: c.traits.Count(s.Text)})
		tokens += c.costOf(lines, i)
	}
	return lines, tokens, nil
}

// behind are the newest of the conversation's lines that a prompt of so many tokens holds behind
// what was given, and what they cost. Whole lines are left out, and none of the persona's own comes
// first among those that stay; nothing is dropped for good.
func (c *Conversation) behind(given, before []entry, room int) (lines []entry, tokens int) {
	if len(given) == 0 {
		return before, c.held(len(before))
	}
	from, most := len(before), 0
	for from > 0 { // the first line costs most behind another role's
		cost := before[from-1].tokens + c.traits.Frame + 1
		if most+cost > room {
			break
		}
		most, from = most+cost, from-1
	}
	for from > 0 && from < len(before) && before[from].segment.Role == Assistant {
		from++
	}
	lines = append(given[:len(given):len(given)], before[from:]...)
	for i := len(given); i < len(lines); i++ {
		tokens += c.costOf(lines, i)
	}
	return lines, tokens
}

// Context is what a prompt would have before its tail now, and at most how many tokens that is:
// what the persona is, what it remembers, what was given for it, and what was said. The errors are
// [ErrGiven], and a [*TooLongError] where what was given leaves no room for a question.
func (c *Conversation) Context(given []Segment) (segments []Segment, tokens int, err error) {
	first, need, err := c.given(given)
	if err != nil {
		return nil, 0, err
	}
	limit := c.traits.Window - c.limits.Answer - c.limits.Tail
	if least := c.base + need; least > limit {
		return nil, 0, &TooLongError{Tokens: least, Limit: limit, Kind: KindTranscript}
	}
	lines := c.lines
	if c.alone() {
		lines = nil
	}
	lines, held := c.behind(first, lines, limit-c.base-need)
	return c.segments(lines), c.base + need + held, nil
}
