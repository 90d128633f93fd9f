package generate

import (
	"context"
	"errors"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// lane is one call on its way through the graphs. It owns its scratch memory; the key/value memory belongs to the cache.
type lane struct {
	m       *Model
	kv      *kv
	compute time.Duration // time inside the graphs

	ids     []int64   // of one run
	embeds  array     // as the embedding graph writes them
	input   array     // as the decoder reads them; the same memory where the types agree
	mask    []int64   // ones
	places  []int64   // positions of one run
	logits  array     // of one run
	scores  []float32 // of the last position
	inputs  []ort.Tensor
	outputs []ort.Tensor
}

// newLane allocates for runs of up to chunk tokens and for total tokens altogether.
func newLane(m *Model, k *kv, chunk, total int) *lane {
	l := &lane{
		m: m, kv: k,
		ids: make([]int64, chunk), embeds: newArray(m.embed.kind, chunk*m.hidden), mask: make([]int64, total),
		places: make([]int64, chunk), scores: make([]float32, m.vocab),
		inputs: make([]ort.Tensor, len(m.decode.session.Inputs())), outputs: make([]ort.Tensor, len(m.decode.session.Outputs())),
	}
	l.input = l.embeds
	if m.decode.kind != m.embed.kind {
		l.input = newArray(m.decode.kind, chunk*m.hidden)
	}
	positions := chunk
	if m.decode.keep >= 0 {
		positions = 1
	}
	l.logits = newArray(m.decode.outKind, positions*m.vocab)
	for i := range l.mask {
		l.mask[i] = 1
	}
	return l
}

// feed computes the next tokens and leaves the scores of the last one in l.scores. Rows replace the embeddings of image tokens, in
// order; it returns the rows that are left.
func (l *lane) feed(ctx context.Context, ids []int, keys []uint64, rows [][]float32) ([][]float32, error) {
	for i, id := range ids {
		l.ids[i] = int64(id)
	}
	if err := l.lookUp(ctx, len(ids)); err != nil {
		return rows, err
	}
	if l.input.kind != l.embeds.kind {
		l.input.part(0, len(ids)*l.m.hidden).copyFrom(l.embeds.part(0, len(ids)*l.m.hidden))
	}
	for i, id := range ids {
		if id == l.m.cfg.imageToken && len(rows) > 0 {
			l.input.part(i*l.m.hidden, (i+1)*l.m.hidden).copyFrom(of(rows[0]))
			rows = rows[1:]
		}
	}
	return rows, l.decode(ctx, len(ids), keys)
}

// lookUp runs the embedding graph over the first n ids.
func (l *lane) lookUp(ctx context.Context, n int) (err error) {
	in, err := ort.Int64([]int64{1, int64(n)}, l.ids[:n])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := l.embeds.tensor(1, int64(n), int64(l.m.hidden))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	return l.run(ctx, l.m.embed.session, []ort.Tensor{in}, []ort.Tensor{out})
}

// decode runs the decoder over n embeddings.
func (l *lane) decode(ctx context.Context, n int, keys []uint64) (err error) {
	var made []ort.Tensor
	defer func() { err = errors.Join(err, closeAll(made)) }()
	own := func(at int, list []ort.Tensor) func(ort.Tensor, error) error {
		return func(t ort.Tensor, err error) error {
			if err == nil {
				list[at] = t
				made = append(made, t)
			}
			return err
		}
	}
	d, held := &l.m.decode, len(l.kv.keys)
	if err := own(d.embeds, l.inputs)(l.input.tensor(1, int64(n), int64(l.m.hidden))); err != nil {
		return err
	}
	if d.mask >= 0 {
		if err := own(d.mask, l.inputs)(ort.Int64([]int64{1, int64(held + n)}, l.mask[:held+n])); err != nil {
			return err
		}
	}
	if d.places >= 0 {
		for i := range n {
			l.places[i] = int64(held + i)
		}
		if err := own(d.places, l.inputs)(ort.Int64([]int64{1, int64(n)}, l.places[:n])); err != nil {
			return err
		}
	}
	positions := n
	if d.keep >= 0 {
		positions = 1
		if err := own(d.keep, l.inputs)(ort.Int64([]int64{1}[:d.keepDim], []int64{1})); err != nil {
			return err
		}
	}
	if err := own(d.logits, l.outputs)(l.logits.tensor(1, int64(positions), int64(l.m.vocab))); err != nil {
		return err
	}
	return l.advance(ctx, n, positions, keys)
}

// advance runs the decoder with its caches and takes the new state over.
func (l *lane) advance(ctx context.Context, n, positions int, keys []uint64) error {
	past, present, err := l.kv.step(n)
	if err != nil {
		return err
	}
	for k, i := range l.m.decode.past {
		l.inputs[i], l.outputs[l.m.decode.present[k]] = past[k], present[k]
	}
	if err := l.run(ctx, l.m.decode.session, l.inputs, l.outputs); err != nil {
		return errors.Join(err, closeAll(present))
	}
	of(l.scores).copyFrom(l.logits.part((positions-1)*l.m.vocab, positions*l.m.vocab))
	return l.kv.commit(present, keys)
}

// run calls a graph and adds to the time spent in graphs.
func (l *lane) run(ctx context.Context, s *ort.Session, inputs, outputs []ort.Tensor) error {
	start := time.Now()
	err := s.Run(ctx, inputs, outputs)
	l.compute += time.Since(start)
	return err
}
