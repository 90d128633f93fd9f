package gpu

import (
	"errors"
	"fmt"
)

var (
	// ErrUsage means that the arguments make no sense.
	ErrUsage = errors.New("usage")
	// ErrVerdict means that a text is no verdict.
	ErrVerdict = errors.New("not a verdict")
	// ErrManifest means that a folder has no list of parts, or one that this program does not read.
	ErrManifest = errors.New("list of parts cannot be used")
	// ErrPart means that a part is missing, or not what was packed. The error is a [*PartError].
	ErrPart = errors.New("part cannot be used")
	// ErrArchive means that what the parts hold is not what pack writes.
	ErrArchive = errors.New("packed files cannot be unpacked")
	// ErrMissing means that something to pack is not there.
	ErrMissing = errors.New("nothing to pack")
	// ErrAnswer means that a model did something else than it should.
	ErrAnswer = errors.New("not what was expected")
)

// What may be wrong with a part.
const (
	PartMissing = "it is missing"
	PartSize    = "it has another size"
	PartBroken  = "it has another checksum"
)

// PartError names a part and what is wrong with it.
type PartError struct {
	Part    string // file name
	Problem string // one of PartMissing, PartSize, PartBroken
}

// Error says what helps.
func (e *PartError) Error() string {
	return fmt.Sprintf("%s: %v: %s; bring it again", e.Part, ErrPart, e.Problem)
}

// Unwrap returns ErrPart.
func (e *PartError) Unwrap() error { return ErrPart }
