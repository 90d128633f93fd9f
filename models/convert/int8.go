package convert

import (
	"io"
	"math"

	"github.com/sensory-agent/sensory-agent/onnx"
)

// int8Limit is the largest magnitude of a stored weight. Processors without dot product
// instructions add two products of an unsigned and a signed byte in 16 bits, with saturation:
// 2·255·64 still fits, 2·255·127 does not.
const int8Limit = 64

// int8Matrix is the transposed, joined form of weightFile.columns in 8 bits: value ≈ stored ·
// scale[column].
type int8Matrix struct {
	values []int8    // [in, out]
	scales []float32 // [out]
}

// quantise reads matrices [out, in] and rounds each output column to int8Limit steps either side of
// zero.
func (f weightFile) quantise(parts []scaled) (int8Matrix, error) {
	joined, err := f.joined(parts)
	if err != nil {
		return int8Matrix{}, err
	}
	in, out := sides(parts)
	m := int8Matrix{scales: make([]float32, out)}
	rounded := make([]int8, len(joined))
	for r := range out {
		row := joined[r*in : (r+1)*in]
		var peak float32
		for _, v := range row {
			peak = max(peak, float32(math.Abs(float64(v))))
		}
		if peak == 0 || math.IsNaN(float64(peak)) || math.IsInf(float64(peak), 0) {
			m.scales[r] = 1
			continue
		}
		m.scales[r] = peak / int8Limit
		for c, v := range row {
			rounded[r*in+int64(c)] = int8(math.Round(float64(v) * int8Limit / float64(peak)))
		}
	}
	m.values = transposed(rounded, out, in)
	return m, nil
}

// int8Tensors returns the constants of an 8 bit matrix: name.int8 [in, out] and name.scale [out].
func (f weightFile) int8Tensors(name string, parts []scaled) (values, scales onnx.Tensor) {
	in, out := sides(parts)
	values = onnx.Tensor{Name: name + ".int8", Type: onnx.Int8, Dims: []int64{in, out}, Data: onnx.Payload{
		Size: in * out, Write: func(w io.Writer) error {
			m, err := f.quantise(parts)
			if err != nil {
				return err
			}
			raw := make([]byte, len(m.values))
			for i, v := range m.values {
				raw[i] = byte(v)
			}
			_, err = w.Write(raw)
			return err
		},
	}}
	scales = onnx.Tensor{Name: name + ".scale", Type: onnx.Float32, Dims: []int64{out}, Data: onnx.Payload{
		Size: 4 * out, Write: func(w io.Writer) error {
			m, err := f.quantise(parts)
			if err != nil {
				return err
			}
			return writeFloats(w, m.scales)
		},
	}}
	return values, scales
}

// multiply computes input · Wᵀ for matrices [out, in] side by side, in the precision of the graph.
// In 8 bits the input is quantised as a whole at run time; the runtime fuses the four operators
// into one.
func (n *whisperNet) multiply(input, name string, parts []scaled) string {
	if !n.int8 {
		in, out := sides(parts)
		weight := n.Constant(onnx.Tensor{Name: name + ".matrix", Type: onnx.Float32, Dims: []int64{in, out}, Data: n.weights.columns(parts)})
		return n.Op("MatMul", []string{input, weight})
	}
	values, scales := n.weights.int8Tensors(name, parts)
	n.Fresh(name) // a number left out, as in the first version: converted files keep their bytes
	base := name + ".input"
	small := []string{base + ".int8", base + ".scale", base + ".zero"}
	n.Node("DynamicQuantizeLinear", "", []string{input}, small)
	product := n.Op("MatMulInteger", []string{small[0], n.Constant(values), small[2]})
	product = n.Cast(product, onnx.Float32)
	factor := n.Op("Mul", []string{small[1], n.Constant(scales)})
	return n.Op("Mul", []string{product, factor})
}
