package room

import (
	"fmt"
	"strconv"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

// attrPersona marks what a persona writes in the chat, so that others know it for what it is before
// they know its sender.
const attrPersona = "sensory_agent.persona"

// Attributes of chat messages: the id that a message has in the store, and the id of the one that
// it answers.
const (
	attrMessage = "sensory_agent.message"
	attrReplyTo = "sensory_agent.reply_to"
)

// Bounds of texts.
const (
	longText = 4 << 10 // bytes of a question above which the model is asked whether it takes it
	keptText = 512     // bytes kept of one that it refuses for its size
)

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

// keyBytes is the most bytes of a key: a UUID with room for a prefix.
const keyBytes = 128

// streamKey is what a message that was typed in the room is called; empty where its stream has too
// long a name.
func streamKey(id string) string {
	if id == "" || len(id) > keyBytes {
		return ""
	}
	return "stream/" + id
}

// Methods that pages can call on a persona (docs/join.md): what it does, a question to it, and, for
// those who may manage agents' sessions, to be silent.
const (
	callState = "sensory.state"
	callAsk   = "sensory.ask"
	callMute  = "sensory.mute"
)

func methods() []string { return []string{callState, callAsk, callMute} }

func quoted(name string) string {
	if len(name) > 64 {
		name = name[:64] + "…"
	}
	return strconv.Quote(name)
}
