package livekit

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

const tailBytes = 4096

// tail keeps the last bytes written to it and passes everything on.
type tail struct {
	mu   sync.Mutex
	buf  []byte
	next io.Writer
}

func newTail(next io.Writer) *tail { return &tail{next: next} }

// Write implements io.Writer. An error of the writer behind it is not the server's problem and is
// not reported.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if n := len(t.buf) - tailBytes; n > 0 {
		t.buf = t.buf[n:]
	}
	if t.next != nil {
		_, _ = t.next.Write(p)
	}
	return len(p), nil
}

func (t *tail) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := string(bytes.TrimSpace(t.buf))
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
