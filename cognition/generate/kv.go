package generate

import (
	"context"
	"errors"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// kv is two sets of key and value memory, on the device where the model runs. A step reads the front set, of the tokens so far, and
// writes the back set, with the new tokens appended; then they change places.
type kv struct {
	m *Model

	keys     []uint64 // what stands at each position; its length is the number of tokens held
	capacity int      // tokens that fit
	front    []*ort.Memory
	back     []*ort.Memory
	past     []ort.Tensor // views of the front set for len(keys) tokens; nil where they must be made anew
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
	if keep == 0 {
		if err := k.forget(); err != nil {
			return err
		}
	}
	if room > k.capacity {
		return k.grow(ctx, keep, room)
	}
	if keep == 0 {
		return nil
	}
	if err := k.carry(ctx, keep, k.back); err != nil {
		return err
	}
	k.front, k.back = k.back, k.front
	return nil
}

// grow moves to larger memory.
func (k *kv) grow(ctx context.Context, keep, room int) error {
	const step = 64 // tokens; rounds the size up, so that growing conversations seldom allocate
	capacity := (room + step - 1) / step * step
	if err := closeMemory(k.back); err != nil {
		return err
	}
	k.back, k.capacity = nil, 0
	front, err := k.allocate(capacity)
	if err != nil {
		return err
	}
	if keep > 0 {
		if err := k.carry(ctx, keep, front); err != nil {
			return errors.Join(err, closeMemory(front))
		}
	}
	err = errors.Join(k.dropPast(), closeMemory(k.front))
	k.front = front
	if err != nil {
		return err
	}
	if k.back, err = k.allocate(capacity); err != nil {
		return errors.Join(err, k.drop())
	}
	k.capacity = capacity
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

// carry copies the first tokens of the front set into another one. Heads lie one after another, so each one's rows move.
func (k *kv) carry(ctx context.Context, keep int, into []*ort.Memory) (err error) {
	if k.past == nil {
		if k.past, err = k.views(k.front, len(k.keys)); err != nil {
			return err
		}
	}
	to, err := k.views(into, keep)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll(to)) }()
	for i := range to {
		if err := k.m.move.cut(ctx, k.past[i], to[i]); err != nil {
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
