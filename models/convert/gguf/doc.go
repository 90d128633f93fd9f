// Package gguf reads the index of GGUF weight files, versions 2 and 3: metadata and tensor places.
//
// In: an io.ReaderAt and its length. Out: a File with typed access to the metadata and one
// ggml.Tensor per weight; the weights stay in the file. The caller owns the reader. Every count,
// length and position is checked against the file's real size before memory is taken for it. Errors
// are *ggml.FormatError with the sentinels of package ggml.
package gguf
