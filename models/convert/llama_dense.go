package convert

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/sensory-agent/sensory-agent/internal/half"
	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// block is the number of values that share a scale in the quantised formats.
const block = 32

// llamaPart is one matrix [out, in] of a linear layer.
type llamaPart struct {
	name  string
	out   int64
	heads int64   // rows are stored interleaved within each head; 0: they are in order
	scale float32 // 0: none
}

// loadedPart is a part with its tensor.
type loadedPart struct {
	llamaPart
	tensor *ggml.Tensor
}

// order returns the stored row of each row: pairs (i, i+size/2) that rotate together are stored
// side by side.
func (p *loadedPart) order(row int64) int64 {
	if p.heads == 0 {
		return row
	}
	size := p.out / p.heads
	head, at := row/size, row%size
	return head*size + at%(size/2)*2 + at/(size/2)
}

func (p *loadedPart) factor() float32 {
	if p.scale == 0 {
		return 1
	}
	return p.scale
}

// dense computes x · Wᵀ for matrices [out, in] side by side. Matrices that share a block format
// stay packed where asked.
func (n *llamaNet) dense(x, name string, in int64, parts ...llamaPart) string {
	var loaded []loadedPart
	total := int64(0)
	for _, p := range parts {
		loaded = append(loaded, loadedPart{p, n.tensor(p.name, p.out, in)})
		total += p.out
	}
	if n.err != nil {
		return x
	}
	if n.packed && samePacked(loaded) {
		return n.packedDense(x, name, in, total, loaded)
	}
	weight := n.Constant(onnx.Tensor{Name: name + ".matrix", Type: onnx.Float32, Dims: []int64{in, total}, Data: onnx.Payload{
		Size: 4 * in * total, Write: func(w io.Writer) error {
			joined := make([]float32, 0, in*total)
			for _, p := range loaded {
				values, err := p.tensor.Values(n.weights.r, 0, p.out)
				if err != nil {
					return err
				}
				for row := range p.out {
					at := p.order(row) * in
					for _, v := range values[at : at+in] {
						joined = append(joined, v*p.factor())
					}
				}
			}
			return writeFloats(w, transposed(joined, total, in))
		},
	}})
	return n.Op("MatMul", []string{x, weight})
}

func samePacked(parts []loadedPart) bool {
	for _, p := range parts {
		if p.tensor.Type != parts[0].tensor.Type {
			return false
		}
	}
	kind := parts[0].tensor.Type
	return kind == ggml.Q4_0 || kind == ggml.Q4_1 || kind == ggml.Q8_0
}

// packedDense multiplies by matrices in their stored blocks, without rounding anything again.
// The runtime's operator computes (q − middle) · scale with middle 8 or 128. A block with a minimum
// m, q · scale + m, is that plus (m + middle · scale), a constant per block: it is multiplied by
// the sum of the block's inputs, in float32.
func (n *llamaNet) packedDense(x, name string, in, total int64, parts []loadedPart) string {
	kind := parts[0].tensor.Type
	bits, bytes := int64(4), int64(block/2)
	if kind == ggml.Q8_0 {
		bits, bytes = 8, block
	}
	blocks := in / block
	packed := &packedMatrix{file: n.weights, kind: kind, in: in, parts: parts}
	values := n.Constant(onnx.Tensor{Name: name + ".blocks", Type: onnx.Uint8, Dims: []int64{total, blocks, bytes}, Data: onnx.Payload{
		Size: total * blocks * bytes, Write: packed.writeValues,
	}})
	scales := n.Constant(onnx.Tensor{Name: name + ".scales", Type: onnx.Float32, Dims: []int64{total, blocks}, Data: onnx.Payload{
		Size: 4 * total * blocks, Write: packed.writeScales,
	}})
	out := name + ".product"
	n.Node("MatMulNBits", runtimeOps, []string{x, values, scales}, []string{out},
		onnx.Int("K", in), onnx.Int("N", total), onnx.Int("bits", bits), onnx.Int("block_size", block), onnx.Int("accuracy_level", 4))
	if kind != ggml.Q4_1 {
		return out
	}
	offsets := n.Constant(onnx.Tensor{Name: name + ".offsets", Type: onnx.Float32, Dims: []int64{blocks, total}, Data: onnx.Payload{
		Size: 4 * total * blocks, Write: packed.writeOffsets,
	}})
	sums := n.Op("MatMul", []string{x, n.blockSums(in)})
	return n.Op("Add", []string{out, n.Op("MatMul", []string{sums, offsets})})
}

// blockSums returns the matrix [in, blocks] of zeros and ones that adds up the values of each
// block.
func (n *llamaNet) blockSums(in int64) string {
	blocks := in / block
	values := make([]float32, in*blocks)
	for i := range in {
		values[i*blocks+i/block] = 1
	}
	return n.Constant(onnx.Float32s(fmt.Sprintf("block_sums_%d", in), values, in, blocks))
}

