package moonshine_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/moonshine"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// encode writes pieces in the form of tokenizer.bin.
func encode(pieces ...string) []byte {
	var b []byte
	for _, p := range pieces {
		if n := len(p); n < 128 {
			b = append(b, byte(n))
		} else {
			b = append(b, byte(n%128+128), byte(n/128))
		}
		b = append(b, p...)
	}
	return b
}

func TestVocabulary(t *testing.T) {
	long := strings.Repeat("ab", 150)
	v, err := moonshine.ParseVocabulary(encode("<unk>", "<s>", "</s>", "▁hello", "▁wor", "ld", "", "<0xC3>", "<0xA9>", long, "<"))
	if err != nil {
		t.Fatal(err)
	}
	if v.Size() != 11 {
		t.Errorf("%d tokens", v.Size())
	}
	for want, tokens := range map[string][]int{
		"":            {},
		"hello world": {1, 3, 4, 5, 2},
		"é":           {7, 8},
		long:          {9},
		"hello<":      {3, 6, 10},
		"\ufffd":      {7},
	} {
		if got, err := v.Text(tokens); err != nil || got != want {
			t.Errorf("%v: %q, %v, want %q", tokens, got, err, want)
		}
	}
	for _, id := range []int{-1, 11} {
		if _, err := v.Text([]int{id}); !errors.Is(err, hearing.ErrModel) {
			t.Errorf("token %d: %v", id, err)
		}
	}
}

func TestParseVocabularyRefuses(t *testing.T) {
	for name, data := range map[string][]byte{
		"nothing":        nil,
		"too few":        encode("a", "b"),
		"cut length":     append(encode("a", "b", "c"), 200),
		"cut token":      append(encode("a", "b", "c"), 5, 'x'),
		"cut long token": append(encode("a", "b", "c"), 200, 9, 'x'),
		"too many":       make([]byte, 1<<20+1),
	} {
		if v, err := moonshine.ParseVocabulary(data); !errors.Is(err, moonshine.ErrTokenizer) || v != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPublishedVocabulary(t *testing.T) {
	data, err := os.ReadFile(testmodels.Path(t, "moonshine-tiny", "tokenizer.bin"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := moonshine.ParseVocabulary(data)
	if err != nil {
		t.Fatal(err)
	}
	if v.Size() != 32768 {
		t.Errorf("%d tokens, the decoder has 32768", v.Size())
	}
	if got, err := v.Text([]int{1, 2}); err != nil || got != "" {
		t.Errorf("control tokens write %q, %v", got, err)
	}
}

func FuzzParseVocabulary(f *testing.F) {
	f.Add(encode("<unk>", "<s>", "</s>", "▁hello", strings.Repeat("x", 200)))
	f.Add([]byte{0, 0, 0, 255})
	f.Fuzz(func(t *testing.T, data []byte) {
		kept := bytes.Clone(data)
		v, err := moonshine.ParseVocabulary(data)
		if err != nil {
			if !errors.Is(err, moonshine.ErrTokenizer) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		clear(data) // the vocabulary must not refer to it
		tokens := make([]int, v.Size())
		for i := range tokens {
			tokens[i] = i
		}
		text, err := v.Text(tokens)
		if err != nil || len(text) > 3*len(kept) {
			t.Fatalf("%d bytes of text of %d bytes, %v", len(text), len(kept), err)
		}
	})
}
