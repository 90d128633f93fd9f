package room

import (
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// endpoint says when those who are heard in a room have finished, as its policy has it. The error is
// hearing.ErrConfig, of a policy that was not validated.
func endpoint(p *turn.Policy) (hearing.EndpointConfig, error) {
	var cfg hearing.EndpointConfig
	if !p.Endpointing.Adapt {
		cfg.PatientSilence = -1
	}
	return cfg.Within(p.Endpointing.Min, p.Endpointing.Max)
}
