package onnxgraph

import (
	"errors"
	"fmt"
)

// ErrCorrupt means that the bytes are not a readable ONNX model.
var ErrCorrupt = errors.New("not a readable ONNX model")

// ErrNoCut means that the graph cannot be divided at the tensor asked for.
var ErrNoCut = errors.New("graph cannot be cut there")

func corrupt(what string) error { return fmt.Errorf("%w: %s", ErrCorrupt, what) }

func noCut(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNoCut, fmt.Sprintf(format, args...))
}
