// Package smolvlm writes a model folder that has everything of SmolVLM-256M but its weights: the
// same file and tensor names, shapes, special tokens, configuration and chat template. The weights
// are random, a fixed function of tensor name and position, so that the same folder comes out
// everywhere and another implementation can be held against the engine on the same files.
//
// In: a [Shape], which may leave layers out, and a tokenizer.json with SmolLM2's vocabulary (or
// none). Out: a folder on disk, which belongs to the caller. Its answers mean nothing; what it
// proves is the path, and what it costs.
package smolvlm
