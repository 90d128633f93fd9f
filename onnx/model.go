package onnx

import (
	"bytes"
	"fmt"
	"io"
)

// MaxSize is the size in bytes that no model file may reach: protobuf refuses messages of 2 GiB.
const MaxSize = int64(1)<<31 - 1

// Opset names an operator set that a model uses and its version. The standard set has the empty
// domain.
type Opset struct {
	Domain  string
	Version int64
}

// Property is one line of a model's metadata.
type Property struct{ Key, Value string }

// Model is a whole ONNX file, or, with a graph alone, what behind another file adds to its graph:
// protobuf merges the two.
type Model struct {
	IRVersion int64  // file format version; 8 goes with operator set 17, 9 with 19 and 20; 0: left out
	Producer  string // name of the writing program
	Opsets    []Opset
	Metadata  []Property
	Graph     *Graph
}

// Size returns the length of the file in bytes without producing any tensor.
// It returns ErrTooLarge for a model that cannot be one file and ErrPayload for a tensor whose size
// contradicts its shape.
func (m *Model) Size() (int64, error) {
	msg, err := m.encode()
	if err != nil {
		return 0, err
	}
	return msg.size, nil
}

// WriteTo writes the file and returns the number of bytes written.
// Errors are those of Size, of w, and of the payloads; after an error the bytes written so far are
// no valid model.
func (m *Model) WriteTo(w io.Writer) (int64, error) {
	msg, err := m.encode()
	if err != nil {
		return 0, err
	}
	return msg.writeTo(w)
}

// Bytes is the file in memory. Errors are those of WriteTo.
func (m *Model) Bytes() ([]byte, error) {
	var b bytes.Buffer
	_, err := m.WriteTo(&b)
	return b.Bytes(), err
}

// encode lays the file out: ModelProto with OperatorSetIdProto and StringStringEntryProto.
func (m *Model) encode() (*message, error) {
	graph, err := m.Graph.encode()
	if err != nil {
		return nil, err
	}
	msg := &message{}
	if m.IRVersion != 0 {
		msg.varint(modelIR, m.IRVersion)
	}
	msg.text(modelProducer, m.Producer)
	msg.sub(modelGraph, graph)
	for _, set := range m.Opsets {
		entry := &message{}
		entry.text(opsetDomain, set.Domain)
		entry.varint(opsetVersion, set.Version)
		msg.sub(modelOpset, entry)
	}
	for _, p := range m.Metadata {
		entry := &message{}
		entry.text(entryKey, p.Key)
		entry.text(entryValue, p.Value)
		msg.sub(modelMetadata, entry)
	}
	if msg.size >= MaxSize {
		return nil, fmt.Errorf("%w: %d bytes, limit %d", ErrTooLarge, msg.size, MaxSize)
	}
	return msg, nil
}
