package tts_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/sensory-agent/sensory-agent/tts"
)

func TestSpeakable(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"**Hello**, _world_! 😀", "Hello, world!"},
		{"~~old~~ `code` ***all***", "old code all"},
		{"See [the docs](https://a.b/c_(d)) now.", "See the docs now."},
		{"![a red cube](cube.png)", "a red cube"},
		{"text](https://a.b/c) after", "text after"},
		{"Go to https://www.example.com/x?y=1, please.", "Go to example dot com, please."},
		{"Look (http://user@host.example.org:80/a).", "Look, host dot example dot org."},
		{"Visit <https://example.com>.", "Visit example dot com."},
		{"Mail joe.doe@example.com.", "Mail joe dot doe at example dot com."},
		{"It is on github.com/x", "It is on github dot com x"},
		{"# Title\n- one\n- two\n", "Title, one, two"},
		{"Done.\n\n> quoted", "Done. quoted"},
		{"a\n---\nb", "a, b"},
		{"```go\nx\n```", "x"},
		{"1. Apples", "1. Apples"},
		{"It is 3.5 °C — cold.", "It is 3.5 degrees Celsius, cold."},
		{"-5 degrees, not 5 - 3", "minus 5 degrees, not 5 minus 3"},
		{"3 * 4 = 12", "3 times 4 equals 12"},
		{"pages 3–5 and 1,000", "pages 3 to 5 and 1,000"},
		{"and/or 5 km/h at 20%", "and or 5 kilometers per hour at 20%"},
		{"Tom & Ann", "Tom and Ann"},
		{"$5.20 at 12:30", "$5.20 at 12:30"},
		{"well-known don’t", "well-known don't"},
		{"snake_case", "snake case"},
		{"Dr. Smith lives on Main St. in May.", "Doctor Smith lives on Main Street in May."},
		{"St. John, e.g., went etc. and so on, etc.", "Saint John, for example, went et cetera and so on, et cetera."},
		{"the U.S. army and N.A.S.A. too", "the U S army and N A S A too"},
		{"J. R. Tolkien at 5 p.m. today", "J R Tolkien at 5 PM today"},
		{"No. 5 is alive. No. It", "number 5 is alive. No. It"},
		{"Wait... what?!", "Wait. what?"},
		{"...and then", "and then"},
		{"(hello) there (now).", "hello, there, now."},
		{"He said “STOP”!", "He said STOP!"},
		{"Hello ,world . ok", "Hello ,world. ok"},
		{"[[ZNZ]] {a} <b> \\c", "ZNZ a c"},
		{"a\u200bb\u00ad\ufeff c\x01d", "ab c d"},
		{"🇩🇪👍🏽 ⚠️ ✅", ""},
		{"---", ""},
		{"?!...", ""},
		{"", ""},
	} {
		if got := tts.Speakable(c.text); got != c.want {
			t.Errorf("%q\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

func FuzzSpeakable(f *testing.F) {
	for _, s := range []string{"**a** [b](c) 3.5 °C", "Dr. e.g. U.S. (x)", "http://a.b/c?d, \xff [[x]]", "~~~\n- 1 - 2\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := tts.Speakable(text)
		if got != "" && !tts.HasWords(got) {
			t.Errorf("%q has no words", got)
		}
		if strings.ContainsAny(got, "[]{}<>|\\^*`_\"\n\t") || strings.Contains(got, "  ") || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%q -> %q holds what may not be spoken", text, got)
		}
	})
}
