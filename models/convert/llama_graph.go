package convert

import (
	"fmt"
	"math"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
	"github.com/sensory-agent/sensory-agent/models/convert/gguf"
	"github.com/sensory-agent/sensory-agent/models/convert/onnx"
)

// Versions of the language graphs, and the runtime's own operator set, of which RotaryEmbedding and MatMulNBits are used.
const (
	llamaOpset   = 17
	llamaIR      = 8
	runtimeOps   = "com.microsoft"
	llamaSource  = "Llama GGUF"
	tokenWeights = "token_embd.weight"
)

// llamaNet builds one of the graphs of a Llama decoder. The first error is kept, later calls go on harmlessly.
type llamaNet struct {
	*network
	*llamaShape
	file    *gguf.File
	weights weightFile
	packed  bool // keep stored blocks instead of widening them
	err     error
}

func newLlamaNet(f *gguf.File, w weightFile, s *llamaShape, packed bool) *llamaNet {
	return &llamaNet{network: newNetwork("llama", false), llamaShape: s, file: f, weights: w, packed: packed}
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
	m := n.model(llamaIR, llamaOpset, llamaSource)
	m.Opsets = append(m.Opsets, onnx.Opset{Domain: runtimeOps, Version: 1})
	return m, nil
}

// embedder builds embed_tokens.onnx. A table of Q8_0 blocks stays as it is: widening the looked up rows gives the same values.
func (n *llamaNet) embedder() (*onnx.Model, error) {
	batch, length := onnx.Free("batch_size"), onnx.Free("sequence_length")
	ids := n.input("input_ids", onnx.Int64, batch, length)
	n.output("inputs_embeds", onnx.Float32, batch, length, onnx.Fixed(int(n.width)))
	t := n.tensor(tokenWeights, n.vocab, n.width)
	if n.err == nil && t.Type == ggml.Q8_0 {
		n.name(n.gatherBlocks(t, ids), "inputs_embeds")
		return n.finish()
	}
	table := n.constant(onnx.Tensor{Name: tokenWeights, Type: onnx.Float32, Dims: []int64{n.vocab, n.width}, Data: n.weights.rows(*t)})
	n.name(n.op("Gather", []string{table, ids}), "inputs_embeds")
	return n.finish()
}

// decoder builds decoder_model_merged.onnx.
func (n *llamaNet) decoder() (*onnx.Model, error) {
	n.declareDecoder()
	x := "inputs_embeds"
	mask := n.mask()
	for i := range n.layers {
		x = n.layer(x, mask, int(i))
	}
	x = n.norm(x, "output_norm")
	matrix := "output.weight"
	if n.tied {
		matrix = tokenWeights
	}
	n.name(n.dense(x, "logits", n.width, llamaPart{name: matrix, out: n.vocab}), "logits")
	return n.finish()
}

func (n *llamaNet) declareDecoder() {
	batch, length := onnx.Free("batch_size"), onnx.Free("sequence_length")
	cache := func(length string) []onnx.Dim {
		return []onnx.Dim{batch, onnx.Fixed(int(n.groups)), onnx.Free(length), onnx.Fixed(int(n.headSize))}
	}
	n.input("inputs_embeds", onnx.Float32, batch, length, onnx.Fixed(int(n.width)))
	n.input("attention_mask", onnx.Int64, batch, onnx.Free("total_sequence_length"))
	n.input("position_ids", onnx.Int64, batch, length)
	n.output("logits", onnx.Float32, batch, length, onnx.Fixed(int(n.vocab)))
	for i := range n.layers {
		for _, part := range []string{"key", "value"} {
			n.input(fmt.Sprintf("past_key_values.%d.%s", i, part), onnx.Float32, cache("past_sequence_length")...)
			n.output(fmt.Sprintf("present.%d.%s", i, part), onnx.Float32, cache("total_sequence_length")...)
		}
	}
}

// mask returns [batch, 1, n, total] with 0 where a token may look and hidden elsewhere: not ahead of itself, and not where
// attention_mask is 0.
func (n *llamaNet) mask() string {
	past := n.size("past_key_values.0.key", 2, false)
	total := n.op("Add", []string{past, n.size("inputs_embeds", 1, false)})
	rows := n.op("Unsqueeze", []string{n.op("Range", []string{past, total, n.scalar(1)}), n.ints(1)})
	columns := n.op("Range", []string{n.scalar(0), total, n.scalar(1)})
	causal := n.op("LessOrEqual", []string{columns, rows})
	given := n.op("Cast", []string{n.op("Unsqueeze", []string{"attention_mask", n.ints(1, 2)})}, onnx.Int("to", int64(onnx.Bool)))
	visible := n.op("And", []string{causal, given})
	zero := n.constant(onnx.Float32s("float_zero", []float32{0}))
	minus := n.constant(onnx.Float32s("float_hidden", []float32{hidden}))
	return n.op("Where", []string{visible, zero, minus})
}

// norm is RMSNorm, in the form that runtimes recognise and fuse.
func (n *llamaNet) norm(x, name string) string {
	t := n.tensor(name+".weight", n.width)
	weight := n.constant(onnx.Tensor{Name: name + ".weight", Type: onnx.Float32, Dims: []int64{n.width}, Data: n.weights.rows(*t)})
	two := n.constant(onnx.Float32s("float_two", []float32{2}))
	epsilon := n.constant(onnx.Float32s("float_epsilon", []float32{float32(n.epsilon)}))
	square := n.op("Pow", []string{x, two})
	mean := n.op("ReduceMean", []string{square}, onnx.Ints("axes", -1), onnx.Int("keepdims", 1))
	root := n.op("Sqrt", []string{n.op("Add", []string{mean, epsilon})})
	return n.op("Mul", []string{n.op("Div", []string{x, root}), weight})
}

// layer is one decoder block.
func (n *llamaNet) layer(x, mask string, i int) string {
	block := fmt.Sprintf("blk.%d", i)
	x = n.op("Add", []string{x, n.attention(n.norm(x, block+".attn_norm"), mask, block, i)})
	gates := n.dense(n.norm(x, block+".ffn_norm"), block+".ffn", n.width,
		llamaPart{name: block + ".ffn_gate.weight", out: n.hidden}, llamaPart{name: block + ".ffn_up.weight", out: n.hidden})
	outs := []string{block + ".gate", block + ".up"}
	n.node("Split", "", []string{gates, n.ints(n.hidden, n.hidden)}, outs, onnx.Int("axis", -1))
	active := n.op("Mul", []string{outs[0], n.op("Sigmoid", outs[:1])})
	active = n.op("Mul", []string{active, outs[1]})
	return n.op("Add", []string{x, n.dense(active, block+".ffn_down", n.hidden, llamaPart{name: block + ".ffn_down.weight", out: n.width})})
}

// attention is grouped attention over the cache. Query heads that share a key head are stacked along the time axis, so that
// keys and values are never repeated.
func (n *llamaNet) attention(x, mask, block string, i int) string {
	query, key, value := n.rotated(x, block)
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

// rotated projects x to query, key and value, split by heads, and turns the first two by their positions.
// The query's weights carry the scale 1/√size.
func (n *llamaNet) rotated(x, block string) (query, key, value string) {
	scale := float32(1 / math.Sqrt(float64(n.headSize)))
	side := n.groups * n.headSize
	joined := n.dense(x, block+".attn_qkv", n.width,
		llamaPart{name: block + ".attn_q.weight", out: n.width, heads: n.heads, scale: scale},
		llamaPart{name: block + ".attn_k.weight", out: side, heads: n.groups},
		llamaPart{name: block + ".attn_v.weight", out: side})
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
