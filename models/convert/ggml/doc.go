// Package ggml reads the tensors of ggml weight files: the block formats that weights are stored
// in, and version 1 of the Whisper container (magic "ggml", one header, mel filters, vocabulary,
// tensors).
//
// In: an io.ReaderAt and its length. Out: header, vocabulary and an index of tensors; the weights
// stay in the file and are widened to float32 row by row when asked for. The caller owns the reader
// and keeps it open while tensors are read. Nothing a file says is trusted: counts, lengths and
// positions are checked against its real size before memory is taken.
package ggml
