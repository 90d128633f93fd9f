// Package torch reads state dictionaries that PyTorch saved: names of weights and where they are.
//
// In: an io.ReaderAt and its length. Out: a File with one ggml.Tensor per weight; the weights stay
// in the file. Both forms are read: the zip archive of PyTorch 1.6 and later, and the pickles and
// raw storages one behind another of those before.
//
// A pickle is a program. Nothing of it is run here: a small machine of its own knows the opcodes
// that a state dictionary needs and the names of a handful of classes, and refuses every other. It
// takes memory in proportion to the bytes it reads, 16 MiB of them at most. Every length and
// position is checked against the file's real size. Errors are *ggml.FormatError with the sentinels
// of package ggml and of this one, or those of archive/zip.
package torch
