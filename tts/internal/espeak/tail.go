package espeak

import "sync"

// tailBuffer keeps the last bytes written to it. It is safe for concurrent use.
type tailBuffer struct {
	mu   sync.Mutex
	data []byte
}

// tailLimit bounds what is kept of a process's error output.
const tailLimit = 2048

// Write implements io.Writer and never fails.
func (t *tailBuffer) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, p...)
	if over := len(t.data) - tailLimit; over > 0 {
		t.data = append(t.data[:0], t.data[over:]...)
	}
	return len(p), nil
}

func (t *tailBuffer) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.data)
}
