package convert

import (
	"encoding/binary"
	"io"
	"math"

	"github.com/sensory-agent/sensory-agent/internal/half"
	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// weightFile is an open weight file.
type weightFile struct {
	r io.ReaderAt
}

// valuesPerRead bounds how many values are widened at a time when a tensor is copied row by row.
const valuesPerRead = 1 << 18

// rows returns a payload that widens a tensor to float32 in its stored order.
func (f weightFile) rows(t ggml.Tensor) onnx.Payload {
	columns, rows := t.Columns(), t.Rows()
	step := max(1, valuesPerRead/columns)
	return onnx.Payload{Size: 4 * rows * columns, Write: func(w io.Writer) error {
		for first := int64(0); first < rows; first += step {
			values, err := t.Values(f.r, first, min(step, rows-first))
			if err != nil {
				return err
			}
			if err := writeFloats(w, values); err != nil {
				return err
			}
		}
		return nil
	}}
}

// halves returns a payload that holds a tensor in half precision in its stored order; a tensor
// stored so is copied.
func (f weightFile) halves(t ggml.Tensor) onnx.Payload {
	columns, rows := t.Columns(), t.Rows()
	step := max(1, valuesPerRead/columns)
	return onnx.Payload{Size: 2 * rows * columns, Write: func(w io.Writer) error {
		for first := int64(0); first < rows; first += step {
			values, err := t.Values(f.r, first, min(step, rows-first))
			if err != nil {
				return err
			}
			buf := make([]byte, 0, 2*len(values))
			for _, v := range values {
				buf = binary.LittleEndian.AppendUint16(buf, half.From(v))
			}
			if _, err := w.Write(buf); err != nil {
				return err
			}
		}
		return nil
	}}
}

// columns returns a payload that holds the transposes of matrices [out, in] side by side: [in, sum
// of out], each multiplied by its scale. Many runtimes multiply by a matrix in this order without
// copying it first.
func (f weightFile) columns(parts []scaled) onnx.Payload {
	in, out := sides(parts)
	return onnx.Payload{Size: 4 * in * out, Write: func(w io.Writer) error {
		joined, err := f.joined(parts)
		if err != nil {
			return err
		}
		return writeFloats(w, transposed(joined, out, in))
	}}
}

// sides returns the common width of matrices [out, in] and the sum of their heights.
func sides(parts []scaled) (in, out int64) {
	for _, p := range parts {
		in = p.tensor.Columns()
		out += p.tensor.Rows()
	}
	return in, out
}

// joined reads matrices [out, in] one below the other, each multiplied by its scale.
func (f weightFile) joined(parts []scaled) ([]float32, error) {
	var all []float32
	for _, p := range parts {
		values, err := p.tensor.Values(f.r, 0, p.tensor.Rows())
		if err != nil {
			return nil, err
		}
		for i := range values {
			values[i] *= p.scale
		}
		if all == nil {
			all = values
		} else {
			all = append(all, values...)
		}
	}
	return all, nil
}

// transposed returns the transpose of a row-major matrix.
func transposed[T any](m []T, rows, columns int64) []T {
	out := make([]T, len(m))
	for r := range rows {
		for c, v := range m[r*columns : (r+1)*columns] {
			out[int64(c)*rows+r] = v
		}
	}
	return out
}

// vector returns a payload of 1-D tensors end to end, each multiplied by its scale.
// A part without a tensor stands for zeros.
func (f weightFile) vector(parts []scaled, size int64) onnx.Payload {
	return onnx.Payload{Size: 4 * size * int64(len(parts)), Write: func(w io.Writer) error {
		for _, p := range parts {
			values := make([]float32, size)
			if p.tensor != nil {
				read, err := p.tensor.Values(f.r, 0, p.tensor.Rows())
				if err != nil {
					return err
				}
				for i, v := range read {
					values[i] = v * p.scale
				}
			}
			if err := writeFloats(w, values); err != nil {
				return err
			}
		}
		return nil
	}}
}

// scaled is a tensor and the factor its values are multiplied by.
type scaled struct {
	tensor *ggml.Tensor
	scale  float32
}

func writeFloats(w io.Writer, values []float32) error {
	buf := make([]byte, 0, 4*len(values))
	for _, v := range values {
		buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
	}
	_, err := w.Write(buf)
	return err
}
