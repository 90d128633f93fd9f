package ort

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/sensory-agent/sensory-agent/internal/native/ortapi"
)

// ElementType is the type of one tensor element, by its ONNX name.
type ElementType int

// The element types that cross this package.
const (
	TypeFloat32 ElementType = iota + 1
	TypeFloat16
	TypeInt64
	TypeInt32
	TypeUint8
	TypeBool
)

// elements describes every element type: its ONNX name, bytes, and native number (onnx.proto,
// TensorProto.DataType, which ONNX Runtime shares).
var elements = [...]struct {
	name   string
	size   int
	native int
}{
	TypeFloat32: {"float32", 4, 1},
	TypeFloat16: {"float16", 2, 10},
	TypeInt64:   {"int64", 8, 7},
	TypeInt32:   {"int32", 4, 6},
	TypeUint8:   {"uint8", 1, 2},
	TypeBool:    {"bool", 1, 9},
}

// elementType finds a type by its native number; 0 for one that is not carried.
func elementType(native int) ElementType {
	for kind := range elements {
		if kind > 0 && elements[kind].native == native {
			return ElementType(kind)
		}
	}
	return 0
}

// String returns the ONNX name of the type.
func (t ElementType) String() string {
	if t < 1 || int(t) >= len(elements) {
		return fmt.Sprintf("type(%d)", int(t))
	}
	return elements[t].name
}

// Size returns the bytes of one element.
func (t ElementType) Size() int { return elements[t].size }

// Tensor is a shaped view of memory that a session reads or writes. Tensors made by [Float32] and
// its siblings refer to the caller's slice: no copy is made, the slice must stay unchanged in place
// while a run uses it, and what a run writes appears in it. Tensors that the runtime allocated own
// their memory; their data is copied out by the first method that returns it, and so stays valid
// after Close. A tensor may be used in any number of runs, one after another, and in several at
// once when all of them only read it.
type Tensor interface {
	// Type is the element type.
	Type() ElementType
	// Shape is the shape in elements; read only. An empty shape is a scalar.
	Shape() []int64
	// Len is the number of elements.
	Len() int
	// Float32s is the data, or nil when the type is another one or the memory is a device's. The
	// same holds for its siblings.
	Float32s() []float32
	// Float16s is the data as raw IEEE 754 half precision bits.
	Float16s() []uint16
	Int64s() []int64
	Int32s() []int32
	Uint8s() []uint8
	Bools() []bool
	// Close releases the native handle; the caller's slice stays the caller's. No run may be using
	// the tensor.
	Close() error

	// handle is the native value.
	handle() ortapi.Handle
}

// tensor is the one implementation of Tensor.
type tensor struct {
	kind  ElementType
	shape []int64
	count int

	api    *ortapi.API
	value  ortapi.Handle
	data   unsafe.Pointer // first element; nil when there are none, or when it is not known here
	made   bool           // the runtime allocated it, and data is set by copyOut
	copied sync.Once
	closed sync.Once
}

var _ Tensor = (*tensor)(nil)

// Float32 returns a tensor over data.
// It returns a [*TensorError] of kind [ErrShape] where shape and len(data) differ, and [ErrClosed]
// where no runtime is open.
func Float32(shape []int64, data []float32) (Tensor, error) {
	return wrap(TypeFloat32, shape, unsafe.Pointer(unsafe.SliceData(data)), len(data))
}

// Float16 returns a tensor over raw half precision bits. Errors as [Float32].
func Float16(shape []int64, data []uint16) (Tensor, error) {
	return wrap(TypeFloat16, shape, unsafe.Pointer(unsafe.SliceData(data)), len(data))
}

// Int64 returns a tensor over data. Errors as [Float32].
func Int64(shape, data []int64) (Tensor, error) {
	return wrap(TypeInt64, shape, unsafe.Pointer(unsafe.SliceData(data)), len(data))
}

// Int32 returns a tensor over data. Errors as [Float32].
func Int32(shape []int64, data []int32) (Tensor, error) {
	return wrap(TypeInt32, shape, unsafe.Pointer(unsafe.SliceData(data)), len(data))
}

// Uint8 returns a tensor over data. Errors as [Float32].
func Uint8(shape []int64, data []uint8) (Tensor, error) {
	return wrap(TypeUint8, shape, unsafe.Pointer(unsafe.SliceData(data)), len(data))
}

// Bool returns a tensor over data. Errors as [Float32].
func Bool(shape []int64, data []bool) (Tensor, error) {
	return wrap(TypeBool, shape, unsafe.Pointer(unsafe.SliceData(data)), len(data))
}
