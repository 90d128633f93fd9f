package convert_test

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Dimensions of the small Whisper that the tests make: the vocabulary has its real size, everything
// else is tiny.
const (
	tinyVocab, tinyWidth, tinyHeads, tinyLayers = 51864, 8, 2, 2
	tinyAudio, tinyText, tinyMels               = 12, 10, 4
)

// tinyWhisper is a small model: the file's bytes and the weights in it by name.
type tinyWhisper struct {
	file    []byte
	weights map[string][]float32
}

// whisperTokenBytes is token id of a vocabulary in which every pair of bytes is a merge.
func whisperTokenBytes(id int) []byte {
	if id < 256 {
		return []byte{byte(id)}
	}
	return []byte{byte((id - 256) / 256), byte(id - 256)}
}

// newTinyWhisper makes the English-only model.
func newTinyWhisper() *tinyWhisper { return newTinyWhisperOf(tinyVocab, "<|endoftext|>") }

// newTinyWhisperOf makes a model with a vocabulary of that many rows, whose last listed token has
// the given bytes.
func newTinyWhisperOf(vocab int, last string) *tinyWhisper {
	t := &tinyWhisper{weights: map[string][]float32{}}
	word := func(values ...int) {
		for _, v := range values {
			t.file = binary.LittleEndian.AppendUint32(t.file, uint32(int32(v)))
		}
	}
	word(0x67676d6c, vocab, tinyAudio, tinyWidth, tinyHeads, tinyLayers, tinyText, tinyWidth, tinyHeads, tinyLayers, tinyMels, 1)
	source := newWeights()
	word(tinyMels, 201)
	t.file = append(t.file, single(source.values(tinyMels*201, 0.5, 0.5))...)
	word(50257)
	for id := range 50256 {
		token := whisperTokenBytes(id)
		word(len(token))
		t.file = append(t.file, token...)
	}
	word(len(last))
	t.file = append(t.file, last...)
	add := func(name string, spread float32, inner ...int) {
		n, center := 1, float32(0)
		for _, d := range inner {
			n *= d
		}
		if strings.Contains(name, "ln") && strings.HasSuffix(name, "weight") {
			center = 1
		}
		values := source.values(n, center, spread)
		t.weights[name] = values
		kind := 0
		if len(inner) > 1 && inner[0] > 1 {
			kind = 1
		}
		word(len(inner), len(name), kind)
		word(inner...)
		t.file = append(t.file, name...)
		if kind == 1 {
			t.file = append(t.file, halves(values)...)
		} else {
			t.file = append(t.file, single(values)...)
		}
	}
	t.tensors(vocab, add)
	return t
}

// tensors calls add for every tensor of the format, dimensions innermost first.
func (t *tinyWhisper) tensors(vocab int, add func(name string, spread float32, inner ...int)) {
	const d = tinyWidth
	add("decoder.positional_embedding", 0.5, d, tinyText)
	add("encoder.positional_embedding", 0.5, d, tinyAudio)
	add("decoder.token_embedding.weight", 0.5, d, vocab)
	for i, in := range []int{tinyMels, d} {
		add(fmt.Sprintf("encoder.conv%d.weight", i+1), 0.5, 3, in, d)
		add(fmt.Sprintf("encoder.conv%d.bias", i+1), 0.5, 1, d)
	}
	for _, side := range []string{"encoder", "decoder"} {
		for i := range tinyLayers {
			layer := fmt.Sprintf("%s.blocks.%d", side, i)
			attentions := []string{"attn"}
			if side == "decoder" {
				attentions = append(attentions, "cross_attn")
			}
			for _, a := range attentions {
				add(layer+"."+a+"_ln.weight", 0.5, d)
				add(layer+"."+a+"_ln.bias", 0.5, d)
				for _, part := range []string{"query", "key", "value", "out"} {
					add(layer+"."+a+"."+part+".weight", 0.6, d, d)
					if part != "key" {
						add(layer+"."+a+"."+part+".bias", 0.5, d)
					}
				}
			}
			add(layer+".mlp_ln.weight", 0.5, d)
			add(layer+".mlp_ln.bias", 0.5, d)
			add(layer+".mlp.0.weight", 0.5, d, 4*d)
			add(layer+".mlp.0.bias", 0.5, 4*d)
			add(layer+".mlp.2.weight", 0.5, 4*d, d)
			add(layer+".mlp.2.bias", 0.5, d)
		}
	}
	for _, name := range []string{"encoder.ln_post", "decoder.ln"} {
		add(name+".weight", 0.5, d)
		add(name+".bias", 0.5, d)
	}
}

func (t *tinyWhisper) vector(name string) []float64 { return wide(t.weights[name]) }

func (t *tinyWhisper) linear(x rows, name string) rows {
	matrix := toRows(t.weights[name+".weight"], len(x[0]))
	if bias, ok := t.weights[name+".bias"]; ok {
		return x.linear(matrix, wide(bias))
	}
	return x.linear(matrix, nil)
}

func (t *tinyWhisper) norm(x rows, name string) rows {
	return x.each(layerNorm(t.vector(name+".weight"), t.vector(name+".bias")))
}

// block is one attention with its residual; audio is nil for self-attention.
func (t *tinyWhisper) block(x, audio rows, name string, causal bool) rows {
	normed := t.norm(x, name+"_ln")
	from := normed
	if audio != nil {
		from = audio
	}
	attended := attend(t.linear(normed, name+".query"), t.linear(from, name+".key"), t.linear(from, name+".value"), tinyHeads, tinyHeads, causal)
	return x.plus(t.linear(attended, name+".out"))
}

func (t *tinyWhisper) feedForward(x rows, layer string) rows {
	return x.plus(t.linear(t.linear(t.norm(x, layer+".mlp_ln"), layer+".mlp.0").each(gelu), layer+".mlp.2"))
}

// encode is the reference encoder: mel [frames][mels] to positions [⌈frames/2⌉][width].
func (t *tinyWhisper) encode(mel rows) rows {
	x := mel.conv(t.weights["encoder.conv1.weight"], t.vector("encoder.conv1.bias"), 1).each(gelu)
	x = x.conv(t.weights["encoder.conv2.weight"], t.vector("encoder.conv2.bias"), 2).each(gelu)
	x = x.plus(toRows(t.weights["encoder.positional_embedding"], tinyWidth)[:len(x)])
	for i := range tinyLayers {
		layer := fmt.Sprintf("encoder.blocks.%d", i)
		x = t.feedForward(t.block(x, nil, layer+".attn", false), layer)
	}
	return t.norm(x, "encoder.ln_post")
}

// decode is the reference decoder: the scores after each of the tokens.
func (t *tinyWhisper) decode(tokens []int64, audio rows) rows {
	embedding := toRows(t.weights["decoder.token_embedding.weight"], tinyWidth)
	var x rows
	for _, id := range tokens {
		x = append(x, embedding[id])
	}
	x = x.plus(toRows(t.weights["decoder.positional_embedding"], tinyWidth)[:len(x)])
	for i := range tinyLayers {
		layer := fmt.Sprintf("decoder.blocks.%d", i)
		x = t.block(x, nil, layer+".attn", true)
		x = t.feedForward(t.block(x, audio, layer+".cross_attn", false), layer)
	}
	return t.norm(x, "decoder.ln").linear(embedding, nil)
}
