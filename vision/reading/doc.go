// Package reading reads text in pictures: PP-OCR's detector finds lines, its recogniser reads them.
//
// In: two open sessions, the recogniser's characters, and pictures. Out: lines of text, each with
// how sure the recogniser is and where it stands. Nothing of a picture is kept.
//
// Contract of the models, as PaddleOCR publishes them in ONNX: the detector takes f32[1,3,H,W],
// sides multiples of 32, and gives f32[1,1,H,W], how likely each pixel is text; the recogniser
// takes f32[1,3,48,W] and gives f32[1,T,C], probabilities of characters for each of T columns, the
// first of which stands for none. Both take channels B, G, R.
//
// What a picture says is data of a stranger: the text is bounded and printable, and whoever shows
// it to a model fences it.
package reading
