package ort_test

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sensory-agent/sensory-agent/onnx"
)

// graph is a small ONNX model; only what the tests need.
type graph struct {
	nodes   []node
	inputs  []value
	outputs []value
}

// node is one operator; body, when set, is that of a Loop.
type node struct {
	op      string
	in, out []string
	body    *graph
	toType  onnx.DataType // attribute "to" of a Cast
	axis    *int64
}

// value is a typed, shaped name; a negative dimension is free.
type value struct {
	name string
	kind onnx.DataType
	dims []int64
}

// encode writes the model (IR version 8, operators 17). A payload that fits its shape cannot fail.
func (g graph) encode() []byte {
	file, _ := (&onnx.Model{IRVersion: 8, Opsets: []onnx.Opset{{Version: 17}}, Graph: g.graph()}).Bytes()
	return file
}

// tail writes what stands behind a file and adds to its graph.
func (g graph) tail() []byte {
	file, _ := (&onnx.Model{Graph: g.graph()}).Bytes()
	return file
}

func (g graph) graph() *onnx.Graph {
	out := &onnx.Graph{Name: "g"}
	for _, n := range g.nodes {
		out.Nodes = append(out.Nodes, onnx.Node{Op: n.op, Inputs: n.in, Outputs: n.out, Attrs: n.attrs()})
	}
	for _, v := range g.inputs {
		out.Inputs = append(out.Inputs, v.value())
	}
	for _, v := range g.outputs {
		out.Outputs = append(out.Outputs, v.value())
	}
	return out
}

func (n node) attrs() (attrs []onnx.Attr) {
	if n.body != nil {
		attrs = append(attrs, onnx.Branch("body", n.body.graph()))
	}
	if n.toType != 0 {
		attrs = append(attrs, onnx.Int("to", int64(n.toType)))
	}
	if n.axis != nil {
		attrs = append(attrs, onnx.Int("axis", *n.axis))
	}
	return attrs
}

func (v value) value() onnx.Value {
	out := onnx.Value{Name: v.name, Type: v.kind}
	for _, d := range v.dims {
		if d < 0 {
			out.Shape = append(out.Shape, onnx.Free("n"))
		} else {
			out.Shape = append(out.Shape, onnx.Fixed(int(d)))
		}
	}
	return out
}

// appendMessage and appendInt write what the package onnx does not: a tensor whose weights stand in
// another file.
func appendMessage(b []byte, field protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), content)
}

func appendInt(b []byte, field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(v))
}

// identity copies one tensor of the given type and shape.
func identity(kind onnx.DataType, dims ...int64) graph {
	return graph{
		nodes:   []node{{op: "Identity", in: []string{"x"}, out: []string{"y"}}},
		inputs:  []value{{"x", kind, dims}},
		outputs: []value{{"y", kind, dims}},
	}
}

// concat joins "past" and "new" along the first axis into "present".
func concat(kind onnx.DataType) graph {
	axis := int64(0)
	return graph{
		nodes:   []node{{op: "Concat", in: []string{"past", "new"}, out: []string{"present"}, axis: &axis}},
		inputs:  []value{{"past", kind, []int64{-1, 2}}, {"new", kind, []int64{-1, 2}}},
		outputs: []value{{"present", kind, []int64{-1, 2}}},
	}
}

// endless counts up to the number of "trips": a run that lasts until it is stopped.
func endless() graph {
	body := &graph{
		nodes: []node{
			{op: "Identity", in: []string{"cond_in"}, out: []string{"cond_out"}},
			{op: "Add", in: []string{"acc_in", "acc_in"}, out: []string{"acc_out"}},
		},
		inputs:  []value{{"i", onnx.Int64, nil}, {"cond_in", onnx.Bool, nil}, {"acc_in", onnx.Int64, nil}},
		outputs: []value{{"cond_out", onnx.Bool, nil}, {"acc_out", onnx.Int64, nil}},
	}
	return graph{
		nodes:   []node{{op: "Loop", in: []string{"trips", "go", "start"}, out: []string{"sum"}, body: body}},
		inputs:  []value{{"trips", onnx.Int64, nil}, {"go", onnx.Bool, nil}, {"start", onnx.Int64, nil}},
		outputs: []value{{"sum", onnx.Int64, nil}},
	}
}
