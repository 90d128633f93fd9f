// Package device writes the texture step as a graph: picture bytes in, normalised pixel_values out,
// so that it runs on the device that the vision encoder runs on and only bytes travel there. It
// links no OpenCV.
//
// In: a preprocessor configuration, and the size and coding of the pictures. Out: an ONNX model and
// the layout of its output. A graph is for one size of picture; whoever runs it owns the session.
// It follows the reference processor step by step, in float32 where that one counts in fixed point:
// levels differ by one at most, and rarely.
package device
