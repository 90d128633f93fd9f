// Package convert turns downloaded weight files into the ONNX files that the runtime loads.
//
// In: a Whisper ggml file, a SmolLM2 GGUF file or a PyTorch checkpoint of EfficientNet-Lite. Out: a
// folder with ONNX graphs in the names and shapes of the commonly published exports, and the JSON
// files (config, generation, tokenizer, preprocessor) that decide everything a runner must know, so
// that a published export can take its place and the other way round.
//
// The caller owns both paths. Output is atomic: everything is written to a temporary folder beside
// the target, and each file is renamed into the target only when all of them are complete; after an
// error or a cancelled context the target holds what it held before. Weights stream from file to
// file, one tensor at a time, so memory stays near the size of the largest tensor. All converters
// are pure functions of their input file: equal input gives equal bytes.
package convert
