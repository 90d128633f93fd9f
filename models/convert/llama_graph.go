package convert

import (
	"fmt"
	"math"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
	"github.com/sensory-agent/sensory-agent/models/convert/gguf"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// Versions of the language graphs, and the runtime's own operator set, of which RotaryEmbedding and
// MatMulNBits are used.
const (
	llamaOpset   = 17
	llamaIR      = 8
	runtimeOps   = "com.microsoft"
	llamaSource  = "Llama GGUF"
	tokenWeights = "token_embd.weight"
	keepInput    = "num_logits_to_keep" // as published exports name it
)

// llamaNet builds one of the graphs of a Llama decoder. The first error is kept, later calls go on
// harmlessly.
type llamaNet struct {
	*onnx.Builder
	*llamaShape
	file    *gguf.File
	weights weightFile
	packed  bool // keep stored blocks instead of widening them
	err     error
}

func newLlamaNet(f *gguf.File, w weightFile, s *llamaShape, packed bool) *llamaNet {
	return &llamaNet{Builder: onnx.NewBuilder("llama"), llamaShape: s, file: f, weights: w, packed: packed}
}

// tensor looks a tensor up and checks its dimensions.
func (n *llamaNet) tensor(name string, dims ...int64) *ggml.Tensor {
	t, err := n.file.Tensor(name, dims...)
	if err != nil && n.err == nil {
		n.err = err
	}
	if err != nil {
		t, _ = ggml.NewTensor(name, ggml.F32, []int64{1})
	}
	return &t
}

func (n *llamaNet) finish() (*onnx.Model, error) {
	if n.err != nil {
		return nil, n.err
	}
	return n.Model(llamaIR, llamaOpset, llamaSource, runtimeOps), nil
}

// embedder builds embed_tokens.onnx. A table of Q8_0 blocks stays as it is: widening the looked up
// rows gives the same values.
func (n *llamaNet) embedder() (*onnx.Model, error) {
	batch, length := onnx.Free("batch_size"), onnx.Free("sequence_length")
	ids := n.Input("input_ids", onnx.Int64, batch, length)
	n.Output("inputs_embeds", onnx.Float32, batch, length, onnx.Fixed(int(n.width)))
	t := n.tensor(tokenWeights, n.vocab, n.width)
	if n.err == nil && t.Type == ggml.Q8_0 {
		n.Name(n.gatherBlocks(t, ids), "inputs_embeds")
		return n.finish()
	}
	table := n.Constant(onnx.Tensor{Name: tokenWeights, Type: onnx.Float32, Dims: []int64{n.vocab, n.width}, Data: n.weights.rows(*t)})
	n.Name(n.Op("Gather", []string{table, ids}), "inputs_embeds")
	return n.finish()
}

// decoder builds decoder_model_merged.onnx.
func (n *llamaNet) decoder() (*onnx.Model, error) {
	n.declareDecoder()
	x, mask := "inputs_embeds", n.mask()
	n.lengths()
	normed := n.norm(x, "blk.0.attn_norm")
	for i := range n.layers {
		block := fmt.Sprintf("blk.%d", i)
		x, normed = n.addNorm(x, n.attention(normed, mask, block, int(i)), block+".ffn_norm")
		next := fmt.Sprintf("blk.%d.attn_norm", i+1)
		if i+1 == n.layers {
			next = "output_norm"
		}
		x, normed = n.addNorm(x, n.feedForward(normed, block), next)
	}
	matrix := "output.weight"
	if n.tied {
		matrix = tokenWeights
	}
	n.Name(n.dense(n.kept(normed), "logits", n.width, llamaPart{name: matrix, out: n.vocab}), "logits")
	return n.finish()
}

func (n *llamaNet) declareDecoder() {
	batch, length := onnx.Free("batch_size"), onnx.Free("sequence_length")
	cache := func(length string) []onnx.Dim {
		return []onnx.Dim{batch, onnx.Fixed(int(n.groups)), onnx.Free(length), onnx.Fixed(int(n.headSize))}
	}
	n.Input("inputs_embeds", onnx.Float32, batch, length, onnx.Fixed(int(n.width)))
	n.Input("attention_mask", onnx.Int64, batch, onnx.Free("total_sequence_length"))
	n.Input("position_ids", onnx.Int64, batch, length)
	n.Input(keepInput, onnx.Int64)
	n.Output("logits", onnx.Float32, batch, onnx.Free("kept_length"), onnx.Fixed(int(n.vocab)))
	for i := range n.layers {
		for _, part := range []string{"key", "value"} {
			n.Input(fmt.Sprintf("past_key_values.%d.%s", i, part), onnx.Float32, cache("past_sequence_length")...)
			n.Output(fmt.Sprintf("present.%d.%s", i, part), onnx.Float32, cache("total_sequence_length")...)
		}
	}
}

// kept cuts rows off in front: as many are left as keepInput says, and all where it says 0.
func (n *llamaNet) kept(x string) string {
	from := n.Op("Reshape", []string{n.Op("Neg", []string{keepInput}), n.Ints(1)})
	return n.Op("Slice", []string{x, from, n.Ints(math.MaxInt64), n.Ints(1)})
}

// mask returns [batch, 1, n, total] with 0 where a token may look and hidden elsewhere: not ahead
// of itself, and not where attention_mask is 0.
func (n *llamaNet) mask() string {
	total := n.Size("attention_mask", 1)
	past := n.Op("Sub", []string{total, n.Size("inputs_embeds", 1)})
	rows := n.Op("Unsqueeze", []string{n.Op("Range", []string{past, total, n.Scalar(1)}), n.Ints(1)})
	columns := n.Op("Range", []string{n.Scalar(0), total, n.Scalar(1)})
	causal := n.Op("LessOrEqual", []string{columns, rows})
	given := n.Cast(n.Op("Unsqueeze", []string{"attention_mask", n.Ints(1, 2)}), onnx.Bool)
	visible := n.Op("And", []string{causal, given})
	zero := n.Constant(onnx.Float32s("float_zero", []float32{0}))
	minus := n.Constant(onnx.Float32s("float_hidden", []float32{hidden}))
	return n.Op("Where", []string{visible, zero, minus})
}

// norm is RMSNorm, in the form that runtimes recognise and fuse.
func (n *llamaNet) norm(x, name string) string {
	weight := n.normWeight(name)
	two := n.Constant(onnx.Float32s("float_two", []float32{2}))
	epsilon := n.Constant(onnx.Float32s("float_epsilon", []float32{float32(n.epsilon)}))
	square := n.Op("Pow", []string{x, two})
	mean := n.Op("ReduceMean", []string{square}, onnx.Ints("axes", -1), onnx.Int("keepdims", 1))
	root := n.Op("Sqrt", []string{n.Op("Add", []string{mean, epsilon})})
	return n.Op("Mul", []string{n.Op("Div", []string{x, root}), weight})
}

func (n *llamaNet) normWeight(name string) string {
	t := n.tensor(name+".weight", n.width)
	return n.Constant(onnx.Tensor{Name: name + ".weight", Type: onnx.Float32, Dims: []int64{n.width}, Data: n.weights.rows(*t)})
}

// addNorm adds to the residual and returns the sum and its norm. Beside packed matrices the small
// steps count: there the two are one operator of the runtime.
func (n *llamaNet) addNorm(x, y, name string) (sum, normed string) {
	if !n.packed {
		sum = n.Op("Add", []string{x, y})
		return sum, n.norm(sum, name)
	}
	weight := n.normWeight(name)
	sum, normed = name+".sum", name+".normed"
	n.Node("SkipSimplifiedLayerNormalization", runtimeOps, []string{x, y, weight}, []string{normed, "", "", sum},
		onnx.Float("epsilon", float32(n.epsilon)))
	return sum, normed
}

// feedForward is the gated second half of a layer, without its residual.
func (n *llamaNet) feedForward(x, block string) string {
	gates := n.dense(x, block+".ffn", n.width,
		llamaPart{name: block + ".ffn_gate.weight", out: n.hidden}, llamaPart{name: block + ".ffn_up.weight", out: n.hidden})
	outs := []string{block + ".gate", block + ".up"}
	n.Node("Split", "", []string{gates, n.Ints(n.hidden, n.hidden)}, outs, onnx.Int("axis", -1))
	active := n.Op("Mul", []string{outs[0], n.Op("Sigmoid", outs[:1])})
	active = n.Op("Mul", []string{active, outs[1]})
	return n.dense(active, block+".ffn_down", n.hidden, llamaPart{name: block + ".ffn_down.weight", out: n.width})
}
