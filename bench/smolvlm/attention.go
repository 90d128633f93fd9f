package smolvlm

import (
	"fmt"
	"math"

	"github.com/sensory-agent/sensory-agent/onnx"
)

// attention projects, turns query and key by their positions, and attends to the cache in one of
// two ways.
func (n *net) attention(x, layer string, i int, attend func(query, key, value string, i int) string) string {
	attn := layer + "self_attn."
	query := n.turned(n.linear(x, attn+"q_proj", heads*headSize, Hidden, 1, false), heads)
	key := n.turned(n.linear(x, attn+"k_proj", kvHeads*headSize, Hidden, 1, false), kvHeads)
	value := n.linear(x, attn+"v_proj", kvHeads*headSize, Hidden, 1, false)
	return n.linear(attend(query, key, value, i), attn+"o_proj", Hidden, heads*headSize, 1, false)
}

// Values that the attention operator asks for: the last visible position of each row, and the
// length of the present cache.
const (
	lastPosition = "attention.last"
	totalLength  = "attention.total"
)

// lengths computes them once for all layers.
func (n *net) lengths() {
	n.Node("Cast", "", []string{n.Size("attention_mask", 1)}, []string{totalLength}, onnx.Int("to", int64(onnx.Int32)))
	seen := n.Op("ReduceSum", []string{"attention_mask", n.Ints(1)}, onnx.Int("keepdims", 0))
	n.Node("Cast", "", []string{n.Op("Sub", []string{seen, n.Scalar(1)})}, []string{lastPosition}, onnx.Int("to", int64(onnx.Int32)))
}

// grouped is one operator of the runtime, which can append to a cache where it lies. On CUDA it
// exists for float16 only.
func (n *net) grouped(query, key, value string, i int) string {
	past, present := fmt.Sprintf("past_key_values.%d.", i), fmt.Sprintf("present.%d.", i)
	mixed := fmt.Sprintf("attended.%d", i)
	n.Node("GroupQueryAttention", runtimeOps,
		[]string{query, key, value, past + "key", past + "value", lastPosition, totalLength},
		[]string{mixed, present + "key", present + "value"}, onnx.Int("num_heads", heads), onnx.Int("kv_num_heads", kvHeads))
	return mixed
}

// plain is the same of standard operators, which run anywhere in any type. Query heads that share a
// key head are stacked along the time axis, so that keys and values are never repeated. The scale
// is 1/√64.
func (n *net) plain(query, key, value, mask string, i int) string {
	query = n.Op("Mul", []string{n.split(query, heads, headSize), n.number(1. / 8)})
	key = n.extend(n.split(key, kvHeads, headSize), fmt.Sprintf("%d.key", i))
	value = n.extend(n.split(value, kvHeads, headSize), fmt.Sprintf("%d.value", i))
	query = n.Op("Reshape", []string{query, n.Ints(0, kvHeads, -1, headSize)})
	scores := n.Op("MatMul", []string{query, n.Op("Transpose", []string{key}, onnx.Ints("perm", 0, 1, 3, 2))})
	scores = n.Op("Reshape", []string{scores, n.Ints(0, heads, -1, 0)})
	scores = n.Op("Softmax", []string{n.Op("Add", []string{scores, mask})}, onnx.Int("axis", -1))
	scores = n.Op("Reshape", []string{scores, n.Ints(0, kvHeads, -1, 0)})
	mixed := n.Op("Reshape", []string{n.Op("MatMul", []string{scores, value}), n.Ints(0, heads, -1, headSize)})
	return n.join(mixed, Hidden)
}

// extend appends to the past, which makes the present.
func (n *net) extend(fresh, name string) string {
	n.Node("Concat", "", []string{"past_key_values." + name, fresh}, []string{"present." + name}, onnx.Int("axis", 2))
	return "present." + name
}

// causal is [batch, 1, n, total]: 0 where a token may look, far below elsewhere.
func (n *net) causal() string {
	total := n.Size("attention_mask", 1)
	past := n.Op("Sub", []string{total, n.Size("inputs_embeds", 1)})
	rows := n.Op("Unsqueeze", []string{n.Op("Range", []string{past, total, n.Scalar(1)}), n.Ints(1)})
	columns := n.Op("Range", []string{n.Scalar(0), total, n.Scalar(1)})
	given := n.Cast(n.Op("Unsqueeze", []string{"attention_mask", n.Ints(1, 2)}), onnx.Bool)
	seen := n.Op("And", []string{n.Op("LessOrEqual", []string{columns, rows}), given})
	return n.Op("Where", []string{seen, n.number(0), n.number(-60000)})
}

// turned turns heads by their positions.
func (n *net) turned(x string, count int64) string {
	cosines, sines := n.rotations()
	out := n.Fresh("RotaryEmbedding")
	n.Node("RotaryEmbedding", runtimeOps, []string{x, "position_ids", cosines, sines}, []string{out}, onnx.Int("num_heads", count))
	return out
}

// rotations are the cosines and sines of all positions.
func (n *net) rotations() (cosines, sines string) {
	table := func(name string, f func(float64) float64) string {
		if n.Has(name) {
			return name
		}
		values := make([]float32, 0, Context*headSize/2)
		for position := range Context {
			for i := range headSize / 2 {
				frequency := float32(1 / math.Pow(ropeBase, float64(2*i)/headSize))
				values = append(values, float32(f(float64(float32(position)*frequency))))
			}
		}
		t := onnx.Float32s(name, values, Context, headSize/2)
		if n.half {
			raw := make([]byte, 0, 2*len(values))
			for _, v := range values {
				h := toHalf(v)
				raw = append(raw, byte(h), byte(h>>8))
			}
			t = onnx.Tensor{Name: name, Type: onnx.Float16, Dims: t.Dims, Data: onnx.Bytes(raw)}
		}
		return n.Constant(t)
	}
	return table("rotary.cos", math.Cos), table("rotary.sin", math.Sin)
}
