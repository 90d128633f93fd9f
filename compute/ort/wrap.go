package ort

import (
	"fmt"
	"math"
	"unsafe"

	ortgo "github.com/yalue/onnxruntime_go"
)

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
	if err := process.retain(); err != nil {
		return nil, err
	}
	value, err := nativeValue(kind, shape, data, count)
	if err != nil {
		return nil, joinClose(err, process.release())
	}
	if count == 0 {
		data = nil
	}
	own := make([]int64, len(shape))
	copy(own, shape)
	return &tensor{kind: kind, shape: own, data: data, count: count, value: value}, nil
}

// elementCount multiplies the dimensions; it refuses negative ones and products beyond the address space.
func elementCount(shape []int64) (int, error) {
	total := int64(1)
	for _, dim := range shape {
		if dim < 0 || (dim > 0 && total > math.MaxInt32*1024/dim) {
			return 0, &TensorError{Kind: ErrShape, Want: "dimensions of at least 0 and a size that fits memory", Got: fmt.Sprint(shape)}
		}
		total *= dim
	}
	return int(total), nil
}

// nativeValue makes the native value. Where there are no elements the native side still wants an address, and gets one byte that
// nobody reads.
func nativeValue(kind ElementType, shape []int64, data unsafe.Pointer, count int) (ortgo.Value, error) {
	if len(shape) == 0 {
		return nativeScalar(kind, data)
	}
	bytes := make([]byte, 1)
	if count > 0 {
		bytes = unsafe.Slice((*byte)(data), count*kind.Size())
	}
	return ortgo.NewCustomDataTensor(ortgo.Shape(shape), bytes, elements[kind].native)
}

// nativeScalar makes a value without dimensions. The binding copies the element.
func nativeScalar(kind ElementType, data unsafe.Pointer) (ortgo.Value, error) {
	switch kind {
	case TypeFloat32:
		return ortgo.NewScalar(*(*float32)(data))
	case TypeInt64:
		return ortgo.NewScalar(*(*int64)(data))
	case TypeInt32:
		return ortgo.NewScalar(*(*int32)(data))
	case TypeUint8:
		return ortgo.NewScalar(*(*uint8)(data))
	case TypeBool:
		return ortgo.NewScalar(*(*bool)(data))
	}
	return nil, &TensorError{Kind: ErrType, Want: "an element type with scalars", Got: kind.String()}
}

// adopt turns an output that the binding allocated into a tensor; it takes ownership of value.
func adopt(value ortgo.Value) (Tensor, error) {
	if err := process.retain(); err != nil {
		return nil, joinClose(err, value.Destroy())
	}
	t := &tensor{shape: value.GetShape(), value: value}
	switch v := value.(type) {
	case *ortgo.Tensor[float32]:
		t.fill(TypeFloat32, unsafe.Pointer(unsafe.SliceData(v.GetData())), len(v.GetData()))
	case *ortgo.Tensor[int64]:
		t.fill(TypeInt64, unsafe.Pointer(unsafe.SliceData(v.GetData())), len(v.GetData()))
	case *ortgo.Tensor[int32]:
		t.fill(TypeInt32, unsafe.Pointer(unsafe.SliceData(v.GetData())), len(v.GetData()))
	case *ortgo.Tensor[uint8]:
		t.fill(TypeUint8, unsafe.Pointer(unsafe.SliceData(v.GetData())), len(v.GetData()))
	case *ortgo.Tensor[bool]:
		t.fill(TypeBool, unsafe.Pointer(unsafe.SliceData(v.GetData())), len(v.GetData()))
	default:
		return nil, joinClose(&TensorError{Kind: ErrType, Want: "an output type that this package knows", Got: fmt.Sprintf("%T", value)},
			value.Destroy(), process.release())
	}
	return t, nil
}

// fill sets what the tensor refers to.
func (t *tensor) fill(kind ElementType, data unsafe.Pointer, count int) {
	t.kind, t.data, t.count = kind, data, count
	if count == 0 {
		t.data = nil
	}
}

func (t *tensor) Type() ElementType   { return t.kind }
func (t *tensor) Shape() []int64      { return t.shape }
func (t *tensor) Len() int            { return t.count }
func (t *tensor) handle() ortgo.Value { return t.value }
func (t *tensor) Float32s() []float32 { return view[float32](t, TypeFloat32) }
func (t *tensor) Float16s() []uint16  { return view[uint16](t, TypeFloat16) }
func (t *tensor) Int64s() []int64     { return view[int64](t, TypeInt64) }
func (t *tensor) Int32s() []int32     { return view[int32](t, TypeInt32) }
func (t *tensor) Uint8s() []uint8     { return view[uint8](t, TypeUint8) }
func (t *tensor) Bools() []bool       { return view[bool](t, TypeBool) }

// view is the data as a slice, or nil when the tensor has another type.
func view[T any](t *tensor, kind ElementType) []T {
	if t.kind != kind {
		return nil
	}
	return unsafe.Slice((*T)(t.data), t.count)
}

func (t *tensor) Close() error {
	var err error
	t.once.Do(func() {
		err = joinClose(t.value.Destroy(), process.release())
		t.data, t.count = nil, 0
	})
	return err
}
