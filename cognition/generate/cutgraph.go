package generate

import (
	"context"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// cutter copies the first tokens of a key or value tensor [1, heads, tokens, width] into another one, on the device where both are. It is
// a graph of one operator, so that it works wherever the model's own graphs do.
type cutter struct{ session *ort.Session }

// newCutter loads the graph for an element type.
func newCutter(ctx context.Context, rt *ort.Runtime, kind ort.ElementType, opt ort.Options) (cutter, error) {
	s, err := rt.Load(ctx, ort.Source{Name: "cut", Bytes: cutGraph(kind)}, opt)
	return cutter{session: s}, err
}

// run copies as many tokens as to holds.
func (c cutter) run(ctx context.Context, from, to ort.Tensor) error {
	end, err := ort.Int64([]int64{1}, []int64{to.Shape()[2]})
	if err != nil {
		return err
	}
	defer func() { _ = end.Close() }()
	return c.session.Run(ctx, []ort.Tensor{from, end}, []ort.Tensor{to})
}

// Field numbers and element types of onnx.proto.
const (
	onnxFloat   = 1
	onnxInt64   = 7
	onnxFloat16 = 10
	onnxVersion = 8  // of the file format
	onnxOpset   = 17 // of the operators
)

// cutGraph writes the model: out = Slice(in, starts=0, ends=end, axes=2).
func cutGraph(kind ort.ElementType) []byte {
	element := int64(onnxFloat)
	if kind == ort.TypeFloat16 {
		element = onnxFloat16
	}
	var node []byte
	for _, name := range []string{"in", "start", "end", "axis"} {
		node = appendField(node, 1, []byte(name))
	}
	node = appendField(node, 2, []byte("out"))
	node = appendField(node, 4, []byte("Slice"))
	graph := appendField(nil, 1, node)
	graph = appendField(graph, 2, []byte("cut"))
	for name, number := range map[string]int64{"start": 0, "axis": 2} {
		tensor := appendNumber(appendNumber(nil, 1, 1), 2, onnxInt64) // dims: [1]
		tensor = appendNumber(tensor, 7, number)
		graph = appendField(graph, 5, appendField(tensor, 8, []byte(name)))
	}
	graph = appendField(graph, 11, tensorInfo("in", element, 4))
	graph = appendField(graph, 11, tensorInfo("end", onnxInt64, 1))
	graph = appendField(graph, 12, tensorInfo("out", element, 4))
	model := appendNumber(nil, 1, onnxVersion)
	model = appendField(model, 7, graph)
	return appendField(model, 8, appendNumber(nil, 2, onnxOpset))
}

// tensorInfo describes a tensor of free dimensions.
func tensorInfo(name string, element int64, rank int) []byte {
	var shape []byte
	for i := range rank {
		shape = appendField(shape, 1, appendField(nil, 2, []byte(name+strconv.Itoa(i))))
	}
	kind := appendField(appendNumber(nil, 1, element), 2, shape)
	return appendField(appendField(nil, 1, []byte(name)), 2, appendField(nil, 1, kind))
}

func appendField(b []byte, field protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), content)
}

func appendNumber(b []byte, field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(v))
}
