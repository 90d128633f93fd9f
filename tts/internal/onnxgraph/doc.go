// Package onnxgraph edits serialised ONNX models without a runtime.
//
// In: the bytes of a ModelProto. Out: new bytes; the input is never written to and may be unmapped
// afterwards. Two edits exist, both needed by speech synthesis:
//
//   - Split cuts a graph in two at one tensor, so that a vocoder can run over pieces of the latent
//     sequence while the text encoder ran once;
//   - Widen turns every half-precision tensor and cast into single precision, because
//     half-precision activations overflow for some voices.
//
// Only the wire format is touched: unknown fields are copied as they are. Nodes that carry
// subgraphs are refused by Split and rewritten by Widen. All functions are pure and may be called
// from any goroutine.
package onnxgraph
