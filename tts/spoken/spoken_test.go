package spoken_test

import (
	"os"
	"strings"
	"testing"
	"unicode"

	"github.com/sensory-agent/sensory-agent/tts/spoken"
)

// line is one line of the table of expected speech.
type line struct{ kind, text, want string }

// table reads the expected speech: kind, text and spoken form, a tab between them.
func table(tb testing.TB) []line {
	tb.Helper()
	data, err := os.ReadFile("../testdata/spoken.tsv")
	if err != nil {
		tb.Fatal(err)
	}
	var out []line
	for l := range strings.Lines(string(data)) {
		if strings.HasPrefix(l, "#") {
			continue
		}
		fields := strings.Split(strings.TrimSuffix(l, "\n"), "\t")
		if len(fields) != 3 {
			tb.Fatalf("line %q has %d fields", l, len(fields))
		}
		out = append(out, line{fields[0], strings.ReplaceAll(fields[1], `\n`, "\n"), fields[2]})
	}
	return out
}

func TestExpectedSpeech(t *testing.T) {
	lines := table(t)
	if len(lines) < 450 {
		t.Errorf("%d lines of expected speech", len(lines))
	}
	for _, l := range lines {
		t.Run(l.kind+"/"+l.text, func(t *testing.T) {
			if got := spoken.English(l.text).Text; got != l.want {
				t.Errorf("%q\n got %q\nwant %q", l.text, got, l.want)
			}
		})
	}
}

// speakable answers whether text holds nothing but what a voice takes.
func speakable(text string) bool {
	for i, r := range text {
		switch {
		case unicode.IsLetter(r), strings.ContainsRune(" .,;:!?'", r), unicode.Is(unicode.Mn, r):
		case r == '-' && i > 0 && i < len(text)-1:
		default:
			return false
		}
	}
	return !strings.Contains(text, "  ")
}
