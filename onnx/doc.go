// Package onnx reads, builds and edits ONNX model files. It knows the wire format (field numbers of
// onnx.proto, IR version 8 to 10) and neither runs a model nor checks its operators. It stands at
// the bottom of the house and imports nothing of it.
//
// Reading: [Scan] walks through a file without reading its weights and says which operator takes
// and makes what, which set of operators is meant, and which other files hold weights.
//
// Building: a [Model] is a graph of nodes, its declared inputs and outputs, and its constant
// tensors, whose bytes are produced while the file is written; a [Builder] puts a graph together. A
// file is laid out in full before its first byte is written, because protobuf states the length of
// a message in front of it. Tensor bytes are therefore described by a [Payload], a size and a
// function, and never held together in memory. The same model gives the same bytes, always.
//
// Editing: [Split] cuts a graph in two at a tensor, so that a vocoder can run over pieces of what a
// text encoder made once; [Widen] turns half precision into single precision, because
// half-precision activations overflow for some voices; [Seed] makes the noise that a model draws
// begin alike in every process. They take the bytes of a file, never write to them, and copy fields
// that they do not know as they are.
//
// The caller owns every value that it passes in; nothing is kept when a call returns. All functions
// are pure but for the readers and writers that they are given, and a value belongs to one
// goroutine at a time.
package onnx
