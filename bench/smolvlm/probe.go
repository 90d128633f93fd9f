package smolvlm

import (
	"github.com/sensory-agent/sensory-agent/onnx"
)

// Probe is the smallest graph that computes something: y f32[n] = x + x.
func Probe() ([]byte, error) {
	n := newNet("probe", false)
	x := n.Input("x", onnx.Float32, onnx.Free("n"))
	n.Output("y", onnx.Float32, onnx.Free("n"))
	n.Node("Add", "", []string{x, x}, []string{"y"})
	return n.finish().Bytes()
}
