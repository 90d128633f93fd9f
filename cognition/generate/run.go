package generate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// lane is one call on its way through the graphs. It owns its scratch memory; the key and value
// memory belongs to the cache.
type lane struct {
	m       *Model
	kv      *kv
	at      *positions
	compute time.Duration // time inside the graphs
	mask    []int64       // ones, for every token that prompt and answer may have
	single  *batch        // for one token that has no features; made at the first one
	scores  []float32     // of the last token computed; valid until the next run
	inputs  []ort.Tensor
	outputs []ort.Tensor
}

// newLane allocates for a number of tokens altogether.
func newLane(m *Model, k *kv, total int) *lane {
	l := &lane{
		m: m, kv: k, mask: make([]int64, total), scores: make([]float32, m.vocab),
		inputs: make([]ort.Tensor, len(m.decode.session.Inputs())), outputs: make([]ort.Tensor, len(m.decode.session.Outputs())),
	}
	for i := range l.mask {
		l.mask[i] = 1
	}
	return l
}

// close releases the scratch memory.
func (l *lane) close() error {
	if l.single == nil {
		return nil
	}
	return l.single.close()
}

// feed computes the next tokens and sets l.scores for the last one. Rows replace the embeddings of
// image and audio tokens, in order; it returns the rows that are left.
func (l *lane) feed(ctx context.Context, ids []int, keys []uint64, rows []row) ([]row, error) {
	if len(ids) == 1 && (len(rows) == 0 || !l.m.placeholder(ids[0])) {
		if l.single == nil {
			b, err := newBatch(l.m, 1, true)
			if err != nil {
				return rows, err
			}
			l.single = b
		}
		return rows, l.forward(ctx, l.single, ids, keys, nil)
	}
	used, away := 0, l.m.device
	for _, id := range ids {
		if l.m.placeholder(id) && used < len(rows) {
			away = away || rows[used].image.Device != nil
			used++
		}
	}
	b, err := newBatch(l.m, len(ids), used == 0 || away)
	if err != nil {
		return rows, err
	}
	err = l.forward(ctx, b, ids, keys, rows[:used])
	return rows[used:], errors.Join(err, b.close())
}

// forward runs both graphs over one batch.
func (l *lane) forward(ctx context.Context, b *batch, ids []int, keys []uint64, rows []row) error {
	for i, id := range ids {
		b.ids[i] = int64(id)
	}
	if err := l.run(ctx, l.m.embed.session, []ort.Tensor{b.tensors.ids}, b.outputs); err != nil {
		return err
	}
	var err error
	if b.on == nil {
		err = l.place(b, ids, rows)
	} else if len(rows) > 0 {
		err = l.merge(ctx, b, ids, rows)
	}
	if err != nil {
		return err
	}
	return l.decode(ctx, b, keys)
}

// place puts features among embeddings that lie in main memory.
func (l *lane) place(b *batch, ids []int, rows []row) error {
	if b.input.kind != b.embeds.kind {
		b.input.copyFrom(b.embeds)
	}
	hidden := l.m.hidden
	for i, id := range ids {
		if !l.m.placeholder(id) || len(rows) == 0 {
			continue
		}
		r := rows[0]
		rows = rows[1:]
		if r.image.Device != nil {
			return fmt.Errorf("%w: on the device, where the graphs' embeddings are of two types", ErrImage)
		}
		b.input.part(i*hidden, (i+1)*hidden).copyFrom(of(r.image.Features[r.at*hidden : (r.at+1)*hidden]))
	}
	return nil
}

// merge does the same on the device: embeddings stay there, and so do features that are there
// already. Rows of one image that follow each other take one run; runs go back and forth between
// two pieces of memory.
func (l *lane) merge(ctx context.Context, b *batch, ids []int, rows []row) error {
	from, to := b.tensors.embeds, ort.Tensor(nil)
	next := 0 // position in ids
	for len(rows) > 0 {
		first, places := rows[0], []int64(nil)
		for len(rows) > 0 && rows[0].image == first.image && rows[0].at == first.at+len(places) {
			for !l.m.placeholder(ids[next]) {
				next++
			}
			places, rows = append(places, int64(next)), rows[1:]
			next++
		}
		if to == nil {
			var err error
			if to, err = b.spare(l.m); err != nil {
				return err
			}
		}
		features, err := first.image.tensor(first.at, len(places))
		if err != nil {
			return err
		}
		start := time.Now()
		err = errors.Join(l.m.move.merge(ctx, from, features, to, places), features.Close())
		l.compute += time.Since(start)
		if err != nil {
			return err
		}
		from, to = to, from
	}
	b.tensors.input = from
	return nil
}

// tensor is a view of some rows of an image's features.
func (m *Image) tensor(first, count int) (ort.Tensor, error) {
	shape := []int64{int64(count), int64(m.Hidden)}
	if m.Device != nil {
		return m.Device.Tensor(first*m.Hidden, shape...)
	}
	return ort.Float32(shape, m.Features[first*m.Hidden:(first+count)*m.Hidden])
}

// decode runs the decoder over the embeddings of a batch.
func (l *lane) decode(ctx context.Context, b *batch, keys []uint64) (err error) {
	d, held := &l.m.decode, len(l.kv.keys)
	l.at.write(b.places, held, b.n)
	l.inputs[d.embeds], l.outputs[d.logits] = b.tensors.input, b.tensors.logits
	for k, i := range d.extras {
		l.inputs[i] = b.extras[k]
	}
	if d.places >= 0 {
		l.inputs[d.places] = b.tensors.places
	}
	if d.keep >= 0 {
		l.inputs[d.keep] = b.tensors.keep
	}
	if d.mask >= 0 {
		mask, err := ort.Int64([]int64{1, int64(held + b.n)}, l.mask[:held+b.n])
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, mask.Close()) }()
		l.inputs[d.mask] = mask
	}
	past, present, err := l.kv.step(b.n)
	if err != nil {
		return err
	}
	for k, i := range d.past {
		l.inputs[i], l.outputs[d.present[k]] = past[k], present[k]
	}
	if err := l.run(ctx, d.session, l.inputs, l.outputs); err != nil {
		return errors.Join(err, l.kv.abandon(present))
	}
	if b.tensors.last != nil {
		if err := l.run(ctx, l.m.move.scores, []ort.Tensor{b.tensors.last}, []ort.Tensor{b.tensors.scores}); err != nil {
			return errors.Join(err, l.kv.abandon(present))
		}
	}
	of(l.scores).copyFrom(b.logits.part(b.logits.len()-l.m.vocab, b.logits.len()))
	return l.kv.commit(present, keys)
}

// run calls a graph and adds to the time spent in graphs.
func (l *lane) run(ctx context.Context, s *ort.Session, inputs, outputs []ort.Tensor) error {
	start := time.Now()
	err := s.Run(ctx, inputs, outputs)
	l.compute += time.Since(start)
	return err
}
