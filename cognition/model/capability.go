package model

import (
	"fmt"
	"slices"
	"strings"
)

// Capability is one word of the closed vocabulary of abilities.
type Capability string

// The vocabulary. A new ability is a new row of capabilities, never a string test elsewhere.
const (
	// Chat answers text with text.
	Chat Capability = "chat"
	// Vision takes images.
	Vision Capability = "vision"
	// AudioInput takes speech.
	AudioInput Capability = "audio-input"
	// AudioOutput gives speech.
	AudioOutput Capability = "audio-output"
	// ToolUse emits tool calls.
	ToolUse Capability = "tool-use"
	// Streaming gives partial results.
	Streaming Capability = "streaming"
	// Embedding gives vectors.
	Embedding Capability = "embedding"
)

// Capabilities returns the vocabulary in its fixed order.
func Capabilities() []Capability {
	return []Capability{Chat, Vision, AudioInput, AudioOutput, ToolUse, Streaming, Embedding}
}

// Set is a set of capabilities, one bit for each word in the order of Capabilities.
type Set uint16

// bit returns the set that holds c alone, or 0 for an unknown word.
func bit(c Capability) Set {
	switch c {
	case Chat:
		return 1
	case Vision:
		return 2
	case AudioInput:
		return 4
	case AudioOutput:
		return 8
	case ToolUse:
		return 16
	case Streaming:
		return 32
	case Embedding:
		return 64
	}
	return 0
}

// SetOf returns the set of the given words. Unknown words are left out: parse first.
func SetOf(words ...Capability) Set {
	var s Set
	for _, w := range words {
		s |= bit(w)
	}
	return s
}

// Has reports whether the set holds c.
func (s Set) Has(c Capability) bool { return bit(c) != 0 && s&bit(c) != 0 }

// Words returns the members in vocabulary order.
func (s Set) Words() []Capability {
	var out []Capability
	for _, c := range Capabilities() {
		if s.Has(c) {
			out = append(out, c)
		}
	}
	return out
}

// String renders the members, comma separated.
func (s Set) String() string {
	var words []string
	for _, c := range s.Words() {
		words = append(words, string(c))
	}
	return strings.Join(words, ", ")
}

// ParseCapability returns the capability with that word. Matching is exact.
func ParseCapability(word string) (Capability, error) {
	c := Capability(word)
	if slices.Contains(Capabilities(), c) {
		return c, nil
	}
	return "", fmt.Errorf("%w: %q", ErrUnknownCapability, word)
}

// Kind is the part that an entry can play.
type Kind string

const (
	// KindModel is a base model: it can be a persona.
	KindModel Kind = "model"
	// KindAdapter gives a base model a capability that it lacks: an ear or a voice.
	KindAdapter Kind = "adapter"
	// KindComponent is needed by the loop and has no capability of its own: a voice activity
	// detector.
	KindComponent Kind = "component"
	// KindRuntime is an inference library.
	KindRuntime Kind = "runtime"
)

// KindNames returns the words of all kinds.
func KindNames() []string {
	return []string{string(KindModel), string(KindAdapter), string(KindComponent), string(KindRuntime)}
}

// Valid reports whether k is one of the four kinds.
func (k Kind) Valid() bool { return slices.Contains(KindNames(), string(k)) }
