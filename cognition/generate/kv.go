package generate

import (
	"context"
	"errors"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// kv is key and value memory, on the device where the model runs. Where the graph appends in place,
// a step reads and writes the front set, whose tensors have room for all tokens. Elsewhere there
// are two sets: a step reads the front set, of the tokens so far, and writes the back set, with the
// new tokens appended; then they change places.
type kv struct {
	m *Model

	keys     []uint64 // what stands at each position; its length is the number of tokens held
	capacity int      // tokens that fit
	front    []*ort.Memory
	back     []*ort.Memory // none where the graph appends in place
	reserve  func(bytes int64) error
	past     []ort.Tensor // views of the front set, as long as length says; nil where they must be made anew
}

// length is how many tokens the tensors of the front set have.
func (k *kv) length() int {
	if k.m.decode.appends {
		return k.capacity
	}
	return len(k.keys)
}

// bytes is the memory held.
func (k *kv) bytes() int64 {
	total := int64(0)
	for _, set := range [][]*ort.Memory{k.front, k.back} {
		for _, m := range set {
			total += int64(m.Bytes())
		}
	}
	return total
}

// fit keeps the first tokens and makes room for a number of them altogether.
func (k *kv) fit(ctx context.Context, keep, room int) error {
	if keep >= len(k.keys) && room <= k.capacity {
		return nil
	}
	if room > k.capacity {
		return k.grow(ctx, keep, room)
	}
	if keep == 0 {
		return k.forget()
	}
	if k.m.decode.appends {
		k.keys = k.keys[:keep]
		return nil
	}
	if err := k.carry(ctx, keep, k.back, keep); err != nil {
		return err
	}
	k.front, k.back = k.back, k.front
	return nil
}

// Sizes of key and value memory, in tokens: a whole number of steps, and where something is carried
// over, which says that a conversation grows, some more, so that it moves every few replies only.
const (
	step  = 64
	spare = 192
)

// rounded is a number of tokens in whole steps.
func rounded(tokens int) int { return (tokens + step - 1) / step * step }

// grow moves to larger memory.
func (k *kv) grow(ctx context.Context, keep, room int) error {
	capacity := rounded(room)
	if keep > 0 {
		capacity = rounded(room + spare)
	}
	if k.reserve != nil {
		if err := k.reserve(k.m.PromptCacheBytes(capacity)); err != nil {
			return err
		}
	}
	var err error
	if keep == 0 {
		err = k.forget()
	}
	err = errors.Join(err, closeMemory(k.back))
	k.back = nil
	if err != nil {
		return err
	}
	front, err := k.allocate(capacity)
	if err != nil {
		return err
	}
	if keep > 0 {
		length := keep
		if k.m.decode.appends {
			length = capacity
		}
		if err := k.carry(ctx, keep, front, length); err != nil {
			return errors.Join(err, closeMemory(front))
		}
	}
	err = errors.Join(k.dropPast(), closeMemory(k.front))
	k.front, k.capacity = front, capacity
	if err == nil && !k.m.decode.appends {
		k.back, err = k.allocate(capacity)
	}
	if err != nil {
		return errors.Join(err, k.drop())
	}
	return nil
}

// allocate makes one set of memory.
func (k *kv) allocate(tokens int) ([]*ort.Memory, error) {
	d := &k.m.decode
	set := make([]*ort.Memory, 0, len(d.past))
	for range d.past {
		m, err := d.session.Allocate(d.kvKind, tokens*k.m.heads*k.m.headDim)
		if err != nil {
			return nil, errors.Join(err, closeMemory(set))
		}
		set = append(set, m)
	}
	return set, nil
}

// carry copies the first tokens of the front set into another one, whose tensors have a length of
// their own. Heads lie one after another, so each one's rows move.
func (k *kv) carry(ctx context.Context, keep int, into []*ort.Memory, length int) (err error) {
	from, err := k.read()
	if err != nil {
		return err
	}
	to, err := k.views(into, length)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll(to)) }()
	for i := range to {
		if err := k.m.move.fit(ctx, from[i], to[i]); err != nil {
			return err
		}
	}
	k.keys = k.keys[:keep]
	return k.dropPast()
}

// views makes tensors over a set of memory for a number of tokens.
func (k *kv) views(set []*ort.Memory, tokens int) ([]ort.Tensor, error) {
	list := make([]ort.Tensor, 0, len(set))
	for _, m := range set {
		t, err := m.Tensor(0, 1, int64(k.m.heads), int64(tokens), int64(k.m.headDim))
		if err != nil {
			return nil, errors.Join(err, closeAll(list))
		}
		list = append(list, t)
	}
	return list, nil
}

// read returns the tensors of the front set.
func (k *kv) read() (past []ort.Tensor, err error) {
	if k.past == nil {
		k.past, err = k.views(k.front, k.length())
	}
	return k.past, err
}

// step returns the tensors for a run that adds tokens. One of commit and abandon takes the present
// ones back.
func (k *kv) step(tokens int) (past, present []ort.Tensor, err error) {
	if past, err = k.read(); err != nil || k.m.decode.appends {
		return past, past, err
	}
	present, err = k.views(k.back, len(k.keys)+tokens)
	return past, present, err
}

// commit accepts a run: its tokens belong to the past now.
func (k *kv) commit(present []ort.Tensor, keys []uint64) (err error) {
	if !k.m.decode.appends {
		err = closeAll(k.past)
		k.past = present
		k.front, k.back = k.back, k.front
	}
	k.keys = append(k.keys, keys...)
	return err
}

// abandon refuses a run: what it wrote lies behind the tokens held, or in the back set.
func (k *kv) abandon(present []ort.Tensor) error {
	if k.m.decode.appends {
		return nil
	}
	return closeAll(present)
}

// forget keeps the memory and nothing in it.
func (k *kv) forget() error {
	k.keys = k.keys[:0]
	return k.dropPast()
}

// dropPast closes the views of the front set.
func (k *kv) dropPast() error {
	err := closeAll(k.past)
	k.past = nil
	return err
}

// drop releases everything.
func (k *kv) drop() error {
	err := errors.Join(k.dropPast(), closeMemory(k.front), closeMemory(k.back))
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

// closeMemory closes memory and joins the errors.
func closeMemory(list []*ort.Memory) error {
	var errs []error
	for _, m := range list {
		errs = append(errs, m.Close())
	}
	return errors.Join(errs...)
}