// packedMatrix reads the parts of stored blocks in the order and layout of the runtime's operator.
type packedMatrix struct {
	file  weightFile
	kind  ggml.Type
	in    int64
	parts []loadedPart
}

// each calls do with every block in row order, and the factor of its part.
func (m *packedMatrix) each(do func(block []byte, factor float32)) error {
	row, err := m.kind.Bytes(m.in)
	if err != nil {
		return err
	}
	size := row / (m.in / block)
	for i := range m.parts {
		p := &m.parts[i]
		raw, err := p.tensor.Raw(m.file.r, 0, p.out)
		if err != nil {
			return err
		}
		for r := range p.out {
			at := p.order(r) * row
			for b := at; b < at+row; b += size {
				do(raw[b:b+size], p.factor())
			}
		}
	}
	return nil
}

// writeValues writes the numbers. Four bit blocks pair value i with i+16 in a byte, the operator
// pairs i with i+1; signed bytes move up by 128.
func (m *packedMatrix) writeValues(w io.Writer) error {
	var out []byte
	err := m.each(func(stored []byte, _ float32) {
		if m.kind == ggml.Q8_0 {
			for _, v := range stored[2:] {
				out = append(out, v^0x80)
			}
			return
		}
		nibbles := stored[len(stored)-block/2:]
		for i := 0; i < block/2; i += 2 {
			out = append(out, nibbles[i]&15|nibbles[i+1]&15<<4)
		}
		for i := 0; i < block/2; i += 2 {
			out = append(out, nibbles[i]>>4|nibbles[i+1]>>4<<4)
		}
	})
	if err != nil {
		return err
	}
	_, err = w.Write(out)
	return err
}

func (m *packedMatrix) writeScales(w io.Writer) error {
	var scales []float32
	err := m.each(func(stored []byte, factor float32) {
		scales = append(scales, half.To(binary.LittleEndian.Uint16(stored))*factor)
	})
	if err != nil {
		return err
	}
	return writeFloats(w, scales)
}

// writeOffsets writes minimum + 8 · scale of each block, transposed to [blocks, out].
func (m *packedMatrix) writeOffsets(w io.Writer) error {
	var offsets []float32
	err := m.each(func(stored []byte, factor float32) {
		scale, low := half.To(binary.LittleEndian.Uint16(stored)), half.To(binary.LittleEndian.Uint16(stored[2:]))
		offsets = append(offsets, (low+8*scale)*factor)
	})
	if err != nil {
		return err
	}
	columns := m.in / block
	return writeFloats(w, transposed(offsets, int64(len(offsets))/columns, columns))
}

// gatherBlocks looks rows up in a Q8_0 table and widens only those, to the same values as widening
// the table.
func (n *llamaNet) gatherBlocks(t *ggml.Tensor, ids string) string {
	blocks := n.width / block
	part := func(name string, kind onnx.DataType, columns, from, to int64) string {
		return n.Constant(onnx.Tensor{Name: tokenWeights + name, Type: kind, Dims: []int64{n.vocab, columns}, Data: onnx.Payload{
			Size: n.vocab * blocks * (to - from), Write: func(w io.Writer) error { return n.weights.cutBlocks(w, t, from, to) },
		}})
	}
	values := n.Op("Gather", []string{part(".int8", onnx.Int8, n.width, 2, 2+block), ids})
	scales := n.Op("Gather", []string{part(".scale", onnx.Float16, blocks, 0, 2), ids})
	values = n.Cast(values, onnx.Float32)
	scales = n.Cast(scales, onnx.Float32)
	values = n.Op("Reshape", []string{values, n.Ints(0, 0, blocks, block)})
	scales = n.Op("Unsqueeze", []string{scales, n.Ints(-1)})
	return n.Op("Reshape", []string{n.Op("Mul", []string{values, scales}), n.Ints(0, 0, n.width)})
}

// cutBlocks writes bytes from..to of every stored block of a Q8_0 tensor.
func (f weightFile) cutBlocks(w io.Writer, t *ggml.Tensor, from, to int64) error {
	const size = 2 + block
	if t.Type != ggml.Q8_0 || t.Columns() > math.MaxInt32 {
		return fmt.Errorf("tensor %s: %w: %v", t.Name, ggml.ErrType, t.Type)
	}
	step := max(1, valuesPerRead/t.Columns())
	for first := int64(0); first < t.Rows(); first += step {
		raw, err := t.Raw(f.r, first, min(step, t.Rows()-first))
		if err != nil {
			return err
		}
		var cut []byte
		for at := int64(0); at < int64(len(raw)); at += size {
			cut = append(cut, raw[at+from:at+to]...)
		}
		if _, err := w.Write(cut); err != nil {
			return err
		}
	}
	return nil
}
