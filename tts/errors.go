package tts

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sensory-agent/sensory-agent/tts/internal/espeak"
)

var (
	// ErrNothingToSay means that no letter or digit is left of a clause once marks and emoji are
	// gone. The caller skips the clause.
	ErrNothingToSay = errors.New("clause has nothing to say")
	// ErrNotFinite means that the model gave NaN or infinite samples. Nothing of the piece with
	// them was emitted.
	ErrNotFinite = errors.New("model gave samples that are not finite numbers")
	// ErrSilent means that the model gave silence for words. Nothing was emitted.
	ErrSilent = errors.New("model gave silence for words")
	// ErrClosed means that the voice was closed.
	ErrClosed = errors.New("voice is closed")
	// ErrUnknownVoice is matched by *UnknownVoiceError.
	ErrUnknownVoice = errors.New("unknown voice")
	// ErrNotInstalled is matched by *NotInstalledError.
	ErrNotInstalled = errors.New("voice is not installed")
	// ErrModelCorrupt is matched by *ModelError.
	ErrModelCorrupt = errors.New("voice model is corrupt")
	// ErrEspeakMissing means that the espeak-ng program is not installed; every engine needs it.
	// The message has the Debian command.
	ErrEspeakMissing = espeak.ErrMissing
	// ErrEspeakTimeout means that espeak-ng did not answer in time and was ended. The next clause
	// starts it again.
	ErrEspeakTimeout = espeak.ErrTimeout
)

// ProcessError means that the espeak-ng process ended when it should not have. The next clause
// starts it again.
type ProcessError = espeak.ProcessError

// UnknownVoiceError names the voices there are.
type UnknownVoiceError struct {
	Spec  string
	Known []string
	Why   string // may be empty
}

// Error implements error.
func (e *UnknownVoiceError) Error() string {
	why := ""
	if e.Why != "" {
		why = " (" + e.Why + ")"
	}
	return fmt.Sprintf("unknown voice %q%s; known: %s", e.Spec, why, strings.Join(e.Known, ", "))
}

// Is matches ErrUnknownVoice.
func (e *UnknownVoiceError) Is(target error) bool { return target == ErrUnknownVoice }

// NotInstalledError names the file that is missing and the command that installs it.
type NotInstalledError struct {
	Spec, Model, File string
	Err               error
}

// Error implements error.
func (e *NotInstalledError) Error() string {
	return fmt.Sprintf("voice %q is not installed: %s of %s is missing; run: sensory-agent models pull %s", e.Spec, e.File, e.Model, e.Model)
}

// Is matches ErrNotInstalled.
func (e *NotInstalledError) Is(target error) bool { return target == ErrNotInstalled }

// Unwrap returns what the file look-up answered.
func (e *NotInstalledError) Unwrap() error { return e.Err }

// ModelError names the file that cannot be used.
type ModelError struct {
	Model, File string
	Err         error
}

// Error implements error.
func (e *ModelError) Error() string {
	return fmt.Sprintf("%s of %s cannot be used: %v; run: sensory-agent models verify %s", e.File, e.Model, e.Err, e.Model)
}

// Is matches ErrModelCorrupt.
func (e *ModelError) Is(target error) bool { return target == ErrModelCorrupt }

// Unwrap returns the reason.
func (e *ModelError) Unwrap() error { return e.Err }

// OutputError says which voice gave samples that may not go on air. It wraps ErrNotFinite or
// ErrSilent.
type OutputError struct {
	Voice  string
	Sample int // index of the first bad sample within the clause, for ErrNotFinite
	Err    error
}

// Error implements error.
func (e *OutputError) Error() string {
	if errors.Is(e.Err, ErrNotFinite) {
		return fmt.Sprintf("voice %q: %v (from sample %d)", e.Voice, e.Err, e.Sample)
	}
	return fmt.Sprintf("voice %q: %v", e.Voice, e.Err)
}

// Unwrap returns the sentinel.
func (e *OutputError) Unwrap() error { return e.Err }
