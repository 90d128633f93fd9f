package smolvlm

import (
	"fmt"
	"math"

	"github.com/sensory-agent/sensory-agent/models/convert/onnx"
)

// embedder is embed_tokens.onnx.
func embedder(s Shape) *onnx.Model {
	n := newNet("embed_tokens", s.Half)
	batch, length := onnx.Free("batch_size"), onnx.Free("sequence_length")
	n.graph.Inputs = []onnx.Value{{Name: "input_ids", Type: onnx.Int64, Shape: []onnx.Dim{batch, length}}}
	n.graph.Outputs = []onnx.Value{{Name: "inputs_embeds", Type: n.kind(), Shape: []onnx.Dim{batch, length, onnx.Fixed(Hidden)}}}
	n.node("Gather", "", []string{n.weight("model.text_model.embed_tokens.weight", Vocab, Hidden), "input_ids"}, []string{"inputs_embeds"})
	return n.finish()
}

// decoder is decoder_model_merged.onnx: a Llama with grouped attention.
func decoder(s Shape) *onnx.Model {
	n := newNet("decoder_model_merged", s.Half)
	n.declareDecoder(s.TextLayers)
	mask := n.causal()
	x := "inputs_embeds"
	normed := n.firstNorm(x, "model.text_model.layers.0.input_layernorm.weight")
	for i := range s.TextLayers {
		layer := fmt.Sprintf("model.text_model.layers.%d.", i)
		x, normed = n.addNorm(x, n.attention(normed, mask, layer, i), layer+"post_attention_layernorm.weight")
		next := "model.text_model.norm.weight"
		if i+1 < s.TextLayers {
			next = fmt.Sprintf("model.text_model.layers.%d.input_layernorm.weight", i+1)
		}
		x, normed = n.addNorm(x, n.gated(normed, layer+"mlp."), next)
	}
	matrix := n.constant(newTensor("lm_head.weight", Vocab, Hidden).constant(true, 1, n.half))
	n.node("MatMul", "", []string{normed, matrix}, []string{"logits"})
	return n.finish()
}

func (n *net) declareDecoder(layers int) {
	batch, length, total := onnx.Free("batch_size"), onnx.Free("sequence_length"), onnx.Free("total_sequence_length")
	n.graph.Inputs = []onnx.Value{
		{Name: "inputs_embeds", Type: n.kind(), Shape: []onnx.Dim{batch, length, onnx.Fixed(Hidden)}},
		{Name: "attention_mask", Type: onnx.Int64, Shape: []onnx.Dim{batch, total}},
		{Name: "position_ids", Type: onnx.Int64, Shape: []onnx.Dim{batch, length}},
	}
	n.graph.Outputs = []onnx.Value{{Name: "logits", Type: n.kind(), Shape: []onnx.Dim{batch, length, onnx.Fixed(Vocab)}}}
	for i := range layers {
		for _, part := range []string{"key", "value"} {
			cache := func(length onnx.Dim) []onnx.Dim {
				return []onnx.Dim{batch, onnx.Fixed(kvHeads), length, onnx.Fixed(headSize)}
			}
			n.graph.Inputs = append(n.graph.Inputs, onnx.Value{
				Name: fmt.Sprintf("past_key_values.%d.%s", i, part), Type: n.kind(), Shape: cache(onnx.Free("past_sequence_length")),
			})
			n.graph.Outputs = append(n.graph.Outputs, onnx.Value{Name: fmt.Sprintf("present.%d.%s", i, part), Type: n.kind(), Shape: cache(total)})
		}
	}
}

// causal is [batch, 1, n, total]: 0 where a token may look, far below elsewhere.
func (n *net) causal() string {
	past := n.size("past_key_values.0.key", 2)
	total := n.op("Add", []string{past, n.size("inputs_embeds", 1)})
	rows := n.op("Unsqueeze", []string{n.op("Range", []string{past, total, n.scalar(1)}), n.ints(1)})
	columns := n.op("Range", []string{n.scalar(0), total, n.scalar(1)})
	given := n.cast(n.op("Unsqueeze", []string{"attention_mask", n.ints(1, 2)}), onnx.Bool)
	seen := n.op("And", []string{n.op("LessOrEqual", []string{columns, rows}), given})
	return n.op("Where", []string{seen, n.number(0), n.number(-60000)})
}

