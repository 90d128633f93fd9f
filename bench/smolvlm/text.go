package smolvlm

import (
	"fmt"

	"github.com/sensory-agent/sensory-agent/onnx"
)

// embedder is embed_tokens.onnx.
func embedder(s Shape) *onnx.Model {
	n := newNet("embed_tokens", s.Half)
	batch, length := onnx.Free("batch_size"), onnx.Free("sequence_length")
	n.Input("input_ids", onnx.Int64, batch, length)
	n.Output("inputs_embeds", n.kind(), batch, length, onnx.Fixed(Hidden))
	n.Node("Gather", "", []string{n.weight("model.text_model.embed_tokens.weight", Vocab, Hidden), "input_ids"}, []string{"inputs_embeds"})
	return n.finish()
}

// decoder is decoder_model_merged.onnx: a Llama with grouped attention.
func decoder(s Shape) *onnx.Model {
	n := newNet("decoder_model_merged", s.Half)
	n.declareDecoder(s.TextLayers)
	attend := n.grouped
	if s.Plain {
		mask := n.causal()
		attend = func(query, key, value string, i int) string { return n.plain(query, key, value, mask, i) }
	} else {
		n.lengths()
	}
	x := "inputs_embeds"
	normed := n.firstNorm(x, "model.text_model.layers.0.input_layernorm.weight")
	for i := range s.TextLayers {
		layer := fmt.Sprintf("model.text_model.layers.%d.", i)
		x, normed = n.addNorm(x, n.attention(normed, layer, i, attend), layer+"post_attention_layernorm.weight")
		next := "model.text_model.norm.weight"
		if i+1 < s.TextLayers {
			next = fmt.Sprintf("model.text_model.layers.%d.input_layernorm.weight", i+1)
		}
		x, normed = n.addNorm(x, n.gated(normed, layer+"mlp."), next)
	}
	matrix := n.Constant(newTensor("lm_head.weight", Vocab, Hidden).constant(true, 1, n.half))
	n.Node("MatMul", "", []string{normed, matrix}, []string{"logits"})
	return n.finish()
}

func (n *net) declareDecoder(layers int) {
	batch, length, total := onnx.Free("batch_size"), onnx.Free("sequence_length"), onnx.Free("total_sequence_length")
	n.Input("inputs_embeds", n.kind(), batch, length, onnx.Fixed(Hidden))
	n.Input("attention_mask", onnx.Int64, batch, total)
	n.Input("position_ids", onnx.Int64, batch, length)
	n.Output("logits", n.kind(), batch, length, onnx.Fixed(Vocab))
	for i := range layers {
		for _, part := range []string{"key", "value"} {
			past := onnx.Free("past_sequence_length")
			n.Input(fmt.Sprintf("past_key_values.%d.%s", i, part), n.kind(), batch, onnx.Fixed(kvHeads), past, onnx.Fixed(headSize))
			n.Output(fmt.Sprintf("present.%d.%s", i, part), n.kind(), batch, onnx.Fixed(kvHeads), total, onnx.Fixed(headSize))
		}
	}
}

// firstNorm is RMSNorm.
func (n *net) firstNorm(x, name string) string {
	return n.Op("SimplifiedLayerNormalization", []string{x, n.weight(name, Hidden)}, onnx.Float("epsilon", epsilon), onnx.Int("axis", -1))
}

// addNorm adds to the residual and returns the sum and its norm.
func (n *net) addNorm(x, y, name string) (sum, normed string) {
	sum, normed = name+".sum", name+".normed"
	n.Node("SkipSimplifiedLayerNormalization", runtimeOps, []string{x, y, n.weight(name, Hidden)}, []string{normed, "", "", sum}, onnx.Float("epsilon", epsilon))
	return sum, normed
}

// split turns [batch, n, heads·size] into [batch, heads, n, size].
func (n *net) split(x string, count, size int64) string {
	return n.Op("Transpose", []string{n.Op("Reshape", []string{x, n.Ints(0, 0, count, size)})}, onnx.Ints("perm", 0, 2, 1, 3))
}

// join undoes split.
func (n *net) join(x string, width int64) string {
	return n.Op("Reshape", []string{n.Op("Transpose", []string{x}, onnx.Ints("perm", 0, 2, 1, 3)), n.Ints(0, 0, width)})
}

// gated is the feed-forward block.
func (n *net) gated(x, mlp string) string {
	gate := n.linear(x, mlp+"gate_proj", inner, Hidden, 1, false)
	up := n.linear(x, mlp+"up_proj", inner, Hidden, 1, false)
	active := n.Op("Mul", []string{gate, n.Op("Sigmoid", []string{gate})})
	return n.linear(n.Op("Mul", []string{active, up}), mlp+"down_proj", Hidden, inner, 1, false)
}
