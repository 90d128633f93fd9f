package whisper_test

import (
	"errors"
	"os"
	"testing"

	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/whisper"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

const smallTokenizer = `{"model":{"vocab":{"Hello":0,"Ġworld":1,"Ċ":2,"Ã":3,"©":4}},
	"added_tokens":[{"id":6,"content":"<|endoftext|>","special":true},{"id":7,"content":"<|0.00|>"},{"id":8,"content":" plain"}]}`

func TestVocabulary(t *testing.T) {
	v, err := whisper.ParseVocabulary([]byte(smallTokenizer))
	if err != nil {
		t.Fatal(err)
	}
	for want, tokens := range map[string][]int{
		"Hello world": {7, 0, 1, 2, 6},
		"é":           {3, 4},
		"Hello plain": {0, 8},
		"":            {5, 6},
	} {
		if got, err := v.Text(tokens); err != nil || got != want {
			t.Errorf("%v: %q, %v, want %q", tokens, got, err, want)
		}
	}
	if _, err := v.Text([]int{9}); !errors.Is(err, hearing.ErrModel) {
		t.Errorf("token outside: %v", err)
	}
	plain, err := whisper.ParseVocabulary([]byte(`{"Hello":0,"Ġworld":1,"<|endoftext|>":2}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := plain.Text([]int{0, 1, 2}); err != nil || got != "Hello world" {
		t.Errorf("vocab.json: %q, %v", got, err)
	}
}

func TestParseVocabularyRefuses(t *testing.T) {
	for name, data := range map[string]string{
		"nothing":        "",
		"cut":            smallTokenizer[:40],
		"no tokens":      "{}",
		"not byte-level": `{"日本":1}`,
		"negative":       `{"a":-1}`,
		"huge":           `{"a":99999999999}`,
		"added huge":     `{"model":{"vocab":{"a":1}},"added_tokens":[{"id":2000000,"content":"x"}]}`,
	} {
		if v, err := whisper.ParseVocabulary([]byte(data)); !errors.Is(err, whisper.ErrTokenizer) || v != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConvertedVocabulary(t *testing.T) {
	data, err := os.ReadFile(testmodels.Path(t, "whisper-base.en", "tokenizer.json"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := whisper.ParseVocabulary(data)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := v.Text([]int{50257, 50362, 15496, 11, 995, 0, 50256}); err != nil || got != "Hello, world!" {
		t.Errorf("%q, %v", got, err)
	}
}

func FuzzParseVocabulary(f *testing.F) {
	f.Add([]byte(smallTokenizer))
	f.Add([]byte(`{"Hello":0,"Ġworld":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := whisper.ParseVocabulary(data)
		if err != nil {
			if !errors.Is(err, whisper.ErrTokenizer) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		if _, err := v.Text([]int{v.Size() - 1}); err != nil {
			t.Fatal(err)
		}
	})
}
