package convert

import (
	"fmt"
	"math"

	"github.com/sensory-agent/sensory-agent/onnx"
)

// attention is grouped attention over the cache, one operator of the runtime, which can append to a
// cache where it lies. Positions are turned in front of it: the operator's own rotation follows the
// length of the cache after the first step, not position_ids.
func (n *llamaNet) attention(x, mask, block string, i int) string {
	side := n.groups * n.headSize
	parts := []string{block + ".qk", block + ".v"}
	n.Node("Split", "", []string{n.project(x, block), n.Ints(n.width+side, side)}, parts, onnx.Int("axis", -1))
	cosines, sines := n.rotations()
	turned := block + ".turned"
	n.Node("RotaryEmbedding", runtimeOps, []string{parts[0], "position_ids", cosines, sines}, []string{turned},
		onnx.Int("num_heads", n.heads+n.groups))
	outs := []string{block + ".q", block + ".k"}
	n.Node("Split", "", []string{turned, n.Ints(n.width, side)}, outs, onnx.Int("axis", -1))
	past, present := fmt.Sprintf("past_key_values.%d.", i), fmt.Sprintf("present.%d.", i)
	attended := block + ".attended"
	n.Node("GroupQueryAttention", runtimeOps,
		[]string{outs[0], outs[1], parts[1], past + "key", past + "value", lastPosition, totalLength, "", "", "", mask},
		[]string{attended, present + "key", present + "value"},
		onnx.Int("num_heads", n.heads), onnx.Int("kv_num_heads", n.groups), onnx.Float("scale", 1))
	return n.dense(attended, block+".attn_output", n.width, llamaPart{name: block + ".attn_output.weight", out: n.width})
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

// Names of the values that the runtime's attention operator asks for: the last visible position of
// each row, and the length of the present cache.
const (
	lastPosition = "attention.last"
	totalLength  = "attention.total"
)

// lengths computes them once for all layers. The mask itself goes in as a bias, so all rows count
// as full.
func (n *llamaNet) lengths() {
	total := n.Cast(n.Size("attention_mask", 1), onnx.Int32)
	n.Name(total, totalLength)
	one := n.Constant(onnx.Tensor{Name: "int32_one", Type: onnx.Int32, Data: onnx.Bytes([]byte{1, 0, 0, 0})})
	last := n.Op("Sub", []string{total, one})
	n.Node("Expand", "", []string{last, n.SizeVector("inputs_embeds", 0)}, []string{lastPosition})
}

// rotations returns the cosines and sines of every position, [context, size/2]. Frequencies and
// angles are rounded to float32 as the reference implementation does.
func (n *llamaNet) rotations() (cosines, sines string) {
	const nameCos, nameSin = "rotary.cos", "rotary.sin"
	if n.Has(nameCos) {
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
		return n.Constant(onnx.Float32s(name, values, n.context, half))
	}
	return table(nameCos, math.Cos), table(nameSin, math.Sin)
}
