package printable

import (
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

// Writer escapes what is written to it before it passes it on, newlines and tabs left out. Its
// methods are safe from any goroutine; each Write becomes at most one Write of the destination.
type Writer struct {
	mu   sync.Mutex
	to   io.Writer
	rest []byte // the beginning of a character whose end has not been written yet, at most 3 bytes
}

// NewWriter returns a Writer in front of to.
func NewWriter(to io.Writer) *Writer { return &Writer{to: to} }

// Write implements io.Writer. The error is that of the destination.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := append(w.rest, p...)
	whole := len(text) - unfinished(text)
	out := escaped(string(text[:whole]))
	w.rest = append([]byte(nil), text[whole:]...)
	if out == "" {
		return len(p), nil
	}
	if _, err := io.WriteString(w.to, out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// unfinished is how many bytes at the end begin a character that is not complete.
func unfinished(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// escaped is Text with newlines and tabs.
func escaped(s string) string {
	if !strings.ContainsAny(s, "\n\t") {
		return Text(s)
	}
	var b strings.Builder
	for s != "" {
		i := strings.IndexAny(s, "\n\t")
		if i < 0 {
			b.WriteString(Text(s))
			break
		}
		b.WriteString(Text(s[:i]))
		b.WriteByte(s[i])
		s = s[i+1:]
	}
	return b.String()
}
