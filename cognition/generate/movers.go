package generate

import (
	"context"
	"errors"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// movers are small graphs that move data on the device where the model's own graphs run: they work wherever those do.
type movers struct {
	tokens   *ort.Session // keys or values into tensors of another length
	scores   *ort.Session // from the device to here
	features *ort.Session // float32 features into embeddings; nil where the model takes none
	halves   *ort.Session // the same for float16 features
}

// newMovers loads the graphs for a model's element types.
func newMovers(ctx context.Context, rt *ort.Runtime, m *Model, opt ort.Options) (movers, error) {
	var v movers
	load := func(into **ort.Session, name string, graph []byte) func() error {
		return func() (err error) {
			*into, err = rt.Load(ctx, ort.Source{Name: name, Bytes: graph}, opt)
			return err
		}
	}
	steps := []func() error{
		load(&v.tokens, "tokens", fitGraph(m.decode.kvKind, m.decode.appends)),
		load(&v.scores, "scores", copyGraph(m.decode.outKind)),
	}
	if m.Vision() || m.Hearing() {
		steps = append(steps,
			load(&v.features, "features", mergeGraph(ort.TypeFloat32, m.decode.kind)),
			load(&v.halves, "float16 features", mergeGraph(ort.TypeFloat16, m.decode.kind)))
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return v, errors.Join(err, v.close())
		}
	}
	return v, nil
}

// close releases the graphs.
func (v *movers) close() error {
	var errs []error
	for _, s := range []*ort.Session{v.tokens, v.scores, v.features, v.halves} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}

// fit copies keys or values [1, heads, tokens, width] to a tensor of more tokens where the decoder appends in place, of fewer elsewhere.
func (v *movers) fit(ctx context.Context, from, to ort.Tensor) (err error) {
	held, wanted := from.Shape()[2], to.Shape()[2]
	sizes := []int64{wanted}
	if wanted > held {
		sizes = []int64{0, 0, 0, 0, 0, 0, wanted - held, 0}
	}
	by, err := ort.Int64([]int64{int64(len(sizes))}, sizes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, by.Close()) }()
	return v.tokens.Run(ctx, []ort.Tensor{from, by}, []ort.Tensor{to})
}

// merge writes embeddings [1, n, width] with the rows at some places replaced by features [rows, width].
func (v *movers) merge(ctx context.Context, embeds, features, to ort.Tensor, places []int64) (err error) {
	at, err := ort.Int64([]int64{int64(len(places)), 1}, places)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, at.Close()) }()
	session := v.features
	if features.Type() == ort.TypeFloat16 {
		session = v.halves
	}
	return session.Run(ctx, []ort.Tensor{embeds, features, at}, []ort.Tensor{to})
}

// fitGraph lengthens tensors by zeros, out = Pad(in, by), or cuts them, out = Slice(in, starts=0, ends=by, axes=2).
func fitGraph(kind ort.ElementType, lengthen bool) []byte {
	var g opGraph
	element := onnxKind(kind)
	in, by := g.input("in", element, 4), g.input("by", onnxInt64, 1)
	if lengthen {
		g.node("Pad", "out", []string{in, by})
	} else {
		g.node("Slice", "out", []string{in, g.number(0), by, g.number(2)})
	}
	g.output("out", element, 4)
	return g.bytes()
}

// copyGraph is out = in.
func copyGraph(kind ort.ElementType) []byte {
	var g opGraph
	element := onnxKind(kind)
	g.node("Identity", "out", []string{g.input("in", element, 3)})
	g.output("out", element, 3)
	return g.bytes()
}

// mergeGraph is out = ScatterND(embeds, places, features), features converted to the type of the embeddings.
func mergeGraph(features, embeds ort.ElementType) []byte {
	var g opGraph
	element := onnxKind(embeds)
	rows := g.node("Squeeze", "rows", []string{g.input("embeds", element, 3), g.number(0)})
	values := g.node("Cast", "values", []string{g.input("features", onnxKind(features), 2)}, whole("to", element))
	merged := g.node("ScatterND", "merged", []string{rows, g.input("places", onnxInt64, 2), values})
	g.node("Unsqueeze", "out", []string{merged, "number0"})
	g.output("out", element, 3)
	return g.bytes()
}
