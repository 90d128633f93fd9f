package convert

import (
	"errors"
	"fmt"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
	"github.com/sensory-agent/sensory-agent/models/convert/gguf"
)

// llamaShape holds the dimensions of a Llama decoder.
type llamaShape struct {
	layers, width, hidden   int64 // hidden is the width inside of the feed-forward block
	heads, groups, headSize int64 // groups is the number of key and value heads
	vocab, context          int64
	epsilon, base           float64 // of the norms, of the rotary positions
	tied                    bool    // the token embedding is the output matrix
}

// readLlama reads and checks the dimensions.
func readLlama(f *gguf.File) (*llamaShape, error) {
	architecture, err := f.Text("general.architecture")
	if err != nil {
		return nil, err
	}
	if architecture != "llama" {
		return nil, fmt.Errorf("architecture %q: %w", architecture, ErrUnsupported)
	}
	s := &llamaShape{tied: !f.Has("output.weight")}
	var errs []error
	number := func(key string, to *int64, low, high int64) {
		v, err := f.Int(key)
		if err == nil && (v < low || v > high) {
			err = fmt.Errorf("%q = %d: %w", key, v, ggml.ErrHeader)
		}
		*to = v
		errs = append(errs, err)
	}
	number("llama.block_count", &s.layers, 1, 1<<10)
	number("llama.embedding_length", &s.width, 1, 1<<16)
	number("llama.feed_forward_length", &s.hidden, 1, 1<<20)
	number("llama.attention.head_count", &s.heads, 1, 1<<12)
	number("llama.attention.head_count_kv", &s.groups, 1, 1<<12)
	number("llama.context_length", &s.context, 1, 1<<22)
	number("llama.rope.dimension_count", &s.headSize, 2, 1<<12)
	s.epsilon, err = f.Float("llama.attention.layer_norm_rms_epsilon")
	errs = append(errs, err)
	s.base, err = f.Float("llama.rope.freq_base")
	errs = append(errs, err)
	tokens, err := f.Texts("tokenizer.ggml.tokens")
	errs = append(errs, err)
	s.vocab = int64(len(tokens))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return s, s.check(f)
}

// check refuses what the graph does not express.
func (s *llamaShape) check(f *gguf.File) error {
	switch {
	case s.heads%s.groups != 0 || s.width != s.heads*s.headSize || s.headSize%2 != 0:
		return fmt.Errorf("%d heads of %d in %d groups for a width of %d: %w", s.heads, s.headSize, s.groups, s.width, ErrUnsupported)
	case !(s.epsilon > 0 && s.epsilon < 1) || !(s.base > 1):
		return fmt.Errorf("epsilon %g, position base %g: %w", s.epsilon, s.base, ggml.ErrHeader)
	case f.Has("rope_freqs.weight"):
		return fmt.Errorf("rope_freqs.weight, scaled positions: %w", ErrUnsupported)
	}
	if scaling, err := f.Text("llama.rope.scaling.type"); err == nil && scaling != "none" {
		return fmt.Errorf("position scaling %q: %w", scaling, ErrUnsupported)
	}
	return nil
}

// config is config.json.
func (s *llamaShape) config(t *llamaTokens) map[string]any {
	return map[string]any{
		"model_type": "llama", "architectures": []string{"LlamaForCausalLM"}, "hidden_act": "silu", "torch_dtype": "float32",
		"hidden_size": s.width, "intermediate_size": s.hidden, "num_hidden_layers": s.layers, "vocab_size": s.vocab,
		"num_attention_heads": s.heads, "num_key_value_heads": s.groups, "head_dim": s.headSize,
		"max_position_embeddings": s.context, "rms_norm_eps": float32(s.epsilon), "rope_theta": s.base,
		"tie_word_embeddings": s.tied, "attention_bias": false, "mlp_bias": false, "use_cache": true,
		"bos_token_id": t.begin, "eos_token_id": t.end, "pad_token_id": t.pad,
	}
}
