package generate

import (
	"sync/atomic"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// PromptCache holds the keys and values of a conversation, so that the next prompt, which usually
// begins like the last one and its answer, is computed only from where it differs. Images count by
// their features. It belongs to one persona: one call at a time may use it, another one gets
// [ErrBusy].
type PromptCache struct {
	model *Model
	busy  atomic.Bool
	kv    kv
}

// NewPromptCache makes an empty cache for this model. It allocates nothing until it is used.
func (m *Model) NewPromptCache() *PromptCache { return &PromptCache{model: m, kv: kv{m: m}} }

// Reserve sets what is asked before the cache takes memory, with the bytes that it will have then
// ([PromptCache.Bytes]). An error of it ends the call of Generate, which returns it, and leaves the
// cache as it was. It is called on the goroutine of Generate. It must be set before the first call.
func (c *PromptCache) Reserve(reserve func(bytes int64) error) { c.kv.reserve = reserve }

// Tokens is how many tokens the cache holds. It must not be called while a call uses the cache.
func (c *PromptCache) Tokens() int { return len(c.kv.keys) }

// Bytes is the memory of the cache. It must not be called while a call uses the cache.
func (c *PromptCache) Bytes() int64 { return c.kv.bytes() }

// PromptCacheBytes is the memory that a cache takes at first for a prompt and its answer of so many
// tokens together. One that goes on growing takes up to 192 tokens more ([PromptCache.Bytes]), and
// while it moves to larger memory it has both.
func (m *Model) PromptCacheBytes(tokens int) int64 {
	d := &m.decode
	sets := int64(2)
	if d.appends {
		sets = 1
	}
	size := int64(4)
	if d.kvKind == ort.TypeFloat16 {
		size = 2
	}
	return sets * int64(len(d.past)) * int64(rounded(tokens)*m.heads*m.headDim) * size
}

// Reset forgets everything and keeps the memory. It returns [ErrBusy] while a call uses the cache.
func (c *PromptCache) Reset() error {
	if !c.busy.CompareAndSwap(false, true) {
		return ErrBusy
	}
	defer c.busy.Store(false)
	return c.kv.forget()
}

// Close gives the memory back; the cache can be used again afterwards, empty. It returns [ErrBusy]
// while a call uses the cache.
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
