package convert

import (
	"encoding/binary"
	"io"
	"math"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
	"github.com/sensory-agent/sensory-agent/models/convert/onnx"
)

// weightFile is an open weight file.
type weightFile struct {
	r io.ReaderAt
}

// rowsPerRead bounds how many values are widened at a time when a tensor is copied row by row.
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

// columns returns a payload that holds the transposes of matrices [out, in] side by side: [in, sum of out],
// each multiplied by its scale. Many runtimes multiply by a matrix in this order without copying it first.
func (f weightFile) columns(parts []scaled) onnx.Payload {
	in := parts[0].tensor.Columns()
	var out int64
	for _, p := range parts {
		out += p.tensor.Rows()
	}
	return onnx.Payload{Size: 4 * in * out, Write: func(w io.Writer) error {
		joined := make([]float32, in*out)
		var at int64
		for _, p := range parts {
			rows := p.tensor.Rows()
			values, err := p.tensor.Values(f.r, 0, rows)
			if err != nil {
				return err
			}
			for r := range rows {
				for c, v := range values[r*in : (r+1)*in] {
					joined[int64(c)*out+at+r] = v * p.scale
				}
			}
			at += rows
		}
		return writeFloats(w, joined)
	}}
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
