package smolvlm

import (
	"fmt"

	"github.com/sensory-agent/sensory-agent/models/convert/onnx"
)

// Versions of the graphs, and the runtime's own operator set.
const (
	opset      = 20
	irVersion  = 9
	runtimeOps = "com.microsoft"
)

// net collects nodes and constants of one graph.
type net struct {
	graph onnx.Graph
	half  bool
	count int
	seen  map[string]bool
}

func newNet(name string, half bool) *net {
	return &net{graph: onnx.Graph{Name: name}, half: half, seen: map[string]bool{}}
}

// kind is the element type of weights and activations.
func (n *net) kind() onnx.DataType {
	if n.half {
		return onnx.Float16
	}
	return onnx.Float32
}

// op adds a node of the standard operators with one output and returns the output's name.
func (n *net) op(op string, inputs []string, attrs ...onnx.Attr) string {
	n.count++
	out := fmt.Sprintf("%s_%d", op, n.count)
	n.node(op, "", inputs, []string{out}, attrs...)
	return out
}

// node adds a node whose outputs have given names.
func (n *net) node(op, domain string, inputs, outputs []string, attrs ...onnx.Attr) {
	n.graph.Nodes = append(n.graph.Nodes, onnx.Node{Op: op, Domain: domain, Name: "/" + outputs[0], Inputs: inputs, Outputs: outputs, Attrs: attrs})
}

// constant adds a tensor once and returns its name.
func (n *net) constant(t onnx.Tensor) string {
	if !n.seen[t.Name] {
		n.seen[t.Name] = true
		n.graph.Initializers = append(n.graph.Initializers, t)
	}
	return t.Name
}

// ints is a constant vector.
func (n *net) ints(values ...int64) string {
	return n.constant(onnx.Int64s(fmt.Sprint("ints", values), values, int64(len(values))))
}

// scalar is a constant integer.
func (n *net) scalar(value int64) string {
	return n.constant(onnx.Int64s(fmt.Sprint("int ", value), []int64{value}))
}

// number is a constant of the activations' type.
func (n *net) number(value float32) string {
	name := fmt.Sprint("number ", value)
	if n.half {
		h := toHalf(value)
		return n.constant(onnx.Tensor{Name: name, Type: onnx.Float16, Data: onnx.Bytes([]byte{byte(h), byte(h >> 8)})})
	}
	return n.constant(onnx.Float32s(name, []float32{value}))
}

// size is the length of one axis.
func (n *net) size(value string, axis int64) string {
	return n.op("Squeeze", []string{n.op("Shape", []string{value}, onnx.Int("start", axis), onnx.Int("end", axis+1))})
}

// weight is a weight as it is.
func (n *net) weight(name string, dims ...int64) string {
	return n.constant(newTensor(name, dims...).constant(false, 1, n.half))
}

// linear computes factor · (x · Wᵀ), plus a bias where there is one.
func (n *net) linear(x, name string, out, in int64, factor float32, bias bool) string {
	y := n.op("MatMul", []string{x, n.constant(newTensor(name+".weight", out, in).constant(true, factor, n.half))})
	if bias {
		y = n.op("Add", []string{y, n.constant(newTensor(name+".bias", out).constant(false, factor, n.half))})
	}
	return y
}

// cast changes the type where it differs.
func (n *net) cast(x string, to onnx.DataType) string {
	return n.op("Cast", []string{x}, onnx.Int("to", int64(to)))
}

// finish names the result and wraps the graph.
func (n *net) finish() *onnx.Model {
	return &onnx.Model{
		IRVersion: irVersion, Producer: "sensory-agent", Graph: &n.graph,
		Opsets:   []onnx.Opset{{Version: opset}, {Domain: runtimeOps, Version: 1}},
		Metadata: []onnx.Property{{Key: "source", Value: "random weights in the shape of SmolVLM-256M"}},
	}
}
