package generate

import (
	"context"
	"errors"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// movers are small graphs that move data on the device where the model's own graphs run: they work wherever those do.
type movers struct {
	tokens   *ort.Session // the first tokens of keys or values
	scores   *ort.Session // from the device to here
	features *ort.Session // float32 image features into embeddings; nil where the model takes no images
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
		load(&v.tokens, "first tokens", cutGraph(m.decode.kvKind)),
		load(&v.scores, "scores", copyGraph(m.decode.outKind)),
	}
	if m.Vision() {
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

// cut copies as many tokens of keys or values [1, heads, tokens, width] as to holds.
func (v *movers) cut(ctx context.Context, from, to ort.Tensor) error {
	end, err := ort.Int64([]int64{1}, []int64{to.Shape()[2]})
	if err != nil {
		return err
	}
	defer func() { _ = end.Close() }()
	return v.tokens.Run(ctx, []ort.Tensor{from, end}, []ort.Tensor{to})
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

// cutGraph is out = Slice(in, starts=0, ends=end, axes=2).
func cutGraph(kind ort.ElementType) []byte {
	var g opGraph
	element := onnxKind(kind)
	g.node("Slice", "out", []string{g.input("in", element, 4), g.number(0), g.input("end", onnxInt64, 1), g.number(2)})
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
