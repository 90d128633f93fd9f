package context

import "github.com/sensory-agent/sensory-agent/cognition/prompt"

// Thread follows the prompts of one persona in one room, one after another, and says of each what
// it has in common with the one before. The zero value has seen none. It belongs to one goroutine.
type Thread struct{ last Chain }

// Next takes the next prompt of the thread. broken is what changed before the tail since the prompt
// before; nil where nothing did, and of the first one.
func (t *Thread) Next(p prompt.Prompt) (chain Chain, broken *Break) {
	chain = ChainOf(p.Segments, t.last)
	broken = Compare(t.last, chain)
	t.last = chain
	return chain, broken
}
