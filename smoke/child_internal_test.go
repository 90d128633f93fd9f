package smoke

import (
	"strings"
	"testing"
)

func TestWhatACommandSaidLast(t *testing.T) {
	for said, want := range map[string]string{
		"":                                "",
		"one":                             "one",
		"one\ntwo\n":                      "two",
		"error: no voice\n":               "no voice",
		"a\nerror: no\nvoice":             "no\nvoice",
		"error: first\nerror: second\n\n": "second",
		"no error: here\nlast":            "last",
		strings.Repeat("x\n", keepBytes) + "error: " + strings.Repeat("y", 100): strings.Repeat("y", 100),
		strings.Repeat("z", keepBytes+1):                                        strings.Repeat("z", keepBytes),
	} {
		var l lastLines
		for _, piece := range strings.SplitAfter(said, "\n") {
			if n, err := l.Write([]byte(piece)); n != len(piece) || err != nil {
				t.Fatalf("%d, %v", n, err)
			}
		}
		if got := l.problem(); got != want {
			t.Errorf("%.40q: %.40q, want %.40q", said, got, want)
		}
		if len(l.buf) > keepBytes {
			t.Errorf("%d bytes kept", len(l.buf))
		}
	}
}
