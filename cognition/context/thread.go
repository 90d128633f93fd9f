package context

import (
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// Thread follows the prompts of one persona in one room, one after another, and says of each what
// it has in common with the one before. The zero value has seen none. It belongs to one goroutine.
type Thread struct {
	last  Chain
	asked bool
}

// Step is a prompt in its thread.
type Step struct {
	Chain Chain
	// Break is what changed before the tail since the prompt before; nil where nothing did.
	Break *Break
	// First says that there was none before.
	First bool
}

// Next takes the next prompt of the thread.
func (t *Thread) Next(p prompt.Prompt) Step {
	chain := ChainOf(p.Segments, t.last)
	step := Step{Chain: chain, Break: Compare(t.last, chain), First: !t.asked}
	t.last, t.asked = chain, true
	return step
}

// Request is what a model is asked: the prompt with the parts of its tail, and the persona's key.
func (s Step) Request(p prompt.Prompt, maxTokens int, parts ...prompt.Part) prompt.Request {
	return prompt.Request{Messages: p.With(parts...), MaxTokens: maxTokens, CacheKey: string(s.Chain.Persona())}
}

// Reuse is what the reply to the prompt did not have to compute again, by the counts of its result,
// and why it was not more. evicted is when the persona's prompt cache was evicted since the prompt
// before; zero where it was not.
func (s Step) Reuse(r prompt.Result, evicted time.Time) Reuse {
	reuse := Reuse{Reused: r.Reused, Prompt: r.PromptTokens, Break: s.Break}
	switch {
	case s.First:
		reuse.Lost = "first reply"
	case !evicted.IsZero():
		reuse.Lost = "prompt cache evicted " + evicted.Format("15:04")
	}
	return reuse
}
