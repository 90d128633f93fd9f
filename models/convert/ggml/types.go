package ggml

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/sensory-agent/sensory-agent/internal/half"
)

// Type is the storage format of a tensor; the values are those of the file formats.
type Type uint32

// Storage formats that can be widened. Q formats store blocks of 32 values with one scale and, for
// the _1 forms, one minimum.
const (
	F32  Type = 0
	F16  Type = 1
	Q4_0 Type = 2 // the format's own name
	Q4_1 Type = 3 // the format's own name
	Q5_0 Type = 6 // the format's own name
	Q5_1 Type = 7 // the format's own name
	Q8_0 Type = 8 // the format's own name
	BF16 Type = 30
)

// String returns the format's usual name.
func (t Type) String() string {
	switch t {
	case F32:
		return "F32"
	case F16:
		return "F16"
	case Q4_0:
		return "Q4_0"
	case Q4_1:
		return "Q4_1"
	case Q5_0:
		return "Q5_0"
	case Q5_1:
		return "Q5_1"
	case Q8_0:
		return "Q8_0"
	case BF16:
		return "BF16"
	default:
		return fmt.Sprintf("type %d", uint32(t))
	}
}

// block returns how many values one block holds and how many bytes it takes; ok is false for an
// unknown format.
func (t Type) block() (values, size int64, ok bool) {
	switch t {
	case F32:
		return 1, 4, true
	case F16, BF16:
		return 1, 2, true
	case Q4_0:
		return 32, 2 + 16, true
	case Q4_1:
		return 32, 2 + 2 + 16, true
	case Q5_0:
		return 32, 2 + 4 + 16, true
	case Q5_1:
		return 32, 2 + 2 + 4 + 16, true
	case Q8_0:
		return 32, 2 + 32, true
	default:
		return 0, 0, false
	}
}

// Bytes returns the storage of one row of n values, or an error wrapping ErrType or ErrShape.
func (t Type) Bytes(n int64) (int64, error) {
	values, size, ok := t.block()
	if !ok {
		return 0, fmt.Errorf("%w: %d", ErrType, uint32(t))
	}
	if n < 0 || n%values != 0 || n/values > math.MaxInt64/size {
		return 0, fmt.Errorf("%w: a row of %d values in blocks of %d", ErrShape, n, values)
	}
	return n / values * size, nil
}

// Decode widens src, whole blocks of format t, into dst. It panics on nothing: a src too short for
// dst is ErrTruncated.
func (t Type) Decode(dst []float32, src []byte) error {
	need, err := t.Bytes(int64(len(dst)))
	if err != nil {
		return err
	}
	if int64(len(src)) < need {
		return fmt.Errorf("%w: %d bytes for %d values of %v", ErrTruncated, len(src), len(dst), t)
	}
	switch t {
	case F32:
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
		}
	case F16:
		for i := range dst {
			dst[i] = half.To(binary.LittleEndian.Uint16(src[2*i:]))
		}
	case BF16:
		for i := range dst {
			dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(src[2*i:])) << 16)
		}
	default:
		_, size, _ := t.block()
		for i := 0; i < len(dst); i += 32 {
			t.decodeBlock(dst[i:i+32], src[:size])
			src = src[size:]
		}
	}
	return nil
}

// decodeBlock widens one block of 32 values. Value i of the first half shares a byte with value
// i+16: low bits first. The products are formed in float32, so that they equal what other readers
// of the format compute.
func (t Type) decodeBlock(dst []float32, b []byte) {
	scale := half.To(binary.LittleEndian.Uint16(b))
	switch t {
	case Q8_0:
		for i := range dst {
			dst[i] = scale * float32(int8(b[2+i]))
		}
	case Q4_0:
		for i := range 16 {
			dst[i] = scale * float32(int(b[2+i]&15)-8)
			dst[i+16] = scale * float32(int(b[2+i]>>4)-8)
		}
	case Q4_1:
		low := half.To(binary.LittleEndian.Uint16(b[2:]))
		for i := range 16 {
			dst[i] = float32(scale*float32(b[4+i]&15)) + low
			dst[i+16] = float32(scale*float32(b[4+i]>>4)) + low
		}
	case Q5_0:
		high := binary.LittleEndian.Uint32(b[2:])
		for i := range 16 {
			first, second := fiveBits(b[6+i], high, i)
			dst[i] = scale * float32(first-16)
			dst[i+16] = scale * float32(second-16)
		}
	case Q5_1:
		low := half.To(binary.LittleEndian.Uint16(b[2:]))
		high := binary.LittleEndian.Uint32(b[4:])
		for i := range 16 {
			first, second := fiveBits(b[8+i], high, i)
			dst[i] = float32(scale*float32(first)) + low
			dst[i+16] = float32(scale*float32(second)) + low
		}
	}
}

// fiveBits joins a byte of two low nibbles with their fifth bits, which stand at positions i and
// i+16 of high.
func fiveBits(nibbles byte, high uint32, i int) (first, second int) {
	return int(nibbles&15) | int(high>>i&1)<<4, int(nibbles>>4) | int(high>>(i+16)&1)<<4
}
