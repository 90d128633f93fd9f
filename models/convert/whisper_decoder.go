package convert

import (
	"fmt"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// hidden is the score of a position that may not be attended to; exp(hidden) is 0 in float32 and in
// float16.
const hidden = -1e4

// whisperDecoder builds decoder_model_merged.onnx.
func whisperDecoder(w *ggml.Whisper, f weightFile, int8 bool) (*onnx.Model, error) {
	h := w.Header
	n := newWhisperNet("whisper_decoder", w, f, h.TextState, h.TextHeads, int8)
	n.declareDecoder(h)
	x := n.embed(int64(h.Vocab))
	start := n.SizeVector("past_key_values.0.decoder.key", 2)
	end := n.Op("Add", []string{start, n.SizeVector("input_ids", 1)})
	positions := n.rows("decoder.positional_embedding", int64(h.TextContext), n.width)
	x = n.add(x, n.Op("Slice", []string{positions, start, end, n.Ints(0)}))
	mask := n.causalMask(start, end)
	for i := range h.TextLayers {
		x = n.decoderLayer(x, mask, i)
	}
	x = n.norm(x, "decoder.ln")
	n.logits(x, int64(h.Vocab))
	return n.Model(whisperIR, whisperOpset, "Whisper ggml"), n.err
}

// declareDecoder declares inputs and outputs in the order of published exports.
func (n *whisperNet) declareDecoder(h ggml.WhisperHeader) {
	batch := onnx.Free("batch_size")
	size := onnx.Fixed(h.TextState / h.TextHeads)
	cache := func(length string) []onnx.Dim {
		return []onnx.Dim{batch, onnx.Fixed(h.TextHeads), onnx.Free(length), size}
	}
	n.Input("input_ids", onnx.Int64, batch, onnx.Free("decoder_sequence_length"))
	n.Input("encoder_hidden_states", onnx.Float32, batch, onnx.Free("encoder_sequence_length"), onnx.Fixed(h.AudioState))
	n.Output("logits", onnx.Float32, batch, onnx.Free("decoder_sequence_length"), onnx.Fixed(h.Vocab))
	for i := range h.TextLayers {
		for _, side := range []string{"decoder", "encoder"} {
			for _, part := range []string{"key", "value"} {
				n.Input(fmt.Sprintf("past_key_values.%d.%s.%s", i, side, part), onnx.Float32, cache("past_"+side+"_sequence_length")...)
				shape := cache("total_" + side + "_sequence_length")
				if side == "encoder" {
					shape[0] = onnx.Free("encoder_batch_size_out")
				}
				n.Output(fmt.Sprintf("present.%d.%s.%s", i, side, part), onnx.Float32, shape...)
			}
		}
	}
	n.Input("use_cache_branch", onnx.Bool, onnx.Fixed(1))
}

// causalMask returns [n, start+n] with 0 where a token may look and hidden elsewhere.
func (n *whisperNet) causalMask(start, end string) string {
	first, last := n.Op("Squeeze", []string{start}), n.Op("Squeeze", []string{end})
	rows := n.Op("Range", []string{first, last, n.Scalar(1)})
	columns := n.Op("Range", []string{n.Scalar(0), last, n.Scalar(1)})
	rows = n.Op("Unsqueeze", []string{rows, n.Ints(1)})
	visible := n.Op("LessOrEqual", []string{columns, rows})
	zero := n.Constant(onnx.Float32s("float_zero", []float32{0}))
	minus := n.Constant(onnx.Float32s("float_hidden", []float32{hidden}))
	return n.Op("Where", []string{visible, zero, minus})
}

// decoderLayer is self-attention over the cache, attention over the audio, and the feed-forward
// block.
func (n *whisperNet) decoderLayer(x, mask string, i int) string {
	layer := fmt.Sprintf("decoder.blocks.%d", i)
	query, key, value := n.selfQKV(n.norm(x, layer+".attn_ln"), layer+".attn")
	key = n.extend(key, fmt.Sprintf("%d.decoder.key", i))
	value = n.extend(value, fmt.Sprintf("%d.decoder.value", i))
	x = n.project(x, n.attend(query, key, value, mask), layer+".attn")

	cross := layer + ".cross_attn"
	query = n.split(n.linear(n.norm(x, cross+"_ln"), n.width, n.width, linearPart{cross + ".query", true, n.queryScale()}))
	attended := fmt.Sprintf("%s.attended", cross)
	presentKey, presentValue := fmt.Sprintf("present.%d.encoder.key", i), fmt.Sprintf("present.%d.encoder.value", i)
	n.Node("If", "", []string{"use_cache_branch"}, []string{attended, presentKey, presentValue},
		onnx.Branch("then_branch", n.cachedCross(cross, query, i)), onnx.Branch("else_branch", n.freshCross(cross, query)))
	x = n.project(x, attended, cross)
	return n.feedForward(x, layer)
}

// extend appends the new keys or values to those of the past, which makes the present.
func (n *whisperNet) extend(fresh, name string) string {
	present := "present." + name
	n.Node("Concat", "", []string{"past_key_values." + name, fresh}, []string{present}, onnx.Int("axis", 2))
	return present
}

// cachedCross attends to the audio with keys and values of the first step. Nothing is copied: the
// present outputs are empty.
func (n *whisperNet) cachedCross(cross, query string, i int) *onnx.Graph {
	return n.branch(cross+".cached", func() []string {
		key, value := fmt.Sprintf("past_key_values.%d.encoder.key", i), fmt.Sprintf("past_key_values.%d.encoder.value", i)
		outs := []string{n.attend(query, key, value, "")}
		for _, part := range []string{"key", "value"} {
			out := cross + ".cached." + part
			empty := onnx.Float32s("", nil, 0, n.heads, 1, n.width/n.heads)
			n.Node("Constant", "", nil, []string{out}, onnx.Constant("value", empty))
			outs = append(outs, out)
		}
		return outs
	})
}

// freshCross computes keys and values from the encoder's output, attends with them and returns
// them.
func (n *whisperNet) freshCross(cross, query string) *onnx.Graph {
	return n.branch(cross+".fresh", func() []string {
		key := n.split(n.linear("encoder_hidden_states", n.width, n.width, linearPart{cross + ".key", false, 1}))
		value := n.split(n.linear("encoder_hidden_states", n.width, n.width, linearPart{cross + ".value", true, 1}))
		return []string{n.attend(query, key, value, ""), key, value}
	})
}

const tokenEmbedding = "decoder.token_embedding.weight"

// embed looks the tokens up. Beside an 8 bit output matrix the rows are kept in half precision.
func (n *whisperNet) embed(vocab int64) string {
	if !n.int8 {
		return n.Op("Gather", []string{n.rows(tokenEmbedding, vocab, n.width), "input_ids"})
	}
	t := n.tensor(tokenEmbedding, vocab, n.width)
	table := n.Constant(onnx.Tensor{
		Name: tokenEmbedding + ".half", Type: onnx.Float16, Dims: []int64{vocab, n.width}, Data: n.weights.halves(*t),
	})
	rows := n.Op("Gather", []string{table, "input_ids"})
	return n.Cast(rows, onnx.Float32)
}

// logits multiplies by the token embedding, which serves as output matrix too.
func (n *whisperNet) logits(x string, vocab int64) {
	if n.int8 {
		t := n.tensor(tokenEmbedding, vocab, n.width)
		n.Name(n.multiply(x, "decoder.logits", []scaled{{t, 1}}), "logits")
		return
	}
	flat := n.Op("Reshape", []string{x, n.Ints(-1, n.width)})
	scores := n.Op("Gemm", []string{flat, n.rows(tokenEmbedding, vocab, n.width)}, onnx.Int("transB", 1))
	shape := n.Op("Concat", []string{n.Op("Shape", []string{"input_ids"}), n.Ints(vocab)}, onnx.Int("axis", 0))
	n.Node("Reshape", "", []string{scores, shape}, []string{"logits"})
}
