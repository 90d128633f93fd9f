package room

import (
	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// LimitStats are what a room did not take, and what became of what it took.
type LimitStats struct {
	// Room counts what was refused of other participants at the edge of the room.
	Room limits.Stats `json:"room"`
	// Letters counts what was refused of messages that came another way than through the room.
	Letters limits.Stats `json:"letters"`
	// Questions counts what became of questions.
	Questions turn.Stats `json:"questions"`
	// UnheardPackets of the voice were made while nobody could hear them.
	UnheardPackets uint64 `json:"unheard_packets,omitempty"`
}
