package ggml

import (
	"errors"
	"fmt"
)

var (
	// ErrMagic reports a file that is no ggml file of the expected kind.
	ErrMagic = errors.New("ggml: not a weight file of this kind")
	// ErrTruncated reports a file that ends before what it announces.
	ErrTruncated = errors.New("ggml: file ends too early")
	// ErrHeader reports a header field outside of its possible values.
	ErrHeader = errors.New("ggml: impossible header value")
	// ErrType reports a tensor in a block format that is not known here.
	ErrType = errors.New("ggml: unknown tensor type")
	// ErrShape reports a tensor whose dimensions are impossible, or not the ones expected.
	ErrShape = errors.New("ggml: wrong tensor dimensions")
	// ErrMissing reports a tensor that the file should hold and does not.
	ErrMissing = errors.New("ggml: tensor is missing")
	// ErrDuplicate reports a name that occurs twice.
	ErrDuplicate = errors.New("ggml: name occurs twice")
)

// FormatError says where in a file reading stopped and on which field.
// Err is one of the sentinels of this package, possibly with detail around it.
type FormatError struct {
	Field  string
	Offset int64 // bytes from the start of the file
	Err    error
}

// Error implements error.
func (e *FormatError) Error() string {
	return fmt.Sprintf("%s at byte %d: %v", e.Field, e.Offset, e.Err)
}

// Unwrap returns the cause.
func (e *FormatError) Unwrap() error { return e.Err }
