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
	n.lengths()
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
	total := n.size("attention_mask", 1)
	past := n.op("Sub", []string{total, n.size("inputs_embeds", 1)})
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

// Values that the attention operator asks for: the last visible position of each row, and the length of the present cache.
const (
	lastPosition = "attention.last"
	totalLength  = "attention.total"
)

// lengths computes them once for all layers. The mask goes in as a bias, so all rows count as full.
func (n *net) lengths() {
	n.node("Cast", "", []string{n.size("attention_mask", 1)}, []string{totalLength}, onnx.Int("to", int64(onnx.Int32)))
	one := n.constant(onnx.Tensor{Name: "int32 one", Type: onnx.Int32, Data: onnx.Bytes([]byte{1, 0, 0, 0})})
	batch := n.op("Shape", []string{"inputs_embeds"}, onnx.Int("start", 0), onnx.Int("end", 1))
	n.node("Expand", "", []string{n.op("Sub", []string{totalLength, one}), batch}, []string{lastPosition})
}

// attention is grouped attention over the cache, as one operator of the runtime, which can append to a cache where it lies.
func (n *net) attention(x, mask, layer string, i int) string {
	attn := layer + "self_attn."
	query := n.turned(n.linear(x, attn+"q_proj", heads*headSize, Hidden, 1, false), heads)
	key := n.turned(n.linear(x, attn+"k_proj", kvHeads*headSize, Hidden, 1, false), kvHeads)
	value := n.linear(x, attn+"v_proj", kvHeads*headSize, Hidden, 1, false)
	past, present := fmt.Sprintf("past_key_values.%d.", i), fmt.Sprintf("present.%d.", i)
	mixed := attn + "mixed"
	n.node("GroupQueryAttention", runtimeOps,
		[]string{query, key, value, past + "key", past + "value", lastPosition, totalLength, "", "", "", mask},
		[]string{mixed, present + "key", present + "value"}, onnx.Int("num_heads", heads), onnx.Int("kv_num_heads", kvHeads))
	return n.linear(mixed, attn+"o_proj", Hidden, heads*headSize, 1, false)
}

// split turns [batch, n, heads·size] into [batch, heads, n, size].
func (n *net) split(x string, count, size int64) string {
	return n.op("Transpose", []string{n.op("Reshape", []string{x, n.ints(0, 0, count, size)})}, onnx.Ints("perm", 0, 2, 1, 3))
}

// join undoes split.
func (n *net) join(x string, width int64) string {
	return n.op("Reshape", []string{n.op("Transpose", []string{x}, onnx.Ints("perm", 0, 2, 1, 3)), n.ints(0, 0, width)})
}

// turned turns heads by their positions.
func (n *net) turned(x string, count int64) string {
	cosines, sines := n.rotations()
	n.count++
	out := fmt.Sprintf("RotaryEmbedding_%d", n.count)
	n.node("RotaryEmbedding", runtimeOps, []string{x, "position_ids", cosines, sines}, []string{out}, onnx.Int("num_heads", count))
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

// gated is the feed-forward block.
func (n *net) gated(x, mlp string) string {
	gate := n.linear(x, mlp+"gate_proj", inner, Hidden, 1, false)
	up := n.linear(x, mlp+"up_proj", inner, Hidden, 1, false)
	active := n.op("Mul", []string{gate, n.op("Sigmoid", []string{gate})})
	return n.linear(n.op("Mul", []string{active, up}), mlp+"down_proj", Hidden, inner, 1, false)
}
