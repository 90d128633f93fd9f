package answer

import (
	"strings"
	"unicode"
)

// within looks for the end of a thought, a tool call or a hidden message.
func (f *Filter) within(final bool) (wait bool) {
	low, at, end := lower(f.pending), -1, ""
	for _, e := range f.ends {
		if i := strings.Index(low, e); i >= 0 && (at < 0 || i < at) {
			at, end = i, e
		}
	}
	if at < 0 {
		keep := 0
		if !final {
			keep = overlap(low, f.ends)
		}
		cut := len(f.pending) - keep
		f.doubt(f.pending[:cut])
		f.counts(f.pending[:cut])
		f.pending = f.pending[cut:]
		return true
	}
	f.counts(f.pending[:at])
	f.maybe, f.mode = nil, inText
	if nextMessage(end) {
		f.pending = f.pending[at:]
	} else {
		f.pending = f.pending[at+len(end):]
	}
	return false
}

// counts takes note of a thought that the prompt opened, unless there is nothing in it.
func (f *Filter) counts(text string) {
	if !f.taken.tool && strings.TrimSpace(text) != "" {
		f.taken.thought = true
	}
}

// overlap is how many bytes at the end of text may begin one of the marks.
func overlap(text string, marks []string) int {
	longest := 0
	for _, m := range marks {
		for n := min(len(m)-1, len(text)); n > longest; n-- {
			if strings.HasSuffix(text, m[:n]) {
				longest = n
			}
		}
	}
	return longest
}

// doubt keeps what may turn out to be text, up to its bound.
func (f *Filter) doubt(text string) {
	if f.maybe == nil || f.maybe.Len() > maxMaybe {
		return
	}
	f.maybe.WriteString(text[:min(len(text), maxMaybe+1-f.maybe.Len())])
}

// header reads the name of a speaker. What is too long for a name, and what ends the answer without
// being one, is text.
func (f *Filter) header(final bool) (wait bool) {
	name, rest, state := untilMark(f.pending, append(headerEnds(), channelMark), final)
	who, _, _ := strings.Cut(strings.TrimSpace(lower(name)), " ")
	switch state {
	case markAhead:
		return true
	case markMissing:
		rest = f.pending
		if speaker(who) {
			rest = strings.TrimLeftFunc(rest, unicode.IsSpace)[len(who):]
		} else {
			who = ""
		}
	}
	f.mode, f.pending = inText, rest
	f.turn(foreign(who))
	return false
}

// turn begins somebody's turn.
func (f *Filter) turn(hidden bool) { f.muted, f.code, f.tail = hidden, 0, "" }

// speaker tells whether a word names somebody in a template.
func speaker(who string) bool {
	return foreign(who) || who == "assistant" || who == "model" || who == "ai"
}

// channel reads the name of a channel of the gpt-oss format: "final" is for people, and so is
// "commentary" that is addressed to no tool.
func (f *Filter) channel(final bool) (wait bool) {
	name, rest, state := untilMark(f.pending, []string{messageMark}, final)
	switch state {
	case markAhead:
		return true
	case markMissing:
		f.mode = inText // not this format
		return false
	}
	kind, to, _ := strings.Cut(strings.TrimSpace(lower(name)), " ")
	call := strings.Contains(to, "to=")
	f.mode, f.pending = inText, rest
	if kind == "final" && !call || kind == "commentary" && !call {
		return false
	}
	f.mode, f.ends, f.maybe = inThought, messageEnds(), nil
	f.taken.tool, f.taken.thought = f.taken.tool || call, f.taken.thought || !call
	if f.began == Unsure {
		f.began = Plain
	}
	f.out.release()
	return false
}

// How a search for the end of a name went.
type ahead int

const (
	markFound   ahead = iota
	markAhead         // more is needed
	markMissing       // too long, or the answer has ended
)

// untilMark cuts text at the first of the marks. The channel mark stays in front of the rest.
func untilMark(text string, marks []string, final bool) (name, rest string, state ahead) {
	low, at, length := lower(text), -1, 0
	for _, m := range marks {
		if i := strings.Index(low, m); i >= 0 && (at < 0 || i < at) {
			at, length = i, len(m)
			if m == channelMark {
				length = 0
			}
		}
	}
	switch {
	case at >= 0 && at <= maxHeader:
		return text[:at], text[at+length:], markFound
	case at < 0 && len(text) < maxHeader+MaxMark && !final:
		return "", "", markAhead
	}
	return text, "", markMissing
}
