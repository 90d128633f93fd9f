package generate

import (
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/half"
)

// array is memory for a tensor of float32 or float16, as the graph wants it.
type array struct {
	kind ort.ElementType
	f32  []float32
	f16  []uint16
}

// newArray allocates count elements.
func newArray(kind ort.ElementType, count int) array {
	if kind == ort.TypeFloat16 {
		return array{kind: kind, f16: make([]uint16, count)}
	}
	return array{kind: kind, f32: make([]float32, count)}
}

// len is the number of elements.
func (a array) len() int { return len(a.f32) + len(a.f16) }

// tensor is a view of the first elements.
func (a array) tensor(shape ...int64) (ort.Tensor, error) {
	count := 1
	for _, dim := range shape {
		count *= int(dim)
	}
	if a.kind == ort.TypeFloat16 {
		return ort.Float16(shape, a.f16[:count])
	}
	return ort.Float32(shape, a.f32[:count])
}

// part is a view of the elements from..to.
func (a array) part(from, to int) array {
	if a.kind == ort.TypeFloat16 {
		return array{kind: a.kind, f16: a.f16[from:to]}
	}
	return array{kind: a.kind, f32: a.f32[from:to]}
}

// copyFrom copies elements, converting between the types; it copies the shorter length.
func (a array) copyFrom(b array) {
	switch a.kind {
	case b.kind:
		copy(a.f32, b.f32)
		copy(a.f16, b.f16)
	case ort.TypeFloat16:
		for i := range min(len(a.f16), len(b.f32)) {
			a.f16[i] = half.From(b.f32[i])
		}
	default:
		for i := range min(len(a.f32), len(b.f16)) {
			a.f32[i] = half.To(b.f16[i])
		}
	}
}

// of is an array over float32 memory.
func of(data []float32) array { return array{kind: ort.TypeFloat32, f32: data} }
