// Package onnx writes ONNX model files.
//
// In: a Model, which is a graph of nodes, its declared inputs and outputs, and its constant
// tensors, whose bytes are produced while the file is written; a Builder puts a graph together.
// Out: one self-contained ONNX protobuf file. The package checks no operator; it knows the wire
// format only (field numbers from onnx.proto3, IR version 8 to 10).
//
// A file is laid out in full before its first byte is written, because protobuf states the length
// of a message in front of it. Tensor bytes are therefore described by a Payload, a size and a
// function, and never held together in memory. The caller owns every value it passes in; nothing is
// kept after WriteTo returns.
package onnx
