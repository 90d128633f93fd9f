package convert

import (
	"fmt"
	"math"

	"github.com/sensory-agent/sensory-agent/models/convert/onnx"
)

// attention is grouped attention over the cache. Query heads that share a key head are stacked along the time axis, so that
// keys and values are never repeated.
func (n *llamaNet) attention(x, mask, block string, i int) string {
	if n.packed {
		return n.dense(n.fusedAttention(n.project(x, block), mask, block, i), block+".attn_output", n.width,
			llamaPart{name: block + ".attn_output.weight", out: n.width})
	}
	query, key, value := n.rotated(n.project(x, block), block)
	key = n.extend(key, fmt.Sprintf("%d.key", i))
	value = n.extend(value, fmt.Sprintf("%d.value", i))
	query = n.op("Reshape", []string{query, n.ints(0, n.groups, -1, n.headSize)})
	turned := n.op("Transpose", []string{key}, onnx.Ints("perm", 0, 1, 3, 2))
	scores := n.op("MatMul", []string{query, turned})
	scores = n.op("Reshape", []string{scores, n.ints(0, n.heads, -1, 0)})
	scores = n.op("Softmax", []string{n.op("Add", []string{scores, mask})}, onnx.Int("axis", -1))
	scores = n.op("Reshape", []string{scores, n.ints(0, n.groups, -1, 0)})
	attended := n.op("MatMul", []string{scores, value})
	attended = n.op("Reshape", []string{attended, n.ints(0, n.heads, -1, n.headSize)})
	rows := n.op("Transpose", []string{attended}, onnx.Ints("perm", 0, 2, 1, 3))
	joined := n.op("Reshape", []string{rows, n.ints(0, 0, n.width)})
	return n.dense(joined, block+".attn_output", n.width, llamaPart{name: block + ".attn_output.weight", out: n.width})
}

// project computes query, key and value side by side. The query's weights carry the scale 1/√size.
func (n *llamaNet) project(x, block string) string {
	scale := float32(1 / math.Sqrt(float64(n.headSize)))
	side := n.groups * n.headSize
	return n.dense(x, block+".attn_qkv", n.width,
		llamaPart{name: block + ".attn_q.weight", out: n.width, heads: n.heads, scale: scale},
		llamaPart{name: block + ".attn_k.weight", out: side, heads: n.groups},
		llamaPart{name: block + ".attn_v.weight", out: side})
}

// Names of the values that the runtime's attention operator asks for: the last visible position of each row, and the
// length of the present cache.
const (
	lastPosition = "attention.last"
	totalLength  = "attention.total"
)

// lengths computes them once for all layers. The mask itself goes in as a bias, so all rows count as full.
func (n *llamaNet) lengths() {
	total := n.op("Cast", []string{n.size("attention_mask", 1, false)}, onnx.Int("to", int64(onnx.Int32)))
	n.name(total, totalLength)
	one := n.constant(onnx.Tensor{Name: "int32_one", Type: onnx.Int32, Data: onnx.Bytes([]byte{1, 0, 0, 0})})
	last := n.op("Sub", []string{total, one})
	n.node("Expand", "", []string{last, n.size("inputs_embeds", 0, true)}, []string{lastPosition})
}

// fusedAttention is the same attention as one operator of the runtime. Positions are turned in front of it: the operator's own
// rotation follows the length of the cache after the first step, not position_ids.
func (n *llamaNet) fusedAttention(joined, mask, block string, i int) string {
	side := n.groups * n.headSize
	parts := []string{block + ".qk", block + ".v"}
	n.node("Split", "", []string{joined, n.ints(n.width+side, side)}, parts, onnx.Int("axis", -1))
	cosines, sines := n.rotations()
	turned := block + ".turned"
	n.node("RotaryEmbedding", runtimeOps, []string{parts[0], "position_ids", cosines, sines}, []string{turned},
		onnx.Int("num_heads", n.heads+n.groups))
	outs := []string{block + ".q", block + ".k"}
	n.node("Split", "", []string{turned, n.ints(n.width, side)}, outs, onnx.Int("axis", -1))
	past, present := fmt.Sprintf("past_key_values.%d.", i), fmt.Sprintf("present.%d.", i)
	attended := block + ".attended"
	n.node("GroupQueryAttention", runtimeOps,
		[]string{outs[0], outs[1], parts[1], past + "key", past + "value", lastPosition, totalLength, "", "", "", mask},
		[]string{attended, present + "key", present + "value"},
		onnx.Int("num_heads", n.heads), onnx.Int("kv_num_heads", n.groups), onnx.Float("scale", 1))
	return attended
}

// rotated splits query, key and value by heads and turns the first two by their positions.
func (n *llamaNet) rotated(joined, block string) (query, key, value string) {
	side := n.groups * n.headSize
	parts := []string{block + ".qk", block + ".v"}
	n.node("Split", "", []string{joined, n.ints(n.width+side, side)}, parts, onnx.Int("axis", -1))
	cosines, sines := n.rotations()
	turned := block + ".turned"
	n.node("RotaryEmbedding", runtimeOps, []string{n.split(parts[0], n.heads+n.groups), "position_ids", cosines, sines}, []string{turned})
	outs := []string{block + ".q", block + ".k"}
	n.node("Split", "", []string{turned, n.ints(n.heads, n.groups)}, outs, onnx.Int("axis", 1))
	return outs[0], outs[1], n.split(parts[1], n.groups)
}

// split turns [batch, n, heads·size] into [batch, heads, n, size].
func (n *llamaNet) split(x string, heads int64) string {
	parts := n.op("Reshape", []string{x, n.ints(0, 0, heads, n.headSize)})
	return n.op("Transpose", []string{parts}, onnx.Ints("perm", 0, 2, 1, 3))
}

// extend appends the new keys or values to those of the past, which makes the present.
func (n *llamaNet) extend(fresh, name string) string {
	present := "present." + name
	n.node("Concat", "", []string{"past_key_values." + name, fresh}, []string{present}, onnx.Int("axis", 2))
	return present
}

// rotations returns the cosines and sines of every position, [context, size/2]. Frequencies and angles are rounded to
// float32 as the reference implementation does.
func (n *llamaNet) rotations() (cosines, sines string) {
	const nameCos, nameSin = "rotary.cos", "rotary.sin"
	if n.seen[nameCos] {
		return nameCos, nameSin
	}
	half := n.headSize / 2
	table := func(name string, f func(float64) float64) string {
		values := make([]float32, 0, n.context*half)
		for position := range n.context {
			for i := range half {
				frequency := float32(1 / math.Pow(n.base, float64(2*i)/float64(n.headSize)))
				values = append(values, float32(f(float64(float32(position)*frequency))))
			}
		}
		return n.constant(onnx.Float32s(name, values, n.context, half))
	}
	return table(nameCos, math.Cos), table(nameSin, math.Sin)
}
