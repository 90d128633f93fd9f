package generate

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sensory-agent/sensory-agent/cognition/generate/tokenizer"
)

// byteTokenizer has a token for every byte.
func byteTokenizer(tb testing.TB) *tokenizer.Tokenizer {
	tb.Helper()
	data, err := os.ReadFile("testdata/idefics3/tokenizer.json")
	if err != nil {
		tb.Fatal(err)
	}
	tokens, err := tokenizer.Parse(data)
	if err != nil {
		tb.Fatal(err)
	}
	return tokens
}

// streamed feeds the bytes of raw one token at a time and returns the pieces.
func streamed(tb testing.TB, tokens *tokenizer.Tokenizer, raw string) []string {
	tb.Helper()
	var pieces []string
	s := newStream(tokens, structural(tokens), func(piece string) error {
		pieces = append(pieces, piece)
		return nil
	})
	first, ok := tokens.ID("Ā") // how byte-level tokenizers write the byte 0
	if !ok {
		tb.Fatal("no token for the byte 0")
	}
	for _, b := range []byte(raw) {
		if err := s.push(first + int(b)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := s.finish(); err != nil {
		tb.Fatal(err)
	}
	if s.text.String() != strings.Join(pieces, "") {
		tb.Errorf("text %q, pieces %q", s.text.String(), pieces)
	}
	return pieces
}

func TestPiecesAreWholeCharacters(t *testing.T) {
	tokens := byteTokenizer(t)
	for _, c := range []struct{ raw, want string }{
		{"  I see \n a cat. \n", "I| see| \n a| cat| .|"},
		{" naïve — 😀!", ""},
		{"\xff\xfea\xe2\x82", "\uFFFD|\uFFFD|a|\uFFFD"},
		{"a\xf0\x9f\x98b", "a|\uFFFDb"},
		{"   ", ""},
	} {
		pieces := streamed(t, tokens, c.raw)
		got := strings.Join(pieces, "")
		if want := strings.TrimSpace(tokenizer.Valid([]byte(c.raw))); got != want {
			t.Errorf("%q: got %q, want %q", c.raw, got, want)
		}
		for _, piece := range pieces {
			if !utf8.ValidString(piece) || piece == "" {
				t.Errorf("%q: piece %q", c.raw, piece)
			}
		}
		if strings.Contains(c.want, "\uFFFD") && strings.Join(pieces, "|") != c.want {
			t.Errorf("%q: pieces %q, want %q", c.raw, strings.Join(pieces, "|"), c.want)
		}
	}
}

// FuzzStream checks that any sequence of bytes comes out as valid text, without the white space
// around it.
func FuzzStream(f *testing.F) {
	tokens := byteTokenizer(f)
	for _, raw := range []string{" naïve — 😀 ", "\xff\xe2\x82\xe2\x82\xac", "a\r\n\v b\u0085"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if got, want := strings.Join(streamed(t, tokens, raw), ""), strings.TrimSpace(tokenizer.Valid([]byte(raw))); got != want {
			t.Fatalf("%q: got %q, want %q", raw, got, want)
		}
	})
}
