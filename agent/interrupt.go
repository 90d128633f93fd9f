package agent

import (
	"strings"
	"time"
)

// Thresholds of an interruption: the persona lowers its voice when somebody speaks, and stops when they mean it.
const (
	duckAfter = 128 * time.Millisecond
	stopAfter = 500 * time.Millisecond
	duckGain  = 0.3
)

// overlapAction is what an overlap decides.
type overlapAction uint8

const (
	overlapNothing overlapAction = iota
	overlapDuck                  // lower the voice
	overlapRestore               // it was nothing: back to full voice
	overlapStop                  // stop speaking, give up the answer
)

// overlap decides what happens when a human speaks while the persona does. It is pure: one value belongs to one speaker, and its
// methods say what to do next.
type overlap struct {
	ducked bool
}

// sustained takes note that speech has lasted a while.
func (o *overlap) sustained(voiced time.Duration) overlapAction {
	switch {
	case voiced >= stopAfter:
		o.ducked = false
		return overlapStop
	case voiced >= duckAfter && !o.ducked:
		o.ducked = true
		return overlapDuck
	}
	return overlapNothing
}

// words takes note of what was recognised so far.
func (o *overlap) words(text string) overlapAction {
	if backchannel(text) {
		return overlapNothing
	}
	o.ducked = false
	return overlapStop
}

// ended takes note that the speaker fell silent without having stopped the persona.
func (o *overlap) ended() overlapAction {
	if !o.ducked {
		return overlapNothing
	}
	o.ducked = false
	return overlapRestore
}

// backchannel tells whether a text only says "go on": such words neither interrupt nor ask anything.
func backchannel(text string) bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return (r < 'a' || r > 'z') && r != '\'' })
	for _, w := range words {
		switch w {
		case "mm", "mhm", "hmm", "hm", "uh", "huh", "um", "ah", "oh", "yeah", "yes", "yep", "ok", "okay", "right", "sure", "i", "see":
		default:
			return false
		}
	}
	return true
}
