package context

import (
	"fmt"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// Break is where a prompt stopped being a continuation of the one before it.
type Break struct {
	// Kind is the segment that changed, Offset the first byte of its text that did. In a transcript
	// that is counted from its first line on, with one byte for the end of every line.
	Kind   prompt.Kind
	Offset int
	// Note is how the segment says that it came to be as it is; may be empty.
	Note string
}

// String is one sentence: "prefix broke in memory at byte 212 (consolidated 14:03)".
func (b Break) String() string {
	text := fmt.Sprintf("prefix broke in %s at byte %d", b.Kind, b.Offset)
	if b.Note != "" {
		text += " (" + b.Note + ")"
	}
	return text
}

// Compare finds the first change before the tail of a prompt. It returns nil where the second
// prompt goes on where the first one was: everything before the tail is as it was, but for lines
// behind the last one of the transcript. The first prompt of a conversation breaks nothing: a chain
// without segments is followed by any.
func Compare(before, after Chain) *Break {
	if len(before.segments) == 0 {
		return nil
	}
	offset, kind := 0, prompt.Kind("")
	for i, b := range after.segments {
		if b.Kind != kind {
			offset, kind = 0, b.Kind
		}
		if i >= len(before.segments) || b.Kind == prompt.KindTail {
			return nil
		}
		a := before.segments[i]
		switch {
		case equal(a, b):
			offset += len(b.Text) + 1
			continue
		case a.Kind == prompt.KindTail && b.Kind == prompt.KindTranscript:
			return nil // a new line stands where the tail was
		case a.Kind == b.Kind && a.Role == b.Role:
			offset += common(a.Text, b.Text)
		}
		return &Break{Kind: b.Kind, Offset: offset, Note: b.Note}
	}
	return nil
}

// common is how many bytes two texts begin with alike.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// Reuse is what a reply did not have to compute again.
type Reuse struct {
	// Reused of Prompt tokens were kept from an earlier reply.
	Reused, Prompt int
	// Break is what changed before the tail; nil where nothing did.
	Break *Break
	// Lost says what became of what the reply before had kept: "prompt cache was evicted at 14:03
	// to make room for lobby/max". Empty where it was there.
	Lost string
}

// Ratio is the share of the prompt that was reused, from 0 to 1.
func (r Reuse) Ratio() float64 {
	if r.Prompt <= 0 {
		return 0
	}
	return float64(r.Reused) / float64(r.Prompt)
}

// String is one sentence: "412/1240 prompt tokens reused; prefix broke in memory at byte 212
// (consolidated 14:03)".
func (r Reuse) String() string {
	text := fmt.Sprintf("%d/%d prompt tokens reused", r.Reused, r.Prompt)
	if r.Lost != "" {
		text += "; " + r.Lost
	}
	if r.Break != nil {
		text += "; " + r.Break.String()
	}
	return text
}
