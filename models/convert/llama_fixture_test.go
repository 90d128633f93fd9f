package convert_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
)

// Dimensions of the small Llama that the tests make.
const (
	llamaLayers, llamaWidth, llamaHidden = 2, 64, 96
	llamaHeads, llamaGroups, llamaSize   = 4, 2, 16
	llamaContext                         = 32
	llamaEpsilon                         = float32(1e-5)
	llamaBase                            = float32(10000)
)

// tinyLlama is a small model: metadata, tensors in file order, and what the stored weights stand
// for.
type tinyLlama struct {
	pairs   []llamaPair
	tensors []llamaTensor
	tokens  []string
	weights map[string][]float32
}

type llamaPair struct {
	key   string
	value any
}

type llamaTensor struct {
	name string
	kind ggml.Type
	dims []uint64 // innermost first
	data []byte
}

// newTinyLlama makes a model whose matrices are stored in kind, beside a Q8_0 embedding.
func newTinyLlama(kind ggml.Type) *tinyLlama {
	m := &tinyLlama{weights: map[string][]float32{}, tokens: []string{"<|endoftext|>", "<|im_start|>", "<|im_end|>"}}
	for _, c := range "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzĠĊ" {
		m.tokens = append(m.tokens, string(c))
	}
	m.tokens = append(m.tokens, "Ġt", "he", "Ġthe")
	kinds := make([]int32, len(m.tokens))
	for i := range kinds {
		kinds[i] = 1
	}
	kinds[0], kinds[1], kinds[2] = 3, 3, 3
	m.pairs = []llamaPair{
		{"general.architecture", "llama"},
		{"general.license", "apache-2.0"},
		{"llama.block_count", uint32(llamaLayers)},
		{"llama.context_length", uint32(llamaContext)},
		{"llama.embedding_length", uint32(llamaWidth)},
		{"llama.feed_forward_length", uint32(llamaHidden)},
		{"llama.attention.head_count", uint32(llamaHeads)},
		{"llama.attention.head_count_kv", uint32(llamaGroups)},
		{"llama.rope.dimension_count", uint32(llamaSize)},
		{"llama.rope.freq_base", llamaBase},
		{"llama.attention.layer_norm_rms_epsilon", llamaEpsilon},
		{"tokenizer.ggml.model", "gpt2"},
		{"tokenizer.ggml.pre", "smollm"},
		{"tokenizer.ggml.tokens", m.tokens},
		{"tokenizer.ggml.token_type", kinds},
		{"tokenizer.ggml.merges", []string{"Ġ t", "h e", "Ġt he"}},
		{"tokenizer.ggml.eos_token_id", uint32(2)},
		{"tokenizer.ggml.bos_token_id", uint32(1)},
		{"tokenizer.chat_template", "{{ messages }}"},
	}
	source := newWeights()
	m.add(source, "token_embd.weight", ggml.Q8_0, llamaWidth, len(m.tokens))
	for i := range llamaLayers {
		block := fmt.Sprintf("blk.%d.", i)
		const side = llamaGroups * llamaSize
		m.add(source, block+"attn_norm.weight", ggml.F32, llamaWidth)
		m.add(source, block+"attn_q.weight", kind, llamaWidth, llamaWidth)
		m.add(source, block+"attn_k.weight", kind, llamaWidth, side)
		m.add(source, block+"attn_v.weight", kind, llamaWidth, side)
		m.add(source, block+"attn_output.weight", kind, llamaWidth, llamaWidth)
		m.add(source, block+"ffn_norm.weight", ggml.F32, llamaWidth)
		m.add(source, block+"ffn_gate.weight", kind, llamaWidth, llamaHidden)
		m.add(source, block+"ffn_up.weight", kind, llamaWidth, llamaHidden)
		m.add(source, block+"ffn_down.weight", kind, llamaHidden, llamaWidth)
	}
	m.add(source, "output_norm.weight", ggml.F32, llamaWidth)
	return m
}

// add makes a tensor of random blocks; its values are whatever the blocks stand for.
func (m *tinyLlama) add(source *weights, name string, kind ggml.Type, inner ...int) {
	n := 1
	for _, d := range inner {
		n *= d
	}
	var data []byte
	switch kind {
	case ggml.F32:
		data = single(source.values(n, 1, 0.5))
	case ggml.F16:
		data = halves(source.values(n, 0, 0.3))
	default:
		scale, length := float32(0.03), 16
		if kind == ggml.Q8_0 {
			scale, length = 0.002, 32
		}
		for range n / 32 {
			data = append(data, halves(source.values(1, scale, scale/2))...)
			if kind == ggml.Q4_1 {
				data = append(data, halves(source.values(1, -0.25, 0.1))...)
			}
			for range length {
				data = append(data, byte(source.source.Uint32()))
			}
		}
	}
	values := make([]float32, n)
	if err := kind.Decode(values, data); err != nil {
		data = nil // the file comes out truncated, and the test fails
	}
	m.weights[name] = values
	t := llamaTensor{name: name, kind: kind, data: data}
	for _, d := range inner {
		t.dims = append(t.dims, uint64(d))
	}
	m.tensors = append(m.tensors, t)
}

