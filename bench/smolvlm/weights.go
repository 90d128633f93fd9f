package smolvlm

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"math"
	"strings"

	"github.com/sensory-agent/sensory-agent/onnx"
)

// tensor is a weight under its name in the published checkpoints. Value i, in row-major order, is
// base + spread · noise(i).
type tensor struct {
	name   string
	dims   []int64
	seed   uint64
	base   float32
	spread float32
}

// newTensor chooses the spread so that activations keep their size from layer to layer.
func newTensor(name string, dims ...int64) tensor {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	t := tensor{name: name, dims: dims, seed: h.Sum64()}
	width := int64(1)
	for _, d := range dims[1:] {
		width *= d
	}
	switch uniform := math.Sqrt(3); {
	case len(dims) == 1 && strings.HasSuffix(name, ".weight"):
		t.base, t.spread = 1, 0.1
	case len(dims) == 1:
		t.spread = 0.1
	case strings.Contains(name, "embed_tokens"), strings.Contains(name, "position_embedding"):
		t.spread = float32(uniform)
	case strings.HasPrefix(name, "lm_head"):
		t.spread = float32(3 * uniform / math.Sqrt(float64(width))) // scores apart enough for rounding not to decide
	default:
		t.spread = float32(uniform / math.Sqrt(float64(width)))
	}
	return t
}

// count is the number of elements.
func (t tensor) count() int64 {
	n := int64(1)
	for _, d := range t.dims {
		n *= d
	}
	return n
}

// at is value i: noise is 24 bits of a SplitMix64 step, which float32 holds exactly.
func (t tensor) at(i int64) float32 {
	z := t.seed + (uint64(i)+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	return t.base + t.spread*(float32(int64(z>>40)-1<<23)/(1<<23))
}

// write writes all values, with rows and columns of a matrix exchanged where asked, times a factor,
// as float32 or float16.
func (t tensor) write(w io.Writer, exchanged bool, factor float32, half bool) error {
	rows, columns := int64(1), t.count()
	step, next := int64(1), columns // from value to value of a row, from row to row
	if exchanged {
		rows, columns = t.dims[1], t.dims[0]
		step, next = rows, 1
	}
	const piece = 1 << 20 // bytes
	out := make([]byte, 0, piece+8)
	for r := range rows {
		for c := range columns {
			if v := t.at(r*next+c*step) * factor; half {
				out = binary.LittleEndian.AppendUint16(out, toHalf(v))
			} else {
				out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
			}
			if len(out) >= piece {
				if _, err := w.Write(out); err != nil {
					return err
				}
				out = out[:0]
			}
		}
	}
	_, err := w.Write(out)
	return err
}

// constant is the weight as a graph stores it: a matrix [out, in] is exchanged, for products from
// the left.
func (t tensor) constant(exchanged bool, factor float32, half bool) onnx.Tensor {
	kind, dims, name := onnx.Float32, t.dims, t.name
	if half {
		kind = onnx.Float16
	}
	if exchanged {
		dims, name = []int64{dims[1], dims[0]}, name+".transposed"
	}
	return onnx.Tensor{Name: name, Type: kind, Dims: dims, Data: onnx.Payload{
		Size: t.count() * kind.Size(), Write: func(w io.Writer) error { return t.write(w, exchanged, factor, half) },
	}}
}

// toHalf rounds to the nearest float16, ties to even. Weights are far from its limits; below its
// normal range they become zero.
func toHalf(v float32) uint16 {
	bits := math.Float32bits(v)
	sign := uint16(bits >> 16 & 0x8000)
	exponent := int32(bits>>23&0xff) - 127 + 15
	if exponent <= 0 {
		return sign
	}
	rounded := uint32(exponent)<<23 | bits&0x7fffff
	rounded += 0xfff + rounded>>13&1
	return sign | uint16(min(rounded>>13, 0x7bff))
}
