package room

import (
	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// LimitStats are what a room did not take, and what became of what it took.
type LimitStats struct {
	// Room counts what was refused of other participants at the edge of the room.
	Room limits.Stats `json:"room"`
	// Asked counts what was refused of what participants asked personas themselves for: their
	// session, calls, what was said while connecting. Where a persona listens for the room, Room
	// has it too.
	Asked map[limits.Kind]uint64 `json:"asked,omitempty"`
	// Letters counts what was refused of messages that came another way than through the room.
	Letters limits.Stats `json:"letters"`
	// Questions counts what became of questions.
	Questions turn.Stats `json:"questions"`
	// UnheardPackets of the voice were made while nobody could hear them.
	UnheardPackets uint64 `json:"unheard_packets,omitempty"`
}

// ask adds what was refused on a persona's own connection, of what others do not get.
func (l *LimitStats) ask(of limits.Stats) {
	for _, kind := range []limits.Kind{limits.StreamBytes, limits.StreamRate, limits.Session, limits.EarlyAudio, limits.Calls} {
		if n := of.Refused[kind]; n > 0 {
			if l.Asked == nil {
				l.Asked = map[limits.Kind]uint64{}
			}
			l.Asked[kind] += n
		}
	}
}
