package room

import (
	"cmp"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/cognition/turn/interrupt"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// strangeSilence is how long somebody who has not finished a turn yet is waited for: how they pause
// is not known. In the first set of scripts/bench-turns 7 % of the pauses are longer, and half of
// the strangers who were cut off where whole sentences of theirs ended as those of others are not.
const strangeSilence = 800 * time.Millisecond

// endpoint says when those who are heard in a room have finished, and how long they speak before a
// persona gives way, as its policy has it. The error is
// hearing.ErrConfig, of a policy that was not validated.
func endpoint(p *turn.Policy) (hearing.EndpointConfig, error) {
	cfg := hearing.EndpointConfig{StrangeSilence: strangeSilence}
	if !p.Endpointing.Adapt {
		cfg.PatientSilence, cfg.StrangeSilence = -1, 0
	}
	cfg.Marks = append(cfg.Marks, cmp.Or(p.Floor.Duck, interrupt.DuckAfter), cmp.Or(p.Floor.Stop, interrupt.BlindStop), interrupt.VoiceStop)
	slices.Sort(cfg.Marks)
	return cfg.Within(p.Endpointing.Min, p.Endpointing.Max)
}
