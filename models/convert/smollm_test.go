package convert_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/models/convert"
	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
	"github.com/sensory-agent/sensory-agent/models/convert/gguf"
)

func convertLlama(tb testing.TB, m *tinyLlama) string {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "out")
	if err := convert.SmolLM2GGUF(tb.Context(), save(tb, "tiny.gguf", m.file()), dir, nil); err != nil {
		tb.Fatal(err)
	}
	return dir
}

// language is the pair of graphs with the cache between steps.
type language struct {
	embed, decoder graph
	feeds          map[string]ort.Tensor
	past           int
}

func openLanguage(tb testing.TB, open func(string) graph, dir, variant string) *language {
	tb.Helper()
	l := &language{
		embed:   open(filepath.Join(dir, "onnx", "embed_tokens"+variant+".onnx")),
		decoder: open(filepath.Join(dir, "onnx", "decoder_model_merged"+variant+".onnx")),
		feeds:   map[string]ort.Tensor{},
	}
	for i := range llamaLayers {
		for _, part := range []string{"key", "value"} {
			l.feeds[fmt.Sprintf("past_key_values.%d.%s", i, part)] = floats(tb, nil, 1, llamaGroups, 0, llamaSize)
		}
	}
	return l
}

// step feeds tokens at the given positions; mask holds one number for each token so far.
func (l *language) step(tb testing.TB, tokens, positions, mask []int64) []float32 {
	tb.Helper()
	n := int64(len(tokens))
	l.feeds["inputs_embeds"] = l.embed.run(tb, map[string]ort.Tensor{"input_ids": ids(tb, tokens, 1, n)})["inputs_embeds"]
	l.feeds["attention_mask"] = ids(tb, mask, 1, int64(len(mask)))
	l.feeds["position_ids"] = ids(tb, positions, 1, n)
	l.feeds["num_logits_to_keep"] = ids(tb, []int64{0})
	out := l.decoder.run(tb, l.feeds)
	for name, t := range out {
		if rest, ok := strings.CutPrefix(name, "present."); ok {
			l.feeds["past_key_values."+rest] = t
		}
	}
	l.past += len(tokens)
	if s := out["present.1.key"].Shape(); !slices.Equal(s, []int64{1, llamaGroups, int64(l.past), llamaSize}) {
		tb.Fatalf("after %d tokens the cache has shape %v", l.past, s)
	}
	return out["logits"].Float32s()
}

// packedCosine bounds the packed graph of the tiny model: four rounded products in a row in each
// layer, and the scores.
func packedCosine() float64 { return afterRounding(4*llamaLayers+1, packedError) }

func ones(n int) []int64 { return slices.Repeat([]int64{1}, n) }

func TestLlamaDecoder(t *testing.T) {
	tokens, positions := []int64{1, 20, 44, 7, 90, 3}, []int64{0, 1, 2, 3, 4, 5}
	for _, kind := range []ggml.Type{ggml.F16, ggml.Q4_0, ggml.Q4_1, ggml.Q8_0} {
		t.Run(kind.String(), func(t *testing.T) {
			m := newTinyLlama(kind)
			dir := convertLlama(t, m)
			open := load(t)
			want := m.decode(tokens, 0)
			exact, packed := openLanguage(t, open, dir, ""), openLanguage(t, open, dir, "_q4")
			for _, span := range [][2]int{{0, 3}, {3, 4}, {4, 6}} {
				from, to := span[0], span[1]
				what := fmt.Sprintf("tokens %d to %d", from, to)
				near(t, what, exact.step(t, tokens[from:to], positions[from:to], ones(to)), want[from:to].flat(), 2e-4)
				similar(t, what+", packed", packed.step(t, tokens[from:to], positions[from:to], ones(to)), want[from:to].flat(), packedCosine())
			}
		})
	}
}

func TestLlamaMaskAndPositions(t *testing.T) {
	m := newTinyLlama(ggml.Q4_1)
	dir, open := convertLlama(t, m), load(t)
	want := m.decode([]int64{20, 44, 7, 8}, 5)
	vocab := len(m.tokens)
	for _, variant := range []string{"", "_q4"} {
		l := openLanguage(t, open, dir, variant)
		// Two tokens of padding in front are masked, and the rest counts its positions from 5.
		got := l.step(t, []int64{0, 0, 20, 44, 7}, []int64{0, 0, 5, 6, 7}, []int64{0, 0, 1, 1, 1})[2*vocab:]
		got = append(slices.Clone(got), l.step(t, []int64{8}, []int64{8}, []int64{0, 0, 1, 1, 1, 1})...)
		if variant == "" {
			near(t, "behind the padding", got, want.flat(), 2e-4)
		}
		for i := range want {
			similar(t, fmt.Sprintf("token %d behind the padding%s", i, variant), got[i*vocab:(i+1)*vocab], want[i:i+1].flat(), packedCosine())
		}
	}
}

func TestLlamaEmbeddingIsExact(t *testing.T) {
	m := newTinyLlama(ggml.Q4_1)
	l := openLanguage(t, load(t), convertLlama(t, m), "")
	all := make([]int64, len(m.tokens))
	for i := range all {
		all[i] = int64(i)
	}
	got := l.embed.run(t, map[string]ort.Tensor{"input_ids": ids(t, all, 1, int64(len(all)))})["inputs_embeds"]
	if !slices.Equal(got.Float32s(), m.weights["token_embd.weight"]) {
		t.Error("looked up rows differ from the stored values")
	}
}

