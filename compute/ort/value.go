package ort

import (
	"fmt"
	"math"
	"slices"
	"unsafe"

	"github.com/sensory-agent/sensory-agent/internal/native/ortapi"
)

// maxElements bounds a tensor: beyond it the size in bytes would not fit an int64 with room to
// spare.
const maxElements = math.MaxInt64 / 64

// wrap makes a tensor over count elements at data.
func wrap(kind ElementType, shape []int64, data unsafe.Pointer, count int) (Tensor, error) {
	want, err := elementCount(shape)
	if err != nil {
		return nil, err
	}
	if want != count {
		return nil, &TensorError{
			Kind: ErrShape, Want: fmt.Sprintf("%d elements for shape %v", want, shape), Got: fmt.Sprint(count),
		}
	}
	api, err := process.retain()
	if err != nil {
		return nil, err
	}
	t := &tensor{kind: kind, count: count, api: api, data: data}
	t.shape = slices.Clone(shape)
	if count == 0 {
		// The native side wants an address even where there is nothing to read.
		t.data = unsafe.Pointer(&t.shape[0])
	}
	t.value, err = api.Value(t.data, count*kind.Size(), t.shape, elements[kind].native)
	if err != nil {
		return nil, joinClose(&TensorError{Kind: ErrShape, Want: "a tensor of " + kind.String(), Got: err.Error()}, process.release())
	}
	return t, nil
}

// elementCount multiplies the dimensions; it refuses negative ones and products beyond the address
// space.
func elementCount(shape []int64) (int, error) {
	total := int64(1)
	for _, dim := range shape {
		if dim < 0 || (dim > 0 && total > maxElements/dim) {
			return 0, &TensorError{Kind: ErrShape, Want: "dimensions of at least 0 and a size that fits memory", Got: fmt.Sprint(shape)}
		}
		total *= dim
	}
	return int(total), nil
}

// adopt turns an output that the runtime allocated into a tensor; it takes ownership of value, also
// where it fails.
func adopt(name string, value ortapi.Handle) (Tensor, error) {
	api, err := process.retain()
	if err != nil {
		return nil, err
	}
	native, shape, err := api.Shape(value)
	kind := elementType(native)
	if err == nil && kind == 0 {
		err = &TensorError{Kind: ErrType, Name: name, Want: "an element type that this package carries", Got: fmt.Sprintf("ONNX type %d", native)}
	}
	if err != nil {
		api.Release(value)
		return nil, joinClose(err, process.release())
	}
	t := &tensor{kind: kind, api: api, value: value, made: true}
	t.shape = shape
	t.count, err = elementCount(shape)
	if err != nil {
		return nil, joinClose(err, t.Close())
	}
	return t, nil
}

// copyOut copies what the runtime allocated into memory that outlives the native value.
func (t *tensor) copyOut() {
	t.copied.Do(func() {
		if !t.made || t.value == nil || t.count == 0 {
			return
		}
		from, err := t.api.Data(t.value)
		if err != nil || from == nil {
			return
		}
		// Words of 8 bytes give every element type its alignment.
		bytes := t.count * t.kind.Size()
		words := make([]uint64, (bytes+7)/8)
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), bytes), unsafe.Slice((*byte)(from), bytes))
		t.data = unsafe.Pointer(&words[0])
	})
}

func (t *tensor) Type() ElementType     { return t.kind }
func (t *tensor) Shape() []int64        { return t.shape }
func (t *tensor) Len() int              { return t.count }
func (t *tensor) handle() ortapi.Handle { return t.value }
func (t *tensor) Float32s() []float32   { return view[float32](t, TypeFloat32) }
func (t *tensor) Float16s() []uint16    { return view[uint16](t, TypeFloat16) }
func (t *tensor) Int64s() []int64       { return view[int64](t, TypeInt64) }
func (t *tensor) Int32s() []int32       { return view[int32](t, TypeInt32) }
func (t *tensor) Uint8s() []uint8       { return view[uint8](t, TypeUint8) }
func (t *tensor) Bools() []bool         { return view[bool](t, TypeBool) }

// view is the data as a slice, or nil when the tensor has another type or its data is out of reach.
func view[T any](t *tensor, kind ElementType) []T {
	if t.kind != kind {
		return nil
	}
	if t.made {
		t.copyOut()
	}
	if t.data == nil && t.count > 0 {
		return nil
	}
	return unsafe.Slice((*T)(t.data), t.count)
}

func (t *tensor) Close() error {
	var err error
	t.closed.Do(func() {
		t.api.Release(t.value)
		t.value = nil
		err = process.release()
	})
	return err
}
