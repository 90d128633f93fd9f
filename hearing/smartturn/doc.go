// Package smartturn runs Smart Turn v3, which hears whether somebody has finished speaking: by
// tone, pace and breath rather than by words.
//
// In: an open ONNX Runtime session of smart-turn-v3.2-cpu.onnx and the sound of an utterance so
// far, with the beginning of the silence behind it. Out: the probability that the turn is over.
//
// Contract of the model: input_features f32[1,80,800] → logits f32[1,1], which are probabilities.
// The features are Whisper's log-mel spectrogram of the last 8 s, scaled to mean 0 and variance 1
// before the transform; shorter clips have silence in front. The publisher's code asks with some
// 200 ms of silence behind the speech.
package smartturn
