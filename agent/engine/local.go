package engine

import (
	"context"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
)

// localMind is a model in this process.
type localMind struct {
	place
	machine *Machine
	model   *generate.Model
	sees    bool
}

func (m *localMind) fits(messages []prompt.Message) error {
	tokens, err := m.model.PromptTokens(messages)
	if err != nil {
		return err
	}
	if window := m.model.Window(); tokens >= window {
		return &prompt.TooLongError{Tokens: tokens, Limit: window - 1}
	}
	return nil
}

func (m *localMind) acquire(ctx context.Context, d compute.Demand) (*compute.Lease, error) {
	d.Class, d.Silicon, d.Cost, d.TTL = compute.LocalGeneration, m.silicon, compute.Cost{Units: m.price(unitsReply)}, modelTTL
	return m.machine.broker.Acquire(ctx, d)
}

func (m *localMind) generate(
	ctx context.Context, req prompt.Request, kept *PromptCache, emit func(string) error,
) (prompt.Result, error) {
	if kept == nil {
		return m.model.Generate(ctx, req, emit)
	}
	return kept.generate(ctx, m.model, req, emit)
}

func (m *localMind) newPromptCache(h Holder) (*PromptCache, error) {
	at, err := m.machine.stations("prompt cache of " + h.String())
	if err != nil {
		return nil, err
	}
	return m.machine.kept.open(h, m.place, m.model.NewPromptCache(), at)
}

func (m *localMind) traits() prompt.Traits { return m.model.Traits() }

func (m *localMind) partTokens(part prompt.Part) int { return m.model.PartTokens(part) }

func (m *localMind) close() error { return m.model.Close() }
