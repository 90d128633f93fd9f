package smolvlm

import (
	"bytes"

	"github.com/sensory-agent/sensory-agent/models/convert/onnx"
)

// Probe is the smallest graph that computes something: y f32[n] = x + x.
func Probe() ([]byte, error) {
	n := newNet("probe", false)
	shape := []onnx.Dim{onnx.Free("n")}
	n.graph.Inputs = []onnx.Value{{Name: "x", Type: onnx.Float32, Shape: shape}}
	n.graph.Outputs = []onnx.Value{{Name: "y", Type: onnx.Float32, Shape: shape}}
	n.node("Add", "", []string{"x", "x"}, []string{"y"})
	var b bytes.Buffer
	_, err := n.finish().WriteTo(&b)
	return b.Bytes(), err
}
