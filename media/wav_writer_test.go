package media_test

import (
	"errors"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
)

// TestWAVWriterReportsItsFile has a file that fills up, and one that cannot be wound back.
func TestWAVWriterReportsItsFile(t *testing.T) {
	if _, err := media.NewWAVWriter(&memoryFile{room: 43}, 16000); !errors.Is(err, errFull) {
		t.Errorf("no room for the header: %v", err)
	}
	file := &memoryFile{room: 48}
	w, err := media.NewWAVWriter(file, 16000)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(make([]float32, 2)); err != nil || w.Samples() != 2 {
		t.Fatalf("two samples: %v", err)
	}
	if err := w.Write(make([]float32, 1)); !errors.Is(err, errFull) || w.Samples() != 2 {
		t.Errorf("a third one: %v, %d samples counted", err, w.Samples())
	}
	file.seek = errors.New("a pipe")
	if err := w.Close(); !errors.Is(err, file.seek) {
		t.Errorf("a file that cannot be wound back: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
	full := &memoryFile{}
	if w, err = media.NewWAVWriter(full, 16000); err != nil {
		t.Fatal(err)
	}
	full.room = 1
	if err := w.Close(); !errors.Is(err, errFull) {
		t.Errorf("no room for the lengths: %v", err)
	}
	last := &lastSeek{}
	if w, err = media.NewWAVWriter(last, 16000); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); !errors.Is(err, errFull) {
		t.Errorf("the end cannot be found again: %v", err)
	}
	if err := media.WriteWAV(&memoryFile{room: 10}, 16000, []float32{1}); !errors.Is(err, errFull) {
		t.Errorf("no room for a whole file: %v", err)
	}
}

// lastSeek is a file whose second seek fails.
type lastSeek struct {
	memoryFile
	seeks int
}

func (l *lastSeek) Seek(offset int64, whence int) (int64, error) {
	if l.seeks++; l.seeks == 2 {
		return 0, errFull
	}
	return l.memoryFile.Seek(offset, whence)
}