// firstNorm is RMSNorm.
func (n *net) firstNorm(x, name string) string {
	return n.op("SimplifiedLayerNormalization", []string{x, n.weight(name, Hidden)}, onnx.Float("epsilon", epsilon), onnx.Int("axis", -1))
}

// addNorm adds to the residual and returns the sum and its norm.
func (n *net) addNorm(x, y, name string) (sum, normed string) {
	sum, normed = name+".sum", name+".normed"
	n.node("SkipSimplifiedLayerNormalization", runtimeOps, []string{x, y, n.weight(name, Hidden)}, []string{normed, "", "", sum}, onnx.Float("epsilon", epsilon))
	return sum, normed
}

// attention: query heads that share a key head are stacked along the time axis, so that keys and values are never repeated. The query's
// weights carry the scale 1/√64, a power of two.
func (n *net) attention(x, mask, layer string, i int) string {
	attn := layer + "self_attn."
	const scale = 1. / 8
	query := n.turned(n.linear(x, attn+"q_proj", heads*headSize, Hidden, scale, false), heads)
	key := n.turned(n.linear(x, attn+"k_proj", kvHeads*headSize, Hidden, 1, false), kvHeads)
	value := n.split(n.linear(x, attn+"v_proj", kvHeads*headSize, Hidden, 1, false), kvHeads, headSize)
	key = n.extend(key, fmt.Sprintf("%d.key", i))
	value = n.extend(value, fmt.Sprintf("%d.value", i))
	query = n.op("Reshape", []string{query, n.ints(0, kvHeads, -1, headSize)})
	scores := n.op("MatMul", []string{query, n.op("Transpose", []string{key}, onnx.Ints("perm", 0, 1, 3, 2))})
	scores = n.op("Reshape", []string{scores, n.ints(0, heads, -1, 0)})
	scores = n.op("Softmax", []string{n.op("Add", []string{scores, mask})}, onnx.Int("axis", -1))
	scores = n.op("Reshape", []string{scores, n.ints(0, kvHeads, -1, 0)})
	mixed := n.op("Reshape", []string{n.op("MatMul", []string{scores, value}), n.ints(0, heads, -1, headSize)})
	return n.linear(n.join(mixed, Hidden), attn+"o_proj", Hidden, heads*headSize, 1, false)
}

// split turns [batch, n, heads·size] into [batch, heads, n, size].
func (n *net) split(x string, count, size int64) string {
	return n.op("Transpose", []string{n.op("Reshape", []string{x, n.ints(0, 0, count, size)})}, onnx.Ints("perm", 0, 2, 1, 3))
}

// join undoes split.
func (n *net) join(x string, width int64) string {
	return n.op("Reshape", []string{n.op("Transpose", []string{x}, onnx.Ints("perm", 0, 2, 1, 3)), n.ints(0, 0, width)})
}

// turned splits heads and turns them by their positions.
func (n *net) turned(x string, count int64) string {
	cosines, sines := n.rotations()
	n.count++
	out := fmt.Sprintf("RotaryEmbedding_%d", n.count)
	n.node("RotaryEmbedding", runtimeOps, []string{n.split(x, count, headSize), "position_ids", cosines, sines}, []string{out})
	return out
}

// rotations are the cosines and sines of all positions.
func (n *net) rotations() (cosines, sines string) {
	table := func(name string, f func(float64) float64) string {
		if n.seen[name] {
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
		return n.constant(t)
	}
	return table("rotary.cos", math.Cos), table("rotary.sin", math.Sin)
}

// extend appends to the past, which makes the present.
func (n *net) extend(fresh, name string) string {
	n.node("Concat", "", []string{"past_key_values." + name, fresh}, []string{"present." + name}, onnx.Int("axis", 2))
	return "present." + name
}

// gated is the feed-forward block.
func (n *net) gated(x, mlp string) string {
	gate := n.linear(x, mlp+"gate_proj", inner, Hidden, 1, false)
	up := n.linear(x, mlp+"up_proj", inner, Hidden, 1, false)
	active := n.op("Mul", []string{gate, n.op("Sigmoid", []string{gate})})
	return n.linear(n.op("Mul", []string{active, up}), mlp+"down_proj", Hidden, inner, 1, false)
}
