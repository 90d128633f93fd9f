package generate

import (
	"context"
	"io"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// AsOnDevice makes a model on a processor take the paths of a device: the same tensors are bound,
// over memory that can be looked at.
func (m *Model) AsOnDevice() { m.device = true }

// Places says where the tensors of two runs lie: whether embeddings, merged embeddings and scores
// of a prompt are in a session's memory, and whether the keys and values that the first run wrote
// are, without a copy, those that the second one reads.
func (m *Model) Places(ctx context.Context, messages []prompt.Message) (embeddings, merged, scores, kept bool, err error) {
	p, err := m.preparePrompt(messages)
	if err != nil {
		return false, false, false, false, err
	}
	cache := m.NewPromptCache()
	k := &cache.kv
	if err := k.fit(ctx, 0, len(p.ids)+2); err != nil {
		return false, false, false, false, err
	}
	l := newLane(m, k, len(p.ids)+2)
	b, err := newBatch(m, len(p.ids), true)
	if err != nil {
		return false, false, false, false, err
	}
	if err := l.forward(ctx, b, p.ids, p.keys, p.rows); err != nil {
		return false, false, false, false, err
	}
	embeddings = b.on != nil && b.embeds.len() == 0 && b.input.len() == 0
	merged = b.tensors.input != nil && b.tensors.input != b.tensors.embeds
	scores = b.tensors.last != nil && b.logits.len() == m.vocab
	written := l.outputs[m.decode.present[0]]
	if _, err := l.feed(ctx, []int{1}, []uint64{1}, nil); err != nil {
		return false, false, false, false, err
	}
	kept = l.inputs[m.decode.past[0]] == written
	for _, c := range []interface{ close() error }{b, l} {
		if err := c.close(); err != nil {
			return false, false, false, false, err
		}
	}
	return embeddings, merged, scores, kept, k.drop()
}

// Halves rounds to float16.
func Halves(values []float32) []uint16 {
	a := newArray(ort.TypeFloat16, len(values))
	a.copyFrom(of(values))
	return a.f16
}

// ScanAppends says whether the caches of a graph file can be appended to.
func ScanAppends(r io.ReadSeeker) (bool, error) {
	s, err := scanFile(r)
	return err == nil && s.appends(), err
}

// ScanLastRow is the edit of a graph file that leaves the scores of the last position.
func ScanLastRow(r io.ReadSeeker) (*ort.Edit, error) {
	s, err := scanFile(r)
	if err != nil {
		return nil, err
	}
	return s.lastRow()
}

// LastRow reports whether scores are computed for the last position only.
func (m *Model) LastRow() bool { return m.decode.lastRow }

// Appends reports whether new keys and values are written where the old ones lie.
func (m *Model) Appends() bool { return m.decode.appends }

// CopyCaches makes a model keep two sets of keys and values although its graph could append.
func (m *Model) CopyCaches(ctx context.Context, rt *ort.Runtime) (err error) {
	m.decode.appends = false
	if err := m.move.close(); err != nil {
		return err
	}
	m.move, err = newMovers(ctx, rt, m, ort.Options{})
	return err
}

// Positions returns a prompt and where its tokens stand on each axis.
func (m *Model) Positions(messages []prompt.Message) (ids []int, axes [gridAxes][]int64, err error) {
	p, err := m.preparePrompt(messages)
	if err != nil || p.at == nil {
		return nil, axes, err
	}
	return p.ids, p.at.axes, nil
}

// FitProvider asks whether a loaded decoder could run with another provider.
func (m *Model) FitProvider(p ort.Provider) error { return m.decode.fitProvider(p) }

// Placeholder tells whether an id stands for a picture or a sound.
func (m *Model) Placeholder(id int) bool { return m.placeholder(id) }
