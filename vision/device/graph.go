package device

import (
	"fmt"

	"github.com/sensory-agent/sensory-agent/models/convert/onnx"
)

// net collects nodes and constants.
type net struct {
	graph onnx.Graph
	count int
	seen  map[string]bool
}

// op adds a node with one output and returns the output's name.
func (n *net) op(op string, inputs []string, attrs ...onnx.Attr) string {
	n.count++
	out := fmt.Sprintf("%s_%d", op, n.count)
	n.graph.Nodes = append(n.graph.Nodes, onnx.Node{Op: op, Name: out, Inputs: inputs, Outputs: []string{out}, Attrs: attrs})
	return out
}

// constant adds a tensor once and returns its name.
func (n *net) constant(t onnx.Tensor) string {
	if !n.seen[t.Name] {
		n.seen[t.Name] = true
		n.graph.Initializers = append(n.graph.Initializers, t)
	}
	return t.Name
}

// ints is a constant vector of integers.
func (n *net) ints(values ...int64) string {
	return n.constant(onnx.Int64s(fmt.Sprint("ints", values), values, int64(len(values))))
}

// number is a constant.
func (n *net) number(v float32) string {
	return n.constant(onnx.Float32s(fmt.Sprint("number ", v), []float32{v}))
}

// input declares an input of bytes with fixed sizes.
func (n *net) input(name string, dims ...int) string {
	v := onnx.Value{Name: name, Type: onnx.Uint8}
	for _, d := range dims {
		v.Shape = append(v.Shape, onnx.Fixed(d))
	}
	n.graph.Inputs = append(n.graph.Inputs, v)
	return name
}

// level rounds to whole levels of 0 to 255, halves up.
func (n *net) level(x string) string {
	x = n.op("Floor", []string{n.op("Add", []string{x, n.number(0.5)})})
	return n.op("Clip", []string{x, n.number(0), n.number(255)})
}
