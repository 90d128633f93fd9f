package onnx

import "errors"

var (
	// ErrTooLarge reports a model whose file would reach MaxSize, the limit of protobuf messages.
	ErrTooLarge = errors.New("onnx: model is too large for one file")
	// ErrPayload reports a tensor whose dimensions, declared size and written bytes do not agree.
	ErrPayload = errors.New("onnx: tensor bytes do not match its shape")
)
