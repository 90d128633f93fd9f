// Package layout decides what a picture becomes before a vision encoder sees it: sizes, tiles,
// filter weights, colours. It computes no pixel.
//
// In: a preprocessor_config.json and the size of a picture. Out: the steps of the image processor
// (Idefics3's tiles, SigLIP's square, Qwen2-VL's patches) in numbers, for whoever carries them out:
// package vision on the processor, package vision/device as a graph for the device that runs the
// model. Everything is a value; the caller owns it.
package layout
