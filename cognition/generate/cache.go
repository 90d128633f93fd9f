package generate

import (
	"errors"
	"sync/atomic"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// Cache holds the keys and values of a conversation, so that the next prompt, which usually begins like the last one and its answer, is
// computed only from where it differs. Images count by their features. It belongs to one persona: one call at a time may use it, another
// one gets [ErrBusy].
type Cache struct {
	model *Model
	busy  atomic.Bool
	kv    kv
}

// NewCache makes an empty cache for this model. It allocates nothing until it is used.
func (m *Model) NewCache() *Cache { return &Cache{model: m, kv: newKV(m)} }

// Tokens is how many tokens the cache holds. It must not be called while a call uses the cache.
func (c *Cache) Tokens() int { return len(c.kv.keys) }

// Bytes is the memory of the cache. It must not be called while a call uses the cache.
func (c *Cache) Bytes() int64 { return c.kv.bytes() }

// Reset forgets everything and keeps the memory. It returns [ErrBusy] while a call uses the cache.
func (c *Cache) Reset() error {
	if !c.busy.CompareAndSwap(false, true) {
		return ErrBusy
	}
	defer c.busy.Store(false)
	c.kv.keys = c.kv.keys[:0]
	return nil
}

// Close gives the memory back; the cache can be used again afterwards, empty. It returns [ErrBusy] while a call uses the cache.
func (c *Cache) Close() error {
	if !c.busy.CompareAndSwap(false, true) {
		return ErrBusy
	}
	defer c.busy.Store(false)
	err := c.kv.drop()
	c.kv = newKV(c.model)
	return err
}

// take gives the cache to a call of model m.
func (c *Cache) take(m *Model) error {
	if c.model != m {
		return ErrClosed
	}
	if !c.busy.CompareAndSwap(false, true) {
		return ErrBusy
	}
	return nil
}

// kv is two sets of key and value memory. A step reads the front set, of the tokens so far, and writes the back set, with the new
// tokens appended; then they change places.
type kv struct {
	kind    ort.ElementType
	heads   int
	headDim int
	slots   int // tensors: two per layer

	keys     []uint64 // what stands at each position; its length is the number of tokens held
	capacity int      // tokens that fit
	front    []array
	back     []array
	past     []ort.Tensor // views of the front set for len(keys) tokens; nil where they must be made anew
}

// newKV describes an empty cache.
func newKV(m *Model) kv {
	return kv{kind: m.decode.kvKind, heads: m.heads, headDim: m.headDim, slots: len(m.decode.past)}
}

// bytes is the memory held.
func (k *kv) bytes() int64 {
	total := int64(0)
	for _, set := range [][]array{k.front, k.back} {
		for _, a := range set {
			total += a.bytes()
		}
	}
	return total
}

// reserve makes room for a number of tokens, keeping what is held.
func (k *kv) reserve(tokens int) error {
	if tokens <= k.capacity {
		return nil
	}
	if err := k.dropPast(); err != nil {
		return err
	}
	const step = 64 // tokens; rounds the size up, so that growing conversations seldom allocate
	k.capacity = (tokens + step - 1) / step * step
	held := len(k.keys) * k.heads * k.headDim
	for i := range k.slots {
		front := newArray(k.kind, k.capacity*k.heads*k.headDim)
		if held > 0 {
			front.copyFrom(k.front[i].part(0, held))
		}
		if len(k.front) < k.slots {
			k.front, k.back = append(k.front, front), append(k.back, newArray(k.kind, front.len()))
			continue
		}
		k.front[i], k.back[i] = front, newArray(k.kind, front.len())
	}
	return nil
}

// truncate keeps the first tokens only: heads lie one after another, so each one's rows move together.
func (k *kv) truncate(tokens int) error {
	held := len(k.keys)
	if tokens >= held {
		return nil
	}
	if err := k.dropPast(); err != nil {
		return err
	}
	width := k.headDim
	for _, a := range k.front {
		for head := 1; head < k.heads; head++ {
			a.part(head*tokens*width, (head+1)*tokens*width).copyFrom(a.part(head*held*width, (head*held+tokens)*width))
		}
	}
	k.keys = k.keys[:tokens]
	return nil
}

// shape of one tensor for a number of tokens.
func (k *kv) shape(tokens int) []int64 {
	return []int64{1, int64(k.heads), int64(tokens), int64(k.headDim)}
}

// views makes tensors over a set of memory for a number of tokens.
func (k *kv) views(set []array, tokens int) ([]ort.Tensor, error) {
	list := make([]ort.Tensor, 0, len(set))
	shape := k.shape(tokens)
	for _, a := range set {
		t, err := a.tensor(shape...)
		if err != nil {
			return nil, errors.Join(err, closeAll(list))
		}
		list = append(list, t)
	}
	return list, nil
}

// step returns the tensors for a run that adds tokens.
func (k *kv) step(tokens int) (past, present []ort.Tensor, err error) {
	if k.past == nil {
		if k.past, err = k.views(k.front, len(k.keys)); err != nil {
			return nil, nil, err
		}
	}
	present, err = k.views(k.back, len(k.keys)+tokens)
	return k.past, present, err
}

// commit accepts a run: what it wrote becomes the front set.
func (k *kv) commit(present []ort.Tensor, keys []uint64) error {
	err := closeAll(k.past)
	k.past = present
	k.front, k.back = k.back, k.front
	k.keys = append(k.keys, keys...)
	return err
}

// dropPast closes the views of the front set.
func (k *kv) dropPast() error {
	err := closeAll(k.past)
	k.past = nil
	return err
}

// drop releases everything.
func (k *kv) drop() error {
	err := k.dropPast()
	k.front, k.back, k.capacity, k.keys = nil, nil, 0, nil
	return err
}

// closeAll closes tensors and joins the errors.
func closeAll(list []ort.Tensor) error {
	var errs []error
	for _, t := range list {
		errs = append(errs, t.Close())
	}
	return errors.Join(errs...)
}
