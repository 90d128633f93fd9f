package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/output"
)

// checkFolder makes the folder of recordings and finds out whether files can be made there.
func checkFolder(folder string) error {
	if folder == "" {
		return nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return usageError{fmt.Errorf("--record: %w", err)}
	}
	f, err := os.CreateTemp(folder, ".writable")
	if err != nil {
		return usageError{fmt.Errorf("--record: %w", err)}
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// recordInto opens a recording for each conversation of a room, and tells where; nil where the
// folder is none.
func recordInto(folder string, told func(room, file string)) func(string) (io.WriteCloser, error) {
	if folder == "" {
		return nil
	}
	return func(room string) (io.WriteCloser, error) {
		r, err := newRecording(folder, room, time.Now())
		if err != nil {
			return nil, err
		}
		told(room, r.file.Name())
		return r, nil
	}
}

// recording is a file behind a queue, so that a slow disk holds up no conversation.
type recording struct {
	*output.Queue
	file *os.File
}

// newRecording makes the file ROOM-TIME.txt; people's words are in it, so only the owner reads it.
func newRecording(folder, room string, now time.Time) (*recording, error) {
	name := fmt.Sprintf("%s-%s.txt", fileName(room), now.UTC().Format("20060102T150405.000Z"))
	f, err := os.OpenFile(filepath.Join(folder, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err // it names the file
	}
	return &recording{output.New(f, output.Config{Notice: func(dropped uint64) []byte {
		return fmt.Appendf(nil, "# %d steps are missing here: the disk was too slow\n", dropped)
	}}), f}, nil
}

// Close writes what waits, within the time that the end of output has.
func (r *recording) Close() error {
	limit, cancel := context.WithTimeout(context.Background(), outputLimit)
	defer cancel()
	err := r.Queue.Close(limit)
	if n := r.Stats().Dropped; n > 0 {
		err = errors.Join(err, fmt.Errorf("recording %s: %d steps are missing: it cannot be replayed", r.file.Name(), n))
	}
	return errors.Join(err, r.file.Close())
}

// fileName is a room's name as part of a file's name.
func fileName(room string) string {
	const most = 64
	safe := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '_'
	}, room)
	return safe[:min(len(safe), most)]
}
