package generate

import (
	"errors"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// batch holds the tensors of runs over a fixed number of tokens. It belongs to one lane.
type batch struct {
	n       int
	ids     []int64
	places  []int64
	embeds  array        // as the embedding graph writes them; empty where they stay on the device
	input   array        // as the decoder reads them; the same memory where the types agree
	logits  array        // of the positions that are scored, or of the last one where the others stay on the device
	on      *ort.Memory  // embeddings on the device; nil where they are here
	extras  []ort.Tensor // what the embedding graph passes to the decoder beside embeddings, in the graphs' own memory
	outputs []ort.Tensor // of the embedding graph: embeddings and extras
	tensors struct{ ids, embeds, input, places, keep, logits, last, scores ort.Tensor }
	opened  []interface{ Close() error }
}

// newBatch allocates for n tokens. Stay says that embeddings need not be seen here, and so stay on
// the device.
func newBatch(m *Model, n int, stay bool) (*batch, error) {
	b := &batch{n: n, ids: make([]int64, n), places: make([]int64, n*max(m.decode.axes, 1))}
	steps := []func() error{
		func() error { return b.own(&b.tensors.ids)(ort.Int64([]int64{1, int64(n)}, b.ids)) },
		func() error { return b.embeddings(m, stay && m.embed.kind == m.decode.kind) },
		func() error { return b.passed(m) },
		func() error { return b.own(&b.tensors.places)(ort.Int64(m.decode.placeShape(n), b.places)) },
		func() error { return b.own(&b.tensors.keep)(ort.Int64([]int64{1}[:m.decode.keepDim], []int64{1})) },
		func() error { return b.results(m) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, errors.Join(err, b.close())
		}
	}
	return b, nil
}

// results makes what the decoder writes scores into. Of many positions only the last one's are
// wanted: on a device the others stay there.
func (b *batch) results(m *Model) error {
	positions := b.n
	if m.decode.keep >= 0 || m.decode.lastRow {
		positions = 1
	}
	vocab := int64(m.vocab)
	if !m.device || positions == 1 {
		b.logits = newArray(m.decode.outKind, positions*m.vocab)
		return b.own(&b.tensors.logits)(b.logits.tensor(1, int64(positions), vocab))
	}
	all, err := m.decode.session.Allocate(m.decode.outKind, positions*m.vocab)
	if err != nil {
		return err
	}
	b.opened = append(b.opened, all)
	b.logits = newArray(m.decode.outKind, m.vocab)
	if err := b.own(&b.tensors.logits)(all.Tensor(0, 1, int64(positions), vocab)); err != nil {
		return err
	}
	if err := b.own(&b.tensors.last)(all.Tensor((positions-1)*m.vocab, 1, 1, vocab)); err != nil {
		return err
	}
	return b.own(&b.tensors.scores)(b.logits.tensor(1, 1, vocab))
}

// passed makes what goes from one graph to the other as it is.
func (b *batch) passed(m *Model) error {
	b.outputs = make([]ort.Tensor, 1+len(m.embed.extras))
	b.outputs[m.embed.output] = b.tensors.embeds
	for _, x := range m.embed.extras {
		shape, count := []int64{1, int64(b.n)}, b.n
		for _, dim := range x.dims {
			shape, count = append(shape, dim), count*int(dim)
		}
		room, err := m.embed.session.Allocate(x.kind, count)
		if err != nil {
			return err
		}
		b.opened = append(b.opened, room)
		var t ort.Tensor
		if err := b.own(&t)(room.Tensor(0, shape...)); err != nil {
			return err
		}
		b.extras, b.outputs[x.output] = append(b.extras, t), t
	}
	return nil
}

// spare is a second place for embeddings on the device.
func (b *batch) spare(m *Model) (t ort.Tensor, err error) {
	room, err := m.decode.session.Allocate(m.decode.kind, b.n*m.hidden)
	if err != nil {
		return nil, err
	}
	b.opened = append(b.opened, room)
	err = b.own(&t)(room.Tensor(0, 1, int64(b.n), int64(m.hidden)))
	return t, err
}

// embeddings makes what lies between the two graphs.
func (b *batch) embeddings(m *Model, stay bool) (err error) {
	n, hidden := int64(b.n), int64(m.hidden)
	if stay {
		if b.on, err = m.embed.session.Allocate(m.embed.kind, b.n*m.hidden); err != nil {
			return err
		}
		b.opened = append(b.opened, b.on)
		err = b.own(&b.tensors.embeds)(b.on.Tensor(0, 1, n, hidden))
		b.tensors.input = b.tensors.embeds
		return err
	}
	b.embeds = newArray(m.embed.kind, b.n*m.hidden)
	b.input = b.embeds
	if err := b.own(&b.tensors.embeds)(b.embeds.tensor(1, n, hidden)); err != nil {
		return err
	}
	b.tensors.input = b.tensors.embeds
	if m.embed.kind == m.decode.kind {
		return nil
	}
	b.input = newArray(m.decode.kind, b.n*m.hidden)
	return b.own(&b.tensors.input)(b.input.tensor(1, n, hidden))
}

// own takes a tensor over.
func (b *batch) own(into *ort.Tensor) func(ort.Tensor, error) error {
	return func(t ort.Tensor, err error) error {
		if err == nil {
			*into = t
			b.opened = append(b.opened, t)
		}
		return err
	}
}

// close releases the tensors, views before the memory they are views of.
func (b *batch) close() error {
	var errs []error
	for i := len(b.opened) - 1; i >= 0; i-- {
		errs = append(errs, b.opened[i].Close())
	}
	b.opened = nil
	return errors.Join(errs...)
}
