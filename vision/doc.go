// Package vision turns decoded pictures into what a vision-language model takes in.
//
// In: pictures as media.I420 (or image.Image), the model's own preprocessor_config.json, and an
// opened vision encoder session. Out: textures (normalised float32 tensors: tiles as Idefics3 cuts
// them, or patches as the Qwen VL family takes them), image features, and the decision which frames
// of a live track deserve either.
//
// The stages, in the order a frame meets them:
//
//	SceneChange  a cheap look at a thumbnail of the luma plane: did the picture change since the last one that was taken?
//	Sampler      a pure machine: take this frame or let it pass, and why
//	Preprocessor I420 → RGB → scaled → tiled → normalised: a Texture in pooled memory
//	Encoder      Texture → Features through the session, with a bounded cache by the hash of the whole frame
//
// Ownership: a frame belongs to the caller and is only read during the call. A Texture belongs to
// the caller until Release, which gives its memory back to the Preprocessor; Outstanding counts
// what is still out. Features are immutable and garbage collected; several holders may share one
// value.
//
// # Scaling
//
// The models of this family were trained on pictures that Pillow scaled, and Pillow widens its
// filter when it shrinks, so that every source pixel contributes. OpenCV's Lanczos and cubic
// filters keep a fixed number of taps and alias when they shrink by more than two. The resampling
// here therefore is the package's own, equal to the bit to that of Pillow before version 13 for all
// six of its filters; OpenCV's area filter does the first, integer part of a strong reduction on
// the planes of the frame, where a box filter is as good and much cheaper. FidelityReference leaves
// that shortcut out and repeats the reference processor step by step; FidelityLive, the default,
// takes it.
package vision
