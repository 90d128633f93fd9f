package espeak

import (
	"errors"
	"fmt"
	"strings"
)

// InstallCommand installs the program on Debian.
const InstallCommand = "apt-get install espeak-ng"

var (
	// ErrMissing means that the espeak-ng program is not installed. The operator has to act.
	ErrMissing = errors.New("espeak-ng is not installed; on Debian: " + InstallCommand)
	// ErrClosed means that the Phonemizer was closed.
	ErrClosed = errors.New("phonemizer is closed")
	// ErrTimeout means that espeak-ng did not answer in time and was ended.
	ErrTimeout = errors.New("espeak-ng did not answer in time")
)

// ProcessError means that espeak-ng ended when it should not have, or wrote something that cannot
// be understood.
type ProcessError struct {
	Voice  string // espeak voice it was started with
	Stderr string // last lines it wrote, may be empty
	Err    error  // exit status or read error
}

// Error implements error.
func (e *ProcessError) Error() string {
	msg := fmt.Sprintf("espeak-ng with voice %q stopped: %v", e.Voice, e.Err)
	if e.Stderr != "" {
		msg += ": " + strings.TrimSpace(e.Stderr)
	}
	return msg
}

// Unwrap returns the exit status or read error.
func (e *ProcessError) Unwrap() error { return e.Err }

// UnknownVoice answers whether the program ended because it has no such voice. The program says so
// in words only.
func (e *ProcessError) UnknownVoice() bool { return strings.Contains(e.Stderr, "voice does not exist") }
