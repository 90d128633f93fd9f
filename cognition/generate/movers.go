package generate

import (
	"context"
	"errors"
	"strconv"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// Versions of the file format and of the operators.
const (
	moverIR    = 8
	moverOpset = 17
)

// movers are small graphs that move data on the device where the model's own graphs run: they work
// wherever those do.
type movers struct {
	tokens   *ort.Session // keys or values into tensors of another length
	scores   *ort.Session // from the device to here
	features *ort.Session // float32 features into embeddings; nil where the model takes none
	halves   *ort.Session // the same for float16 features
}

// newMovers loads the graphs for a model's element types.
func newMovers(ctx context.Context, rt *ort.Runtime, m *Model, opt ort.Options) (movers, error) {
	var v movers
	load := func(into **ort.Session, name string, g *onnx.Builder) func() error {
		return func() error {
			file, err := g.Model(moverIR, moverOpset, "").Bytes()
			if err != nil {
				return err
			}
			*into, err = rt.Load(ctx, ort.Source{Name: name, Bytes: file}, opt)
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

// fit copies keys or values [1, heads, tokens, width] to a tensor of more tokens where the decoder
// appends in place, of fewer elsewhere.
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

// merge writes embeddings [1, n, width] with the rows at some places replaced by features [rows,
// width].
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

// fitGraph lengthens tensors by zeros, out = Pad(in, by), or cuts them, out = Slice(in, starts=0,
// ends=by, axes=2).
func fitGraph(kind ort.ElementType, lengthen bool) *onnx.Builder {
	g := onnx.NewBuilder("fit")
	in, by := g.Input("in", element(kind), free("in", 4)...), g.Input("by", onnx.Int64, free("by", 1)...)
	if lengthen {
		g.Node("Pad", "", []string{in, by}, []string{"out"})
	} else {
		g.Node("Slice", "", []string{in, g.Ints(0), by, g.Ints(2)}, []string{"out"})
	}
	g.Output("out", element(kind), free("out", 4)...)
	return g
}

// copyGraph is out = in.
func copyGraph(kind ort.ElementType) *onnx.Builder {
	g := onnx.NewBuilder("copy")
	g.Name(g.Input("in", element(kind), free("in", 3)...), "out")
	g.Output("out", element(kind), free("out", 3)...)
	return g
}

// mergeGraph is out = ScatterND(embeds, places, features), features converted to the type of the
// embeddings.
func mergeGraph(features, embeds ort.ElementType) *onnx.Builder {
	g, kind := onnx.NewBuilder("merge"), element(embeds)
	rows := g.Op("Squeeze", []string{g.Input("embeds", kind, free("embeds", 3)...), g.Ints(0)})
	values := g.Cast(g.Input("features", element(features), free("features", 2)...), kind)
	merged := g.Op("ScatterND", []string{rows, g.Input("places", onnx.Int64, free("places", 2)...), values})
	g.Node("Unsqueeze", "", []string{merged, g.Ints(0)}, []string{"out"})
	g.Output("out", kind, free("out", 3)...)
	return g
}

// element is the type of activations, float16 or float32, as a graph file names it.
func element(kind ort.ElementType) onnx.DataType {
	if kind == ort.TypeFloat16 {
		return onnx.Float16
	}
	return onnx.Float32
}

// free are the dimensions of a tensor of any shape.
func free(name string, rank int) []onnx.Dim {
	dims := make([]onnx.Dim, rank)
	for i := range dims {
		dims[i] = onnx.Free(name + strconv.Itoa(i))
	}
	return dims
}
