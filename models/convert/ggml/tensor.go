package ggml

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// Tensor is the place of one tensor in a file.
// Dims are row-major, outermost first, as everywhere outside of ggml; the file lists them innermost
// first.
type Tensor struct {
	Name   string
	Type   Type
	Dims   []int64
	Offset int64 // bytes from the start of the file
	Size   int64 // bytes of storage
}

// NewTensor checks the dimensions, given innermost first as the files do, and computes the storage
// size. Errors wrap ErrType or ErrShape.
func NewTensor(name string, t Type, inner []int64) (Tensor, error) {
	if len(inner) == 0 || len(inner) > 4 {
		return Tensor{}, fmt.Errorf("%w: %d dimensions", ErrShape, len(inner))
	}
	dims := make([]int64, len(inner))
	rows := int64(1)
	for i, d := range inner {
		if d <= 0 {
			return Tensor{}, fmt.Errorf("%w: %v", ErrShape, inner)
		}
		dims[len(inner)-1-i] = d
		if i > 0 {
			if rows > math.MaxInt64/d {
				return Tensor{}, fmt.Errorf("%w: %v", ErrShape, inner)
			}
			rows *= d
		}
	}
	row, err := t.Bytes(inner[0])
	if err != nil {
		return Tensor{}, err
	}
	if row > math.MaxInt64/rows {
		return Tensor{}, fmt.Errorf("%w: %v", ErrShape, inner)
	}
	return Tensor{Name: name, Type: t, Dims: dims, Size: row * rows}, nil
}

// Columns returns the length of a row, the innermost dimension.
func (t *Tensor) Columns() int64 { return t.Dims[len(t.Dims)-1] }

// Rows returns the number of rows, the product of all outer dimensions.
func (t *Tensor) Rows() int64 {
	rows := int64(1)
	for _, d := range t.Dims[:len(t.Dims)-1] {
		rows *= d
	}
	return rows
}

// Check returns an error wrapping ErrShape when the dimensions, without leading and trailing axes
// of length 1, are not those of want.
func (t *Tensor) Check(want ...int64) error {
	if got, need := trim(t.Dims), trim(want); !equal(got, need) {
		return fmt.Errorf("tensor %s: %w: %v, expected %v", t.Name, ErrShape, t.Dims, want)
	}
	return nil
}

func trim(dims []int64) []int64 {
	for len(dims) > 1 && dims[0] == 1 {
		dims = dims[1:]
	}
	for len(dims) > 1 && dims[len(dims)-1] == 1 {
		dims = dims[:len(dims)-1]
	}
	return dims
}

func equal(a, b []int64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// Raw reads the storage bytes of rows first to first+n into a new slice owned by the caller.
func (t *Tensor) Raw(r io.ReaderAt, first, n int64) ([]byte, error) {
	row, err := t.Type.Bytes(t.Columns())
	if err != nil {
		return nil, err
	}
	if first < 0 || n < 0 || first+n > t.Rows() {
		return nil, fmt.Errorf("tensor %s: %w: rows %d to %d of %d", t.Name, ErrShape, first, first+n, t.Rows())
	}
	buf := make([]byte, row*n)
	if got, err := r.ReadAt(buf, t.Offset+first*row); err != nil && (got < len(buf) || !errors.Is(err, io.EOF)) {
		if errors.Is(err, io.EOF) {
			err = ErrTruncated
		}
		return nil, fmt.Errorf("tensor %s: %w", t.Name, err)
	}
	return buf, nil
}

// Values reads rows first to first+n and widens them into a new row-major slice owned by the
// caller.
func (t *Tensor) Values(r io.ReaderAt, first, n int64) ([]float32, error) {
	raw, err := t.Raw(r, first, n)
	if err != nil {
		return nil, err
	}
	values := make([]float32, n*t.Columns())
	if err := t.Type.Decode(values, raw); err != nil {
		return nil, fmt.Errorf("tensor %s: %w", t.Name, err)
	}
	return values, nil
}
