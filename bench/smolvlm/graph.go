package smolvlm

import (
	"fmt"

	"github.com/sensory-agent/sensory-agent/onnx"
)

// Versions of the graphs, and the runtime's own operator set.
const (
	opset      = 20
	irVersion  = 9
	runtimeOps = "com.microsoft"
)

// net builds one graph with weights and activations of one type.
type net struct {
	*onnx.Builder
	half bool
}

func newNet(name string, half bool) *net { return &net{onnx.NewBuilder(name), half} }

// kind is the element type of weights and activations.
func (n *net) kind() onnx.DataType {
	if n.half {
		return onnx.Float16
	}
	return onnx.Float32
}

// number is a constant of the activations' type.
func (n *net) number(value float32) string {
	if !n.half {
		return n.Float(value)
	}
	h := toHalf(value)
	return n.Constant(onnx.Tensor{Name: fmt.Sprint("half_", value), Type: onnx.Float16, Data: onnx.Bytes([]byte{byte(h), byte(h >> 8)})})
}

// weight is a weight as it is.
func (n *net) weight(name string, dims ...int64) string {
	return n.Constant(newTensor(name, dims...).constant(false, 1, n.half))
}

// linear computes factor · (x · Wᵀ), plus a bias where there is one.
func (n *net) linear(x, name string, out, in int64, factor float32, bias bool) string {
	y := n.Op("MatMul", []string{x, n.Constant(newTensor(name+".weight", out, in).constant(true, factor, n.half))})
	if bias {
		y = n.Op("Add", []string{y, n.Constant(newTensor(name+".bias", out).constant(false, factor, n.half))})
	}
	return y
}

// finish wraps the graph.
func (n *net) finish() *onnx.Model {
	return n.Model(irVersion, opset, "random weights in the shape of SmolVLM-256M", runtimeOps)
}
