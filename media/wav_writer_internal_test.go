package media

import (
	"errors"
	"testing"
)

// nowhere is a file that takes everything.
type nowhere struct{ written int64 }

func (n *nowhere) Write(p []byte) (int, error) {
	n.written += int64(len(p))
	return len(p), nil
}

func (n *nowhere) Seek(int64, int) (int64, error) { return 0, nil }

// TestWAVWriterStopsAtWhatAHeaderCanCount fills a file to the last sample that the format has room
// for.
func TestWAVWriterStopsAtWhatAHeaderCanCount(t *testing.T) {
	file := &nowhere{}
	w, err := NewWAVWriter(file, 48000)
	if err != nil {
		t.Fatal(err)
	}
	w.bytes = maxWAVBytes - 4
	if err := w.Write(make([]float32, 3)); !errors.Is(err, ErrWAVTooLarge) || w.bytes != maxWAVBytes-4 {
		t.Errorf("one sample too much: %v", err)
	}
	if err := w.Write(make([]float32, 2)); err != nil {
		t.Errorf("the last two samples: %v", err)
	}
	if err := w.Write(make([]float32, 1)); !errors.Is(err, ErrWAVTooLarge) {
		t.Errorf("another one: %v", err)
	}
	if file.written != wavHeaderSize+4 {
		t.Errorf("%d bytes written", file.written)
	}
}