// file writes the model in the format's version 3.
func (m *tinyLlama) file() []byte {
	w := &ggufWriter{}
	w.number(uint32(0x46554747), uint32(3), uint64(len(m.tensors)), uint64(len(m.pairs)))
	for _, p := range m.pairs {
		w.text(p.key)
		w.value(p.value)
	}
	offset := uint64(0)
	for _, t := range m.tensors {
		w.text(t.name)
		w.number(uint32(len(t.dims)), t.dims, uint32(t.kind), offset)
		offset += (uint64(len(t.data)) + 31) / 32 * 32
	}
	for _, t := range m.tensors {
		w.pad()
		w.Write(t.data)
	}
	w.pad()
	return w.Bytes()
}

type ggufWriter struct{ bytes.Buffer }

func (w *ggufWriter) number(values ...any) {
	for _, v := range values {
		_ = binary.Write(w, binary.LittleEndian, v) // a buffer takes everything; the types are fixed above
	}
}

func (w *ggufWriter) text(s string) {
	w.number(uint64(len(s)))
	w.WriteString(s)
}

func (w *ggufWriter) value(v any) {
	switch v := v.(type) {
	case string:
		w.number(uint32(8))
		w.text(v)
	case uint32:
		w.number(uint32(4), v)
	case float32:
		w.number(uint32(6), v)
	case []int32:
		w.number(uint32(9), uint32(5), uint64(len(v)), v)
	case []string:
		w.number(uint32(9), uint32(8), uint64(len(v)))
		for _, s := range v {
			w.text(s)
		}
	}
}

func (w *ggufWriter) pad() {
	for w.Len()%32 != 0 {
		w.WriteByte(0)
	}
}

// matrix returns a weight as rows of its inner length.
func (m *tinyLlama) matrix(name string) rows {
	for _, t := range m.tensors {
		if t.name == name {
			return toRows(m.weights[name], int(t.dims[0]))
		}
	}
	return nil
}

func (m *tinyLlama) norm(x rows, name string) rows {
	return x.each(rmsNorm(wide(m.weights[name]), float64(llamaEpsilon)))
}

// turn rotates neighbours (2i, 2i+1) of each head: the order in which the file stores the rows of
// query and key.
func turn(x rows, first int) rows {
	out := make(rows, len(x))
	for i, row := range x {
		out[i] = make([]float64, len(row))
		for j := 0; j < len(row); j += 2 {
			angle := float64(first+i) * math.Pow(float64(llamaBase), -float64(j%llamaSize)/llamaSize)
			sin, cos := math.Sincos(angle)
			out[i][j] = row[j]*cos - row[j+1]*sin
			out[i][j+1] = row[j+1]*cos + row[j]*sin
		}
	}
	return out
}

// decode is the reference: the scores after each of the tokens, which start at the given position.
func (m *tinyLlama) decode(tokens []int64, first int) rows {
	embedding := m.matrix("token_embd.weight")
	var x rows
	for _, id := range tokens {
		x = append(x, embedding[id])
	}
	for i := range llamaLayers {
		block := fmt.Sprintf("blk.%d.", i)
		normed := m.norm(x, block+"attn_norm.weight")
		query := turn(normed.linear(m.matrix(block+"attn_q.weight"), nil), first)
		key := turn(normed.linear(m.matrix(block+"attn_k.weight"), nil), first)
		value := normed.linear(m.matrix(block+"attn_v.weight"), nil)
		attended := attend(query, key, value, llamaHeads, llamaGroups, true)
		x = x.plus(attended.linear(m.matrix(block+"attn_output.weight"), nil))
		normed = m.norm(x, block+"ffn_norm.weight")
		gate, up := normed.linear(m.matrix(block+"ffn_gate.weight"), nil), normed.linear(m.matrix(block+"ffn_up.weight"), nil)
		for r := range gate {
			for c, v := range gate[r] {
				gate[r][c] = v / (1 + math.Exp(-v)) * up[r][c]
			}
		}
		x = x.plus(gate.linear(m.matrix(block+"ffn_down.weight"), nil))
	}
	return m.norm(x, "output_norm.weight").linear(embedding, nil)
}
