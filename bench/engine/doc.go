// Package engine measures the model engine alone: time to the first token, tokens per second,
// pictures per second and memory, on a processor or a CUDA device. It links neither OpenCV nor
// FFmpeg, so one binary and ONNX Runtime's libraries are all that a machine needs.
//
// In: command line arguments. Out: text, or JSON, on a writer. [Main] owns everything it opens and
// closes it before it returns.
package engine
