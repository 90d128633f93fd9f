package convert

import (
	"fmt"

	"github.com/sensory-agent/sensory-agent/models/convert/onnx"
)

// network collects the nodes and constants of one graph and names the values between them.
// Branch bodies share the counter of their parent, so that every name in a file is unique.
type network struct {
	graph *onnx.Graph
	count *int
	seen  map[string]bool // constants already present
	root  *network        // where constants go: bodies of branches keep none of their own
	int8  bool            // matrices are stored and multiplied in 8 bits
}

func newNetwork(name string, int8 bool) *network {
	n := &network{graph: &onnx.Graph{Name: name}, count: new(int), seen: map[string]bool{}, int8: int8}
	n.root = n
	return n
}

// branch returns an empty body that sees all names of n.
func (n *network) branch(name string) *network {
	return &network{graph: &onnx.Graph{Name: name}, count: n.count, root: n.root, int8: n.int8}
}

// op adds a node with one output and returns the output's name.
func (n *network) op(op string, inputs []string, attrs ...onnx.Attr) string {
	*n.count++
	out := fmt.Sprintf("%s_%d", op, *n.count)
	n.node(op, "", inputs, []string{out}, attrs...)
	return out
}

// node adds a node whose outputs have given names.
func (n *network) node(op, domain string, inputs, outputs []string, attrs ...onnx.Attr) {
	n.graph.Nodes = append(n.graph.Nodes, onnx.Node{
		Op: op, Domain: domain, Name: outputs[0] + "/" + op, Inputs: inputs, Outputs: outputs, Attrs: attrs,
	})
}

// name makes the value also known as out, which must be a declared output.
func (n *network) name(value, out string) {
	n.node("Identity", "", []string{value}, []string{out})
}

// constant adds a tensor once and returns its name.
func (n *network) constant(t onnx.Tensor) string {
	if !n.root.seen[t.Name] {
		n.root.seen[t.Name] = true
		n.root.graph.Initializers = append(n.root.graph.Initializers, t)
	}
	return t.Name
}

// ints returns a constant int64 vector.
func (n *network) ints(values ...int64) string {
	name := "ints"
	for _, v := range values {
		name += fmt.Sprintf("_%d", v)
	}
	return n.constant(onnx.Int64s(name, values, int64(len(values))))
}

// scalar returns a constant int64 scalar.
func (n *network) scalar(value int64) string {
	return n.constant(onnx.Int64s(fmt.Sprintf("int_%d", value), []int64{value}))
}

// size returns the length of one axis as an int64 scalar (vector false) or as a vector of one element.
func (n *network) size(value string, axis int64, vector bool) string {
	shape := n.op("Shape", []string{value}, onnx.Int("start", axis), onnx.Int("end", axis+1))
	if vector {
		return shape
	}
	return n.op("Squeeze", []string{shape})
}

// input declares a graph input and returns its name.
func (n *network) input(name string, t onnx.DataType, shape ...onnx.Dim) string {
	n.graph.Inputs = append(n.graph.Inputs, onnx.Value{Name: name, Type: t, Shape: shape})
	return name
}

// output declares a graph output.
func (n *network) output(name string, t onnx.DataType, shape ...onnx.Dim) {
	n.graph.Outputs = append(n.graph.Outputs, onnx.Value{Name: name, Type: t, Shape: shape})
}

// model wraps the finished graph for the standard operators of the given version.
func (n *network) model(ir, opset int64, source string) *onnx.Model {
	return &onnx.Model{
		IRVersion: ir, Producer: "sensory-agent", Opsets: []onnx.Opset{{Version: opset}},
		Metadata: []onnx.Property{{Key: "source", Value: source}}, Graph: n.graph,
	}
}
