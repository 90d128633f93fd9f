package script

import (
	"errors"
	"fmt"
)

// ErrScript means that a script cannot be read; see LineError.
var ErrScript = errors.New("invalid script")

// LineError says where a script cannot be read.
type LineError struct {
	Line    int // counted from 1
	Problem string
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("script line %d: %s", e.Line, e.Problem) }

// Unwrap returns ErrScript.
func (e *LineError) Unwrap() error { return ErrScript }
