package spoken_test

import (
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/tts/spoken"
)

func TestShortForm(t *testing.T) {
	for _, c := range []struct {
		word string
		next rune
		want bool // the dot belongs to the word
	}{
		{"Dr", 'S', true},
		{"dr", 's', true},
		{"(Dr", 'S', true},
		{"Drs", 'S', false},
		{"J", 'S', true},
		{"j", 'S', false},
		{"I", 'S', false},
		{"Z", 'S', true},
		{"5", 'S', false},
		{"AB", 'S', false},
		{"e.g", 'a', true},
		{"e.g", 'A', true},
		{"No", '5', true},
		{"No", 'I', false},
		{"no", 0, false},
		{"p", '1', true},
		{"p", 'a', false},
		{"P", 'a', false},
		{"fig", '2', true},
		{"fig", 't', false},
		{"min", 'a', false},
		{"etc", 'a', true},
		{"etc", 'A', false},
		{"etc", '5', false},
		{"etc", 0, false},
		{"U.S", 'a', true},
		{"U.S", 'A', false},
		{"N.A.S.A", 'i', true},
		{"N.A.S.A", '5', true},
		{"N.A.S.A", 'I', false},
		{"P.O", 'B', true},
		{"P.O", 'A', false},
		{"N.AB", 'i', false},
		{"N.", 'i', false},
		{"n.a", 'i', false},
		{"N-A", 'i', false},
		{"gen", 'a', true},
		{"gen", 'A', false},
		{"gen", '5', true},
		{"Gen", 'A', true},
		{"word", 'a', false},
		{"", 'a', false},
	} {
		if got := spoken.ShortForm(c.word, c.next); got != c.want {
			t.Errorf("%q before %q: %v", c.word, c.next, got)
		}
	}
}

func TestUnsaidCounts(t *testing.T) {
	for text, want := range map[string]int{
		"Moscow":         0,
		"Москва":         6,
		"日本 and more":    2,
		"a ⋈ b":          1,
		"α 😀 ★ — é ½":    0,
		"αβ":             2,
		"a\u0301\u200bb": 0,
	} {
		if got := spoken.English(text).Unsaid; got != want {
			t.Errorf("%q: %d characters were left out, want %d", text, got, want)
		}
	}
}

// A text without end is cut, not chewed on.
func TestLongText(t *testing.T) {
	long := strings.Repeat("one ", 8<<10)
	for name, say := range map[string]func(string) string{
		"words": func(s string) string { return spoken.English(s).Text }, "marks": spoken.Marks,
	} {
		if n := len(say(long)); n < 15<<10 || n > 17<<10 {
			t.Errorf("%s: %d bytes became %d", name, len(long), n)
		}
	}
}

// Other languages keep their words, numbers and signs; marks, emoji and the targets of links go.
func TestMarks(t *testing.T) {
	for text, want := range map[string]string{
		"**Привет**, <b>мир</b>! 😀":                   "Привет, мир!",
		"# Titel\n- eins\n- zwei":                     "Titel, eins, zwei",
		"Es sind 5 %, also 3 < 4":                     "Es sind 5 %, also 3 < 4",
		"siehe [hier](https://a.b/c) und ![x](y.png)": "siehe hier und x",
		"l’eau\u00ad douce\u200b `code` snake_case":   "l'eau douce code snake case",
		"gut<|im_end|>":                               "gut",
		"👍🏽 \u2060":                                   "",
		"20 °C":                                       "20 °C",
	} {
		if got := spoken.Marks(text); got != want {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
}
