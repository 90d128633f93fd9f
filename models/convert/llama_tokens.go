package convert

import (
	"fmt"
	"strings"

	"github.com/sensory-agent/sensory-agent/models/convert/gguf"
)

// llamaTokens is the vocabulary of a GGUF file with byte-level merges.
type llamaTokens struct {
	tokens          []string
	special         []int
	merges          []string
	begin, end, pad int64
	unknown         int64
	template        string
}

// Token types of the format that are matched as a whole before anything else.
const (
	tokenControl     = 3
	tokenUserDefined = 4
)

// readLlamaTokens reads the vocabulary. Only the pre-tokenizer "smollm" is known: single digits,
// then GPT-2's pattern.
func readLlamaTokens(f *gguf.File, s *llamaShape) (*llamaTokens, error) {
	for key, want := range map[string]string{"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "smollm"} {
		got, err := f.Text(key)
		if err != nil {
			return nil, err
		}
		if got != want {
			return nil, fmt.Errorf("%q = %q: %w", key, got, ErrUnsupported)
		}
	}
	t := &llamaTokens{}
	var err error
	if t.tokens, err = f.Texts("tokenizer.ggml.tokens"); err != nil {
		return nil, err
	}
	if t.merges, err = f.Texts("tokenizer.ggml.merges"); err != nil {
		return nil, err
	}
	kinds, err := f.Ints("tokenizer.ggml.token_type")
	if err != nil {
		return nil, err
	}
	if len(kinds) != len(t.tokens) {
		return nil, fmt.Errorf("%d token types for %d tokens: %w", len(kinds), len(t.tokens), ErrVocabulary)
	}
	for id, kind := range kinds {
		if kind == tokenControl || kind == tokenUserDefined {
			t.special = append(t.special, id)
		}
	}
	if t.template, err = f.Text("tokenizer.chat_template"); err != nil {
		return nil, err
	}
	if err := t.readIDs(f, s.vocab); err != nil {
		return nil, err
	}
	return t, t.check()
}

// readIDs reads the ids with a meaning. The stop token must be given; the others default to it.
func (t *llamaTokens) readIDs(f *gguf.File, vocab int64) error {
	var err error
	if t.end, err = f.Int("tokenizer.ggml.eos_token_id"); err != nil {
		return err
	}
	for key, to := range map[string]*int64{
		"tokenizer.ggml.bos_token_id": &t.begin, "tokenizer.ggml.padding_token_id": &t.pad, "tokenizer.ggml.unknown_token_id": &t.unknown,
	} {
		if *to, err = f.Int(key); err != nil {
			*to = t.end
		}
		if *to < 0 || *to >= vocab {
			return fmt.Errorf("%q = %d of %d: %w", key, *to, vocab, ErrVocabulary)
		}
	}
	if t.end < 0 || t.end >= vocab {
		return fmt.Errorf("stop token %d of %d: %w", t.end, vocab, ErrVocabulary)
	}
	return nil
}

// check makes sure that each merge joins two tokens into a third and that no token occurs twice.
func (t *llamaTokens) check() error {
	ids := make(map[string]bool, len(t.tokens))
	for id, token := range t.tokens {
		if ids[token] {
			return fmt.Errorf("token %d %q occurs twice: %w", id, token, ErrVocabulary)
		}
		ids[token] = true
	}
	for i, merge := range t.merges {
		left, right, ok := strings.Cut(merge, " ")
		if !ok || !ids[left] || !ids[right] || !ids[left+right] {
			return fmt.Errorf("merge %d %q joins no tokens of the vocabulary: %w", i, merge, ErrVocabulary)
		}
	}
	return nil
}

func (t *llamaTokens) token(id int64) string { return t.tokens[id] }

// tokenizer is tokenizer.json. Digits are split off one by one in front of GPT-2's pattern.
func (t *llamaTokens) tokenizer() map[string]any {
	vocab := make(map[string]int, len(t.tokens))
	for id, token := range t.tokens {
		vocab[token] = id
	}
	var added []map[string]any
	for _, id := range t.special {
		added = append(added, addedToken(id, t.tokens[id]))
	}
	pre := map[string]any{"type": "Sequence", "pretokenizers": []any{
		map[string]any{"type": "Digits", "individual_digits": true}, byteLevel(true),
	}}
	return bpeTokenizer(vocab, t.merges, added, pre)
}

// config is tokenizer_config.json.
func (t *llamaTokens) config(s *llamaShape) map[string]any {
	return map[string]any{
		"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": false, "clean_up_tokenization_spaces": false,
		"model_max_length": s.context, "chat_template": t.template, "bos_token": t.token(t.begin), "eos_token": t.token(t.end),
		"pad_token": t.token(t.pad), "unk_token": t.token(t.unknown),
	}
}

// generation is generation_config.json.
func (t *llamaTokens) generation() map[string]any {
	return map[string]any{"bos_token_id": t.begin, "eos_token_id": t.end, "pad_token_id": t.pad, "do_sample": false}
}
