package room

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Grant is a right that a token gives, by its name in the token.
type Grant = turn.Right

// Grants that a persona needs.
const (
	GrantSubscribe = turn.RightSubscribe // to hear and see
	GrantPublish   = turn.RightPublish   // to be heard: with the microphone among canPublishSources, where that is given
	GrantData      = turn.RightData      // to write: chat and transcripts
)

// ErrGrant means that the token, or the server, does not give a right that a persona needs; see
// GrantError.
var ErrGrant = errors.New("a right is missing")

// missing are the rights that a persona needs and that are not given.
func missing(p lk.Permissions, voiceOnly bool) []Grant {
	var out []Grant
	if !p.CanSubscribe {
		out = append(out, GrantSubscribe)
	}
	if !p.CanPublish {
		out = append(out, GrantPublish)
	}
	if !p.CanPublishData && !voiceOnly {
		out = append(out, GrantData)
	}
	return out
}

// without says what follows where a right is missing.
func without(g Grant) string {
	switch g {
	case GrantSubscribe:
		return "it would hear and see nobody"
	case GrantPublish:
		return "nobody would hear it"
	case GrantData:
		return "nobody would read its transcripts and chat"
	}
	return "unknown right"
}

// GrantError says which rights a persona does not have in its room.
type GrantError struct {
	// Missing are in the order of the Grant constants.
	Missing []Grant
	// Revoked is true when the server took them while the persona was in the room, and false for a
	// token that never gave them.
	Revoked bool
}

// Error names the rights, what follows from their lack, and what to do.
func (e *GrantError) Error() string {
	var b strings.Builder
	if e.Revoked {
		b.WriteString("the server took rights away: ")
	} else {
		b.WriteString("the token does not give rights that a persona needs: ")
	}
	for i, g := range e.Missing {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s (%s)", g, without(g))
	}
	if e.Revoked {
		b.WriteString("; it goes on when they are given back")
	} else {
		b.WriteString("; have the token made with them")
	}
	if !e.Revoked && len(e.Missing) == 1 && e.Missing[0] == GrantData {
		b.WriteString(", or configure a persona that only speaks")
	}
	return b.String()
}

// Unwrap returns ErrGrant.
func (e *GrantError) Unwrap() error { return ErrGrant }
