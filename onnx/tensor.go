package onnx

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// DataType is the element type of a tensor, TensorProto.DataType of the format.
type DataType int32

// Element types that the converters use.
const (
	Float32 DataType = 1
	Uint8   DataType = 2
	Int8    DataType = 3
	Int32   DataType = 6
	Int64   DataType = 7
	Bool    DataType = 9
	Float16 DataType = 10
)

// Size returns the bytes of one element, or 0 for a type that this package does not write.
func (t DataType) Size() int64 {
	switch t {
	case Float32, Int32:
		return 4
	case Uint8, Int8, Bool:
		return 1
	case Int64:
		return 8
	case Float16:
		return 2
	default:
		return 0
	}
}

// Payload produces the bytes of a tensor: little-endian elements in row-major order.
// Write is called once per WriteTo, on the goroutine that called it, and must write exactly Size
// bytes.
type Payload struct {
	Size  int64
	Write func(w io.Writer) error
}

// Tensor is a constant. A tensor with no dimensions is a scalar.
type Tensor struct {
	Name string
	Type DataType
	Dims []int64
	Data Payload
}

// Bytes returns a payload of finished bytes.
func Bytes(b []byte) Payload {
	return Payload{Size: int64(len(b)), Write: func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	}}
}

// Int64s returns an int64 tensor with the given dimensions; without dimensions it is a scalar.
func Int64s(name string, values []int64, dims ...int64) Tensor {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	return Tensor{Name: name, Type: Int64, Dims: dims, Data: Bytes(b)}
}

// Float32s returns a float tensor with the given dimensions; without dimensions it is a scalar.
func Float32s(name string, values []float32, dims ...int64) Tensor {
	b := make([]byte, 0, 4*len(values))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return Tensor{Name: name, Type: Float32, Dims: dims, Data: Bytes(b)}
}

// encode lays out TensorProto with raw_data.
func (t *Tensor) encode() (*message, error) {
	want := t.Type.Size()
	for _, d := range t.Dims {
		if d < 0 || (d > 0 && want > math.MaxInt64/d) {
			return nil, fmt.Errorf("tensor %s: %w: dimensions %v", t.Name, ErrPayload, t.Dims)
		}
		want *= d
	}
	if t.Type.Size() == 0 || want != t.Data.Size {
		return nil, fmt.Errorf("tensor %s: %w: type %d, dimensions %v, %d bytes", t.Name, ErrPayload, t.Type, t.Dims, t.Data.Size)
	}
	msg := &message{}
	msg.ints(tensorDims, t.Dims)
	msg.varint(tensorDataType, int64(t.Type))
	msg.text(tensorName, t.Name)
	msg.stream(tensorRaw, t.Data, t.Name)
	return msg, nil
}
