package generate

import (
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// Field numbers and element types of onnx.proto.
const (
	onnxFloat   = 1
	onnxInt64   = 7
	onnxFloat16 = 10
	onnxVersion = 8  // of the file format
	onnxOpset   = 17 // of the operators
)

// onnxKind is the element type as the format numbers it.
func onnxKind(kind ort.ElementType) int64 {
	if kind == ort.TypeFloat16 {
		return onnxFloat16
	}
	return onnxFloat
}

// opGraph writes a model of a few operators. Names of its constants begin with prefix.
type opGraph struct {
	prefix                            string
	nodes, constants, inputs, outputs []byte
}

// node adds an operator with one output and returns the output's name. Attributes are encoded already.
func (g *opGraph) node(op, out string, inputs []string, attributes ...[]byte) string {
	var n []byte
	for _, name := range inputs {
		n = appendField(n, 1, []byte(name))
	}
	n = appendField(n, 2, []byte(out))
	n = appendField(n, 4, []byte(op))
	for _, a := range attributes {
		n = appendField(n, 5, a)
	}
	g.nodes = appendField(g.nodes, 1, n)
	return out
}

// number adds a constant int64 [1] and returns its name.
func (g *opGraph) number(value int64) string {
	name := g.prefix + "number" + strconv.FormatInt(value, 10)
	tensor := appendNumber(appendNumber(nil, 1, 1), 2, onnxInt64)
	g.constants = appendField(g.constants, 5, appendField(appendNumber(tensor, 7, value), 8, []byte(name)))
	return name
}

// input declares an input of free dimensions and returns its name.
func (g *opGraph) input(name string, kind int64, rank int) string {
	g.inputs = appendField(g.inputs, 11, tensorInfo(name, kind, rank))
	return name
}

// output declares an output of free dimensions.
func (g *opGraph) output(name string, kind int64, rank int) {
	g.outputs = appendField(g.outputs, 12, tensorInfo(name, kind, rank))
}

// bytes is the whole file.
func (g *opGraph) bytes() []byte {
	graph := appendField(append([]byte(nil), g.nodes...), 2, []byte("move"))
	graph = append(append(append(graph, g.constants...), g.inputs...), g.outputs...)
	model := appendField(appendNumber(nil, 1, onnxVersion), 7, graph)
	return appendField(model, 8, appendNumber(nil, 2, onnxOpset))
}

// whole is an integer attribute.
func whole(name string, value int64) []byte {
	return appendNumber(appendNumber(appendField(nil, 1, []byte(name)), 3, value), 20, 2)
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
