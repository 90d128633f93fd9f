package generate

import (
	"sync/atomic"
)

// PromptCache holds the keys and values of a conversation, so that the next prompt, which usually begins like the last one and its answer, is
// computed only from where it differs. Images count by their features. It belongs to one persona: one call at a time may use it, another
// one gets [ErrBusy].
type PromptCache struct {
	model *Model
	busy  atomic.Bool
	kv    kv
}

// NewPromptCache makes an empty cache for this model. It allocates nothing until it is used.
func (m *Model) NewPromptCache() *PromptCache { return &PromptCache{model: m, kv: kv{m: m}} }

// Tokens is how many tokens the cache holds. It must not be called while a call uses the cache.
func (c *PromptCache) Tokens() int { return len(c.kv.keys) }

// Bytes is the memory of the cache. It must not be called while a call uses the cache.
func (c *PromptCache) Bytes() int64 { return c.kv.bytes() }

// Reset forgets everything and keeps the memory. It returns [ErrBusy] while a call uses the cache.
func (c *PromptCache) Reset() error {
	if !c.busy.CompareAndSwap(false, true) {
		return ErrBusy
	}
	defer c.busy.Store(false)
	return c.kv.forget()
}

// Close gives the memory back; the cache can be used again afterwards, empty. It returns [ErrBusy] while a call uses the cache.
func (c *PromptCache) Close() error {
	if !c.busy.CompareAndSwap(false, true) {
		return ErrBusy
	}
	defer c.busy.Store(false)
	return c.kv.drop()
}

// take gives the cache to a call.
func (c *PromptCache) take() error {
	if !c.busy.CompareAndSwap(false, true) {
		return ErrBusy
	}
	return nil
}
