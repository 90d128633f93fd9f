package ort_test

import "google.golang.org/protobuf/encoding/protowire"

// ONNX element type numbers (onnx.proto, TensorProto.DataType).
const (
	onnxFloat   = 1
	onnxUint8   = 2
	onnxInt32   = 6
	onnxInt64   = 7
	onnxBool    = 9
	onnxFloat16 = 10
)

// graph is a small ONNX model written by hand; only the fields that the tests need.
type graph struct {
	nodes   []node
	inputs  []value
	outputs []value
}

// node is one operator; loop, when set, is the body of a Loop.
type node struct {
	op      string
	in, out []string
	body    *graph
	toType  int64 // attribute "to" of a Cast
	axis    *int64
	value   []int64 // attribute "value" of a Constant: an int64 scalar
}

// value is a typed, shaped name; a negative dimension is free.
type value struct {
	name string
	kind int64
	dims []int64
}

// encode writes the model as protobuf bytes (ModelProto, IR version 8, opset 17).
func (g graph) encode() []byte {
	var opset []byte
	opset = protowire.AppendVarint(protowire.AppendTag(opset, 2, protowire.VarintType), 17)
	var model []byte
	model = protowire.AppendVarint(protowire.AppendTag(model, 1, protowire.VarintType), 8)
	model = appendMessage(model, 7, g.graphProto())
	return appendMessage(model, 8, opset)
}

func (g graph) graphProto() []byte {
	var b []byte
	for _, n := range g.nodes {
		b = appendMessage(b, 1, n.nodeProto())
	}
	b = appendMessage(b, 2, []byte("g"))
	for _, v := range g.inputs {
		b = appendMessage(b, 11, v.valueProto())
	}
	for _, v := range g.outputs {
		b = appendMessage(b, 12, v.valueProto())
	}
	return b
}

func (n node) nodeProto() []byte {
	var b []byte
	for _, name := range n.in {
		b = appendMessage(b, 1, []byte(name))
	}
	for _, name := range n.out {
		b = appendMessage(b, 2, []byte(name))
	}
	b = appendMessage(b, 4, []byte(n.op))
	if n.body != nil {
		attr := appendMessage(appendMessage(nil, 1, []byte("body")), 6, n.body.graphProto())
		b = appendMessage(b, 5, appendInt(attr, 20, 5))
	}
	if n.toType != 0 {
		attr := appendInt(appendMessage(nil, 1, []byte("to")), 3, n.toType)
		b = appendMessage(b, 5, appendInt(attr, 20, 2))
	}
	if n.axis != nil {
		attr := appendInt(appendMessage(nil, 1, []byte("axis")), 3, *n.axis)
		b = appendMessage(b, 5, appendInt(attr, 20, 2))
	}
	for _, v := range n.value {
		tensor := appendInt(appendInt(nil, 2, onnxInt64), 7, v)
		attr := appendMessage(appendMessage(nil, 1, []byte("value")), 5, tensor)
		b = appendMessage(b, 5, appendInt(attr, 20, 4))
	}
	return b
}

func (v value) valueProto() []byte {
	var shape []byte
	for _, d := range v.dims {
		var dim []byte
		if d >= 0 {
			dim = appendInt(dim, 1, d)
		} else {
			dim = appendMessage(dim, 2, []byte("n"))
		}
		shape = appendMessage(shape, 1, dim)
	}
	tensor := appendMessage(appendInt(nil, 1, v.kind), 2, shape)
	return appendMessage(appendMessage(nil, 1, []byte(v.name)), 2, appendMessage(nil, 1, tensor))
}

func appendMessage(b []byte, field protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), content)
}

func appendInt(b []byte, field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(v))
}

// identity copies one tensor of the given type and shape.
func identity(kind int64, dims ...int64) graph {
	return graph{
		nodes:   []node{{op: "Identity", in: []string{"x"}, out: []string{"y"}}},
		inputs:  []value{{"x", kind, dims}},
		outputs: []value{{"y", kind, dims}},
	}
}

// concat joins "past" and "new" along the first axis into "present".
func concat(kind int64) graph {
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
		inputs:  []value{{"i", onnxInt64, nil}, {"cond_in", onnxBool, nil}, {"acc_in", onnxInt64, nil}},
		outputs: []value{{"cond_out", onnxBool, nil}, {"acc_out", onnxInt64, nil}},
	}
	return graph{
		nodes:   []node{{op: "Loop", in: []string{"trips", "go", "start"}, out: []string{"sum"}, body: body}},
		inputs:  []value{{"trips", onnxInt64, nil}, {"go", onnxBool, nil}, {"start", onnxInt64, nil}},
		outputs: []value{{"sum", onnxInt64, nil}},
	}
}
