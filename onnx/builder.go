package onnx

import (
	"fmt"
	"slices"
)

// Builder collects the nodes and constants of one graph and names the values between them, by
// operator and number or by the contents of a constant: a caller who names values of its own keeps
// clear of such names. It is a plain value, owns its graph and nothing else, and belongs to one
// goroutine at a time.
type Builder struct {
	Graph Graph // so far
	count int   // names given by Fresh
}

// NewBuilder returns a builder with an empty graph.
func NewBuilder(name string) *Builder { return &Builder{Graph: Graph{Name: name}} }

// Fresh returns a name for the output of an operator that no other call returns.
func (b *Builder) Fresh(op string) string {
	b.count++
	return fmt.Sprintf("%s_%d", op, b.count)
}

// Op adds a node of the standard operators with one output and returns the output's name.
func (b *Builder) Op(op string, inputs []string, attrs ...Attr) string {
	out := b.Fresh(op)
	b.Node(op, "", inputs, []string{out}, attrs...)
	return out
}

// Node adds a node whose outputs have given names.
func (b *Builder) Node(op, domain string, inputs, outputs []string, attrs ...Attr) {
	b.Graph.Nodes = append(b.Graph.Nodes, Node{
		Op: op, Domain: domain, Name: outputs[0] + "/" + op, Inputs: inputs, Outputs: outputs, Attrs: attrs,
	})
}

// Name makes a value also known as out, a declared output for one.
func (b *Builder) Name(value, out string) {
	b.Node("Identity", "", []string{value}, []string{out})
}

// Cast adds a change of element type.
func (b *Builder) Cast(value string, to DataType) string {
	return b.Op("Cast", []string{value}, Int("to", int64(to)))
}

// Size returns the length of one axis as an int64 scalar.
func (b *Builder) Size(value string, axis int64) string {
	return b.Op("Squeeze", []string{b.SizeVector(value, axis)})
}

// SizeVector returns the length of one axis as an int64 vector of one element.
func (b *Builder) SizeVector(value string, axis int64) string {
	return b.Op("Shape", []string{value}, Int("start", axis), Int("end", axis+1))
}

// Has reports whether the graph has a constant of this name.
func (b *Builder) Has(name string) bool {
	return slices.ContainsFunc(b.Graph.Initializers, func(t Tensor) bool { return t.Name == name })
}

// Constant adds a tensor, unless there is one of its name, and returns the name.
func (b *Builder) Constant(t Tensor) string {
	if !b.Has(t.Name) {
		b.Graph.Initializers = append(b.Graph.Initializers, t)
	}
	return t.Name
}

// Ints returns a constant int64 vector.
func (b *Builder) Ints(values ...int64) string {
	name := "ints"
	for _, v := range values {
		name += fmt.Sprintf("_%d", v)
	}
	return b.Constant(Int64s(name, values, int64(len(values))))
}

// Scalar returns a constant int64 scalar.
func (b *Builder) Scalar(value int64) string {
	return b.Constant(Int64s(fmt.Sprintf("int_%d", value), []int64{value}))
}

// Float returns a constant float32 scalar.
func (b *Builder) Float(value float32) string {
	return b.Constant(Float32s(fmt.Sprintf("float_%v", value), []float32{value}))
}

// Input declares a graph input and returns its name.
func (b *Builder) Input(name string, t DataType, shape ...Dim) string {
	b.Graph.Inputs = append(b.Graph.Inputs, Value{Name: name, Type: t, Shape: shape})
	return name
}

// Output declares a graph output, which some node makes.
func (b *Builder) Output(name string, t DataType, shape ...Dim) {
	b.Graph.Outputs = append(b.Graph.Outputs, Value{Name: name, Type: t, Shape: shape})
}

// Model wraps the graph, which stays the builder's, in a format version for a version of the
// standard operators and the first one of others. An empty source is not mentioned in the metadata.
func (b *Builder) Model(ir, opset int64, source string, domains ...string) *Model {
	m := &Model{IRVersion: ir, Producer: "sensory-agent", Opsets: []Opset{{Version: opset}}, Graph: &b.Graph}
	for _, d := range domains {
		m.Opsets = append(m.Opsets, Opset{Domain: d, Version: 1})
	}
	if source != "" {
		m.Metadata = []Property{{Key: "source", Value: source}}
	}
	return m
}