func TestLlamaFiles(t *testing.T) {
	m := newTinyLlama(ggml.Q4_1)
	dir := convertLlama(t, m)
	var config struct {
		Type    string  `json:"model_type"`
		Groups  int     `json:"num_key_value_heads"`
		Size    int     `json:"head_dim"`
		Context int     `json:"max_position_embeddings"`
		Base    float64 `json:"rope_theta"`
		Tied    bool    `json:"tie_word_embeddings"`
	}
	readJSON(t, dir, "config.json", &config)
	if config.Type != "llama" || config.Groups != llamaGroups || config.Size != llamaSize || config.Context != llamaContext ||
		config.Base != 10000 || !config.Tied {
		t.Errorf("config.json: %+v", config)
	}
	var generation struct {
		End int `json:"eos_token_id"`
		Pad int `json:"pad_token_id"`
	}
	readJSON(t, dir, "generation_config.json", &generation)
	if generation.End != 2 || generation.Pad != 2 {
		t.Errorf("generation_config.json: %+v", generation)
	}
	var settings struct {
		Template string `json:"chat_template"`
		End      string `json:"eos_token"`
	}
	readJSON(t, dir, "tokenizer_config.json", &settings)
	if settings.Template != "{{ messages }}" || settings.End != "<|im_end|>" {
		t.Errorf("tokenizer_config.json: %+v", settings)
	}
	var tokenizer struct {
		Pre struct {
			Parts []struct {
				Type       string
				Individual bool `json:"individual_digits"`
			} `json:"pretokenizers"`
		} `json:"pre_tokenizer"`
		Model struct {
			Vocab  map[string]int
			Merges []string
		}
		Added []struct{ Content string } `json:"added_tokens"`
	}
	readJSON(t, dir, "tokenizer.json", &tokenizer)
	if p := tokenizer.Pre.Parts; len(p) != 2 || p[0].Type != "Digits" || !p[0].Individual || p[1].Type != "ByteLevel" {
		t.Errorf("pre-tokenizer %+v", p)
	}
	if len(tokenizer.Model.Vocab) != len(m.tokens) || tokenizer.Model.Vocab["Ġthe"] != len(m.tokens)-1 || len(tokenizer.Model.Merges) != 3 {
		t.Errorf("%d tokens, merges %q", len(tokenizer.Model.Vocab), tokenizer.Model.Merges)
	}
	if len(tokenizer.Added) != 3 || tokenizer.Added[1].Content != "<|im_start|>" {
		t.Errorf("added tokens %+v", tokenizer.Added)
	}
}

func TestLlamaErrors(t *testing.T) {
	set := func(key string, value any) func(*tinyLlama) {
		return func(m *tinyLlama) {
			for i := range m.pairs {
				if m.pairs[i].key == key {
					m.pairs[i].value = value
				}
			}
		}
	}
	for name, c := range map[string]struct {
		change func(*tinyLlama)
		want   error
		says   string
	}{
		"other architecture":  {set("general.architecture", "mamba"), convert.ErrUnsupported, "mamba"},
		"other pre-tokenizer": {set("tokenizer.ggml.pre", "llama-bpe"), convert.ErrUnsupported, "tokenizer.ggml.pre"},
		"heads do not divide": {set("llama.attention.head_count_kv", uint32(3)), convert.ErrUnsupported, "groups"},
		"no layers":           {set("llama.block_count", uint32(0)), ggml.ErrHeader, "llama.block_count"},
		"text for a number":   {set("llama.block_count", "two"), gguf.ErrKey, "llama.block_count"},
		"three layers":        {set("llama.block_count", uint32(3)), ggml.ErrMissing, "blk.2.attn_norm.weight"},
		"narrower":            {set("llama.feed_forward_length", uint32(64)), ggml.ErrShape, "ffn_gate"},
		"epsilon of one":      {set("llama.attention.layer_norm_rms_epsilon", float32(1)), ggml.ErrHeader, "epsilon"},
		"stop out of range":   {set("tokenizer.ggml.eos_token_id", uint32(9999)), convert.ErrVocabulary, "stop"},
		"impossible merge":    {set("tokenizer.ggml.merges", []string{"Ġ t", "q q"}), convert.ErrVocabulary, "q q"},
		"types missing":       {set("tokenizer.ggml.token_type", []int32{1}), convert.ErrVocabulary, "token types"},
		"scaled positions": {
			func(m *tinyLlama) { m.pairs = append(m.pairs, llamaPair{"llama.rope.scaling.type", "yarn"}) },
			convert.ErrUnsupported, "yarn",
		},
		"unknown block format": {func(m *tinyLlama) { m.tensors[1].kind = 12 }, ggml.ErrType, "blk.0.attn_norm"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newTinyLlama(ggml.Q4_1)
			c.change(m)
			err := convert.SmolLM2GGUF(t.Context(), save(t, "bad.gguf", m.file()), filepath.Join(t.TempDir(), "out"), nil)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "bad.gguf") {
				t.Errorf("got %v, want %v naming the file and %q", err, c.want, c.says)
			}
		})
	}
}
