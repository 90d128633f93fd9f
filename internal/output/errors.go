package output

import (
	"errors"
	"fmt"
)

// ErrGone says that the reader of the output has gone away: a closed pipe, a terminal that hung up,
// a full disk.
var ErrGone = errors.New("output cannot be written any more")

// ErrClosed says that the queue was closed before.
var ErrClosed = errors.New("output is closed")

// StuckError says that the reader did not take what was left within the time of Close.
type StuckError struct {
	// Lines were not written; they are lost.
	Lines uint64
}

// Error counts what is lost.
func (e *StuckError) Error() string {
	return fmt.Sprintf("nobody reads the output: %d lines were not written", e.Lines)
}
