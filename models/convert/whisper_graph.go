package convert

import (
	"fmt"
	"math"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// Versions of the Whisper graphs: operator set 20 has Gelu as one operator; file format 9 goes with
// it.
const (
	whisperOpset = 20
	whisperIR    = 9
	// normEpsilon is the epsilon of every LayerNorm in Whisper.
	normEpsilon = 1e-5
)

// whisperNet builds one of the two Whisper graphs. The first error is kept, later calls go on
// harmlessly.
type whisperNet struct {
	*onnx.Builder
	file    *ggml.Whisper
	weights weightFile
	width   int64
	heads   int64
	int8    bool // matrices are stored and multiplied in 8 bits
	err     error
}

func newWhisperNet(name string, w *ggml.Whisper, f weightFile, width, heads int, int8 bool) *whisperNet {
	return &whisperNet{Builder: onnx.NewBuilder(name), file: w, weights: f, width: int64(width), heads: int64(heads), int8: int8}
}

// branch returns what build adds, which ends in outs, as a body of its own. It sees all names of n;
// its constants stay with n.
func (n *whisperNet) branch(name string, build func() (outs []string)) *onnx.Graph {
	outer := n.Graph
	n.Graph = onnx.Graph{Name: name, Initializers: outer.Initializers}
	for _, out := range build() {
		n.Output(out, onnx.Float32, onnx.Free(out+"_batch"), onnx.Fixed(int(n.heads)), onnx.Free(out+"_length"), onnx.Fixed(int(n.width/n.heads)))
	}
	body := n.Graph
	outer.Initializers, body.Initializers = body.Initializers, nil
	n.Graph = outer
	return &body
}

// tensor looks a tensor up and checks its dimensions.
func (n *whisperNet) tensor(name string, dims ...int64) *ggml.Tensor {
	t, err := n.file.Tensor(name, dims...)
	if err != nil && n.err == nil {
		n.err = err
	}
	if err != nil {
		t, _ = ggml.NewTensor(name, ggml.F32, []int64{1})
	}
	return &t
}

// rows adds a tensor in its stored order under its own name.
func (n *whisperNet) rows(name string, dims ...int64) string {
	t := n.tensor(name, dims...)
	return n.Constant(onnx.Tensor{Name: name, Type: onnx.Float32, Dims: dims, Data: n.weights.rows(*t)})
}

// linear computes input · Wᵀ + b for matrices [out, in] given by their names, side by side.
// A matrix without a bias in the file counts as having zeros.
func (n *whisperNet) linear(input string, in, out int64, parts ...linearPart) string {
	var matrices, biases []scaled
	name := parts[0].name
	hasBias := false
	for _, p := range parts {
		matrices = append(matrices, scaled{n.tensor(p.name+".weight", out, in), p.scale})
		if !p.bias {
			biases = append(biases, scaled{})
			continue
		}
		hasBias = true
		biases = append(biases, scaled{n.tensor(p.name+".bias", out), p.scale})
	}
	if n.err != nil {
		return input
	}
	total := out * int64(len(parts))
	product := n.multiply(input, name, matrices)
	if !hasBias {
		return product
	}
	bias := n.Constant(onnx.Tensor{
		Name: name + ".bias", Type: onnx.Float32, Dims: []int64{total}, Data: n.weights.vector(biases, out),
	})
	return n.Op("Add", []string{product, bias})
}

// linearPart names one matrix of a linear layer.
type linearPart struct {
	name  string
	bias  bool
	scale float32
}

func (n *whisperNet) norm(input, name string) string {
	return n.Op("LayerNormalization",
		[]string{input, n.rows(name+".weight", n.width), n.rows(name+".bias", n.width)},
		onnx.Int("axis", -1), onnx.Float("epsilon", normEpsilon))
}

// split turns [batch, n, width] into [batch, heads, n, width/heads].
func (n *whisperNet) split(x string) string {
	parts := n.Op("Reshape", []string{x, n.Ints(0, 0, n.heads, n.width/n.heads)})
	return n.Op("Transpose", []string{parts}, onnx.Ints("perm", 0, 2, 1, 3))
}

// join is the reverse of split.
func (n *whisperNet) join(x string) string {
	rows := n.Op("Transpose", []string{x}, onnx.Ints("perm", 0, 2, 1, 3))
	return n.Op("Reshape", []string{rows, n.Ints(0, 0, n.width)})
}

// attend computes softmax(query · keyᵀ + mask) · value over [batch, heads, n, size]; an empty mask
// is none. The scale 1/√size is part of the query's weights; it is a power of two for every
// Whisper, so nothing is rounded.
func (n *whisperNet) attend(query, key, value, mask string) string {
	turned := n.Op("Transpose", []string{key}, onnx.Ints("perm", 0, 1, 3, 2))
	scores := n.Op("MatMul", []string{query, turned})
	if mask != "" {
		scores = n.Op("Add", []string{scores, mask})
	}
	weights := n.Op("Softmax", []string{scores}, onnx.Int("axis", -1))
	return n.Op("MatMul", []string{weights, value})
}

func (n *whisperNet) queryScale() float32 {
	return float32(1 / math.Sqrt(float64(n.width/n.heads)))
}

// selfQKV projects to query, key and value in one product and returns them split by heads.
func (n *whisperNet) selfQKV(x, name string) (query, key, value string) {
	joined := n.linear(x, n.width, n.width,
		linearPart{name + ".query", true, n.queryScale()}, linearPart{name + ".key", false, 1}, linearPart{name + ".value", true, 1})
	base := fmt.Sprintf("%s.qkv", name)
	outs := []string{base + ".q", base + ".k", base + ".v"}
	n.Node("Split", "", []string{joined}, outs, onnx.Int("axis", -1), onnx.Int("num_outputs", 3))
	return n.split(outs[0]), n.split(outs[1]), n.split(outs[2])
}

func (n *whisperNet) add(a, b string) string { return n.Op("Add", []string{a, b}) }

// project is the output layer of an attention block, added to the residual.
func (n *whisperNet) project(residual, attended, name string) string {
	return n.add(residual, n.linear(n.join(attended), n.width, n.width, linearPart{name + ".out", true, 1}))
}

// feedForward is the second half of a layer.
func (n *whisperNet) feedForward(x, layer string) string {
	hidden := n.linear(n.norm(x, layer+".mlp_ln"), n.width, 4*n.width, linearPart{layer + ".mlp.0", true, 1})
	active := n.Op("Gelu", []string{hidden})
	return n.add(x, n.linear(active, 4*n.width, n.width, linearPart{layer + ".mlp.2", true, 1}))
}

// whisperEncoder builds encoder_model.onnx.
func whisperEncoder(w *ggml.Whisper, f weightFile, int8 bool) (*onnx.Model, error) {
	h := w.Header
	n := newWhisperNet("whisper_encoder", w, f, h.AudioState, h.AudioHeads, int8)
	mels := int64(h.Mels)
	input := n.Input("input_features", onnx.Float32, onnx.Free("batch_size"), onnx.Fixed(h.Mels), onnx.Free("frames"))
	x := n.conv(input, "encoder.conv1", mels, 1)
	x = n.conv(x, "encoder.conv2", n.width, 2)
	x = n.Op("Transpose", []string{x}, onnx.Ints("perm", 0, 2, 1))
	positions := n.rows("encoder.positional_embedding", int64(h.AudioContext), n.width)
	seen := n.Op("Slice", []string{positions, n.Ints(0), n.SizeVector(x, 1), n.Ints(0)})
	x = n.add(x, seen)
	for i := range h.AudioLayers {
		layer := fmt.Sprintf("encoder.blocks.%d", i)
		query, key, value := n.selfQKV(n.norm(x, layer+".attn_ln"), layer+".attn")
		x = n.project(x, n.attend(query, key, value, ""), layer+".attn")
		x = n.feedForward(x, layer)
	}
	n.Name(n.norm(x, "encoder.ln_post"), "last_hidden_state")
	n.Output("last_hidden_state", onnx.Float32, onnx.Free("batch_size"), onnx.Free("encoder_sequence_length"), onnx.Fixed(h.AudioState))
	return n.Model(whisperIR, whisperOpset, "Whisper ggml"), n.err
}

// conv is one of the two convolutions over time in front of the encoder, with its activation.
func (n *whisperNet) conv(x, name string, in, stride int64) string {
	weight := n.rows(name+".weight", n.width, in, 3)
	bias := n.rows(name+".bias", n.width)
	x = n.Op("Conv", []string{x, weight, bias},
		onnx.Ints("kernel_shape", 3), onnx.Ints("pads", 1, 1), onnx.Ints("strides", stride))
	return n.Op("Gelu", []string{x})
}
