package agent

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/cognition/turn/interrupt"
)

// Bounds of texts.
const (
	longText = 4 << 10 // bytes of a question above which the model is asked whether it takes it
	keptText = 512     // bytes kept of one that it refuses for its size
)

// invitation is how long a short word counts as the answer to a question of the persona.
const invitation = 20 * time.Second

// asksSomething tells whether a spoken text is a question, so that an answer begins. Words that only say "go on" ask nothing, unless the persona
// has just asked something itself and been heard to its end: then they are the answer. invited is when it did; zero where it did not.
func asksSomething(text string, answering bool, invited, now time.Time) bool {
	if !interrupt.Backchannel(text) || strings.ContainsFunc(text, foreign) {
		return true
	}
	return !answering && !invited.IsZero() && now.Sub(invited) <= invitation
}

// foreign tells whether a character belongs to no English word, so that the text cannot be one of those words: a number, or another
// language.
func foreign(r rune) bool { return unicode.IsDigit(r) || r > unicode.MaxASCII && unicode.IsLetter(r) }

// cutText is the beginning of a text, and how long it was.
func cutText(text string) string {
	return fmt.Sprintf("%s… (%d bytes, too long for the model)", limits.Cut(text, keptText), len(text))
}

// What people are told who write more than is taken.
func slowDown(who string, perMinute int) string {
	return fmt.Sprintf("%s, I read at most %d messages a minute of one person; please write more slowly.", limits.Cut(who, 64), perMinute)
}

func shorten(who string, bytes int) string {
	return fmt.Sprintf("%s, your message is too long for me: I read at most %d bytes of text at once.", limits.Cut(who, 64), bytes)
}
