package onnx

import "google.golang.org/protobuf/encoding/protowire"

// field is one field of a message: its number, its wire type, its whole encoding and, where
// length-delimited, its content.
type field struct {
	num    protowire.Number
	kind   protowire.Type
	raw    []byte // tag and value
	body   []byte // value without tag and length; nil unless kind is BytesType
	varint uint64 // value of a varint field
}

// eachField calls fn for every field of a message in order and stops at the first error.
func eachField(msg []byte, fn func(field) error) error {
	for len(msg) > 0 {
		num, kind, n := protowire.ConsumeTag(msg)
		if n < 0 {
			return corrupt("bad field tag")
		}
		f := field{num: num, kind: kind}
		m := protowire.ConsumeFieldValue(num, kind, msg[n:])
		if m < 0 {
			return corrupt("truncated field")
		}
		f.raw = msg[:n+m]
		switch kind {
		case protowire.BytesType:
			f.body, _ = protowire.ConsumeBytes(msg[n:])
		case protowire.VarintType:
			f.varint, _ = protowire.ConsumeVarint(msg[n:])
		default:
		}
		if err := fn(f); err != nil {
			return err
		}
		msg = msg[n+m:]
	}
	return nil
}

func appendMessage(dst []byte, num protowire.Number, body []byte) []byte {
	dst = protowire.AppendTag(dst, num, protowire.BytesType)
	return protowire.AppendBytes(dst, body)
}

func appendVarint(dst []byte, num protowire.Number, v uint64) []byte {
	dst = protowire.AppendTag(dst, num, protowire.VarintType)
	return protowire.AppendVarint(dst, v)
}

// graphOf returns the graph of a model.
func graphOf(model []byte) ([]byte, error) {
	var graph []byte
	err := eachField(model, func(f field) error {
		if f.num == modelGraph && f.kind == protowire.BytesType {
			graph = f.body
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(graph) == 0 {
		return nil, corrupt("no graph")
	}
	return graph, nil
}

// withGraph returns the model with its graph replaced.
func withGraph(model, graph []byte) ([]byte, error) {
	out := make([]byte, 0, len(graph)+1024)
	err := eachField(model, func(f field) error {
		if f.num == modelGraph {
			out = appendMessage(out, modelGraph, graph)
		} else {
			out = append(out, f.raw...)
		}
		return nil
	})
	return out, err
}

// edited returns the model with what edit makes of its graph.
func edited(model []byte, edit func(graph []byte) ([]byte, error)) ([]byte, error) {
	body, err := graphOf(model)
	if err != nil {
		return nil, err
	}
	g, err := edit(body)
	if err != nil {
		return nil, err
	}
	return withGraph(model, g)
}

// nesting counts the graphs that a walk is in: a file made to nest as deep as its bytes allow would
// use up the stack.
type nesting int

// enter counts one graph more; leave ends it.
func (n *nesting) enter() (leave func(), err error) {
	if *n == maxDepth {
		return nil, corrupt("graphs nested too deep")
	}
	*n++
	return func() { *n-- }, nil
}
