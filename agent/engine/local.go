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
	return kept.cache.Generate(ctx, req, emit)
}

// newPromptCache keeps the prompt of a persona without eyes. With a picture in front of every question
// there is next to nothing to keep.
func (m *localMind) newPromptCache(h Holder) (*PromptCache, error) {
	if m.sees {
		return nil, nil
	}
	at, err := m.machine.stations("prompt cache of " + h.String())
	if err != nil {
		return nil, err
	}
	return &PromptCache{cache: m.model.NewPromptCache(), at: at}, nil
}

func (m *localMind) traits() prompt.Traits { return m.model.Traits() }

func (m *localMind) partTokens(part prompt.Part) int { return m.model.PartTokens(part) }

func (m *localMind) close() error { return m.model.Close() }

// PromptCache is the prompt of a persona's last answer as the model holds it: the next one, which
// begins alike, is computed from where it differs. It belongs to one persona in one room; one answer
// uses it at a time, which its lease sees to.
type PromptCache struct {
	cache *generate.PromptCache
	at    []*compute.Station
}

func (c *PromptCache) stations() []*compute.Station {
	if c == nil {
		return nil
	}
	return c.at
}

// Close gives its memory back; no answer may be under way. Closing none is done at once.
func (c *PromptCache) Close() error {
	if c == nil {
		return nil
	}
	return c.cache.Close()
}
