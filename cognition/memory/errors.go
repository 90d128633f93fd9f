package memory

import (
	"errors"
	"fmt"
)

var (
	// ErrField means that the field of an answer is not what it has to be; what else the answer
	// says is not concerned.
	ErrField = errors.New("invalid field of memories in an answer")
	// ErrExport means that a file is no export of memories, or is damaged or cut off. The error is
	// a [*LineError] where a line is to blame.
	ErrExport = errors.New("no export of memories, or a damaged one")
	// ErrVersion means that another version wrote an export. The error is a [*VersionError].
	ErrVersion = errors.New("export of memories of another version")
	// ErrInvalid means that a memory lacks something or contradicts itself.
	ErrInvalid = errors.New("invalid memory")
	// ErrUnknown means that there is no memory of an id.
	ErrUnknown = errors.New("no such memory")
	// ErrSuperseded means that a memory cannot be promoted since a newer one says otherwise: forget
	// that one first.
	ErrSuperseded = errors.New("superseded by another memory")
	// ErrBudget means that there are as many memories as there may be: forget one first.
	ErrBudget = errors.New("too many memories")
)

// VersionError says of which version an export is, and which one is read.
type VersionError struct{ Got, Want int }

// Error gives both numbers.
func (e *VersionError) Error() string {
	return fmt.Sprintf("%v: it has version %d, this program reads %d; export it again with a program of that version",
		ErrVersion, e.Got, e.Want)
}

// Unwrap returns [ErrVersion].
func (e *VersionError) Unwrap() error { return ErrVersion }

// LineError names a line of an export, from 1.
type LineError struct {
	Line int
	Err  error
}

// Error names the line.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns the cause.
func (e *LineError) Unwrap() error { return e.Err }
