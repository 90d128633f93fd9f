package limits_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

func TestKeepAttributes(t *testing.T) {
	for _, c := range []struct {
		name       string
		kept, more map[string]string
		bytes      int
		want       map[string]string
		left       int
	}{
		{"all fit", nil, map[string]string{"a": "1", "b": "2"}, 4, map[string]string{"a": "1", "b": "2"}, 0},
		{"one byte short", nil, map[string]string{"a": "1", "b": "2"}, 3, map[string]string{"a": "1"}, 1},
		{"short names first", nil, map[string]string{"aa": "", "b": "2"}, 2, map[string]string{"b": "2"}, 1},
		{"a big one does not hide later ones", nil, map[string]string{"a": "12345", "b": "2"}, 4, map[string]string{"b": "2"}, 1},
		{"what is kept goes first", map[string]string{"z": "9"}, map[string]string{"a": "1"}, 3, map[string]string{"z": "9"}, 1},
		{"replaced", map[string]string{"a": "1"}, map[string]string{"a": "23"}, 3, map[string]string{"a": "23"}, 0},
		{"not replaced", map[string]string{"a": "1"}, map[string]string{"a": "234"}, 3, map[string]string{"a": "1"}, 1},
		{"a smaller value makes room", map[string]string{"a": "123"}, map[string]string{"a": "", "b": "2"}, 4, map[string]string{"a": "", "b": "2"}, 0},
	} {
		kept := c.kept
		if kept == nil {
			kept = map[string]string{}
		}
		left := limits.KeepAttributes(kept, c.more, c.bytes)
		if diff := cmp.Diff(c.want, kept); diff != "" || left != c.left {
			t.Errorf("%s: %d left out, want %d (-want +got):\n%s", c.name, left, c.left, diff)
		}
	}
}

func TestKeptAttributesAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.MapOf(rapid.StringN(0, 4, 8), rapid.StringN(0, 6, 12))
		kept, more := map[string]string{}, texts.Draw(t, "more")
		most := rapid.IntRange(0, 40).Draw(t, "bytes")
		limits.KeepAttributes(kept, texts.Draw(t, "first"), most)
		before := len(kept)
		left := limits.KeepAttributes(kept, more, most)
		size := 0
		for name, value := range kept {
			size += len(name) + len(value)
		}
		if size > most || len(kept) < before || left < 0 || left > len(more) {
			t.Fatalf("%d bytes of %d, %d attributes before and %d after, %d left out", size, most, before, len(kept), left)
		}
	})
}

func TestCutEndsBetweenCharacters(t *testing.T) {
	for text, want := range map[string]string{"abc": "abc", "abcd": "abc", "ab\u00e9": "ab", "\u20ac": "\u20ac", "\u20acx": "\u20ac", "a\u20ac": "a", "\U0001f600": "", "\x80\x80\x80\x80": "", "": ""} {
		if got := limits.Cut(text, 3); got != want {
			t.Errorf("Cut(%q, 3) = %q, want %q", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text, n := rapid.String().Draw(t, "text"), rapid.IntRange(0, 20).Draw(t, "n")
		got := limits.Cut(text, n)
		if len(got) > n || !strings.HasPrefix(text, got) || !utf8.ValidString(got) || len(text)-len(got) > 3 && len(got) < n-3 {
			t.Fatalf("Cut(%q, %d) = %q", text, n, got)
		}
	})
}
