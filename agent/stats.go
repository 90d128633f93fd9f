package agent

import "github.com/sensory-agent/sensory-agent/agent/limits"

// LimitStats are what a session did not take, and what became of what it took.
type LimitStats struct {
	// Room counts what was refused of other participants at the edge of the room.
	Room limits.Stats `json:"room"`
	// Questions counts what became of questions.
	Questions QuestionStats `json:"questions"`
	// UnheardPackets of the voice were made while nobody could hear them.
	UnheardPackets uint64 `json:"unheard_packets,omitempty"`
}

// QuestionStats count what became of questions.
type QuestionStats struct {
	Asked      uint64 `json:"asked"`
	Answered   uint64 `json:"answered"`             // answers begun
	Waited     uint64 `json:"waited,omitempty"`     // for the answer to somebody else
	Superseded uint64 `json:"superseded,omitempty"` // by a newer question of the same person
	Crowded    uint64 `json:"crowded,omitempty"`    // given up: too many people waited
	Late       uint64 `json:"late,omitempty"`       // given up: they had waited for a minute
	Yielded    uint64 `json:"yielded,omitempty"`    // answers that gave way to somebody who had spoken first
	// Waiting is how many people wait now.
	Waiting int `json:"waiting,omitempty"`
	// Agents counts chat of agents, which is not answered.
	Agents uint64 `json:"agents,omitempty"`
}
