// Package silero runs the Silero voice activity detector.
//
// In: an open ONNX Runtime session of silero_vad.onnx, shared by all streams, and windows of 512
// samples at 16 kHz. Out: the probability that a window holds speech. A Detector is the state of
// one stream: 64 samples of context and a recurrent state of 2×128, in tensors that are made once,
// so that a window costs no memory.
//
// Contract of the model: input f32[1,64+512], state f32[2,1,128], sr i64 → output f32[1,1], stateN
// f32[2,1,128].
package silero
