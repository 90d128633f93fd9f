package onnx

import (
	"errors"
	"fmt"
)

var (
	// ErrTooLarge reports a model whose file would reach MaxSize, the limit of protobuf messages.
	ErrTooLarge = errors.New("onnx: model is too large for one file")
	// ErrPayload reports a tensor whose dimensions, declared size and written bytes do not agree.
	ErrPayload = errors.New("onnx: tensor bytes do not match its shape")
	// ErrCorrupt reports bytes that are no readable ONNX model: something else, cut off, or beyond
	// the bounds of a reader. Fetch the file again.
	ErrCorrupt = errors.New("onnx: not a readable ONNX model")
	// ErrNoCut reports a graph that Split cannot divide at the tensor asked for.
	ErrNoCut = errors.New("onnx: graph cannot be cut there")
)

func corrupt(what string) error { return fmt.Errorf("%w: %s", ErrCorrupt, what) }

func noCut(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNoCut, fmt.Sprintf(format, args...))
}
