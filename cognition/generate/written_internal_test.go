package generate

import (
	"bytes"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/generate/tokenizer"
)

// Special tokens have no text, but those that say what the text around them is: package answer
// takes thoughts out by them.
func TestStructuralTokensAreWritten(t *testing.T) {
	data := []byte(`{"model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "a": 1, "<think>": 2, "</think>": 3, "<|im_end|>": 4}, "unk_token": "[UNK]"},
		"added_tokens": [
			{"id": 0, "content": "[UNK]", "special": true}, {"id": 2, "content": "<think>", "special": true},
			{"id": 3, "content": "</think>", "special": true}, {"id": 4, "content": "<|im_end|>", "special": true}],
		"pre_tokenizer": {"type": "WhitespaceSplit"}, "decoder": null}`)
	tokens, err := tokenizer.Parse(bytes.TrimSpace(data))
	if err != nil {
		t.Fatal(err)
	}
	s := newStream(tokens, structural(tokens), nil)
	for _, id := range []int{2, 1, 3, 1, 4, 0} {
		if err := s.push(id); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.finish(); err != nil {
		t.Fatal(err)
	}
	if got := s.text.String(); got != "<think> a </think> a" {
		t.Errorf("%q", got)
	}
}
