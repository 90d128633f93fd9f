package tokenizer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/generate/tokenizer"
)

// parse reads a tokenizer of testdata.
func parse(tb testing.TB, name string) *tokenizer.Tokenizer {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		tb.Fatal(err)
	}
	t, err := tokenizer.Parse(data)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// vector is one line as the reference implementation reads it.
type vector struct {
	Text  string `json:"text"`
	IDs   []int  `json:"ids"`
	Plain string `json:"plain"` // decoded without special tokens
	Kept  string `json:"kept"`  // decoded with them
}

// golden reads committed vectors by tokenizer.
func golden(tb testing.TB, file string) map[string][]vector {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		tb.Fatal(err)
	}
	var all map[string][]vector
	if err := json.Unmarshal(data, &all); err != nil {
		tb.Fatal(err)
	}
	return all
}

func TestEqualsReference(t *testing.T) {
	for name, vectors := range golden(t, "golden.json") {
		t.Run(name, func(t *testing.T) {
			tok := parse(t, name)
			for _, v := range vectors {
				ids, err := tok.Encode(v.Text)
				if err != nil || !slices.Equal(ids, v.IDs) {
					t.Errorf("%+q: got %v, want %v (%v)", v.Text, ids, v.IDs, err)
				}
				for keep, want := range map[bool]string{false: v.Plain, true: v.Kept} {
					if got, err := tok.Decode(v.IDs, keep); err != nil || got != want {
						t.Errorf("%v, special %v: got %q, want %q (%v)", v.IDs, keep, got, want, err)
					}
				}
			}
		})
	}
}

// TestDecodeEqualsReference decodes ids in any order: tokens that are single bytes make characters,
// or none.
func TestDecodeEqualsReference(t *testing.T) {
	for name, vectors := range golden(t, "golden_ids.json") {
		tok := parse(t, name)
		if len(vectors) < 60 {
			t.Errorf("%s: only %d rows", name, len(vectors))
		}
		for _, v := range vectors {
			for keep, want := range map[bool]string{false: v.Plain, true: v.Kept} {
				if got, err := tok.Decode(v.IDs, keep); err != nil || got != want {
					t.Errorf("%s: %v, special %v: got %q, want %q (%v)", name, v.IDs, keep, got, want, err)
				}
			}
		}
	}
}
