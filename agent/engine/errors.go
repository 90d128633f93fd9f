package engine

import (
	"errors"
	"fmt"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

var (
	// ErrConfig means that a configuration lacks a field, or that its fields contradict each other;
	// the text names them.
	ErrConfig = errors.New("incomplete configuration of models")
	// ErrClosed means that the machine was closed: open another.
	ErrClosed = errors.New("the machine is closed")
	// ErrModelsClosed means that models were closed before they were to be shared: open them again.
	ErrModelsClosed = errors.New("the models are closed")
	// ErrInUse means that a machine was closed before all models on it: close those first.
	ErrInUse = errors.New("models are still open")
	// ErrLibrary means that models want another inference library than the one that the process has
	// loaded; see [LibraryError].
	ErrLibrary = errors.New("another inference library is loaded")
	// ErrProvider means that the machine was opened without places for a provider.
	ErrProvider = errors.New("the machine has no places for this provider: name it when the machine is opened")
)

// LibraryError names both libraries. A process has one; models that need another need a process of
// their own.
type LibraryError struct{ Wanted, Loaded string }

// Error names both.
func (e *LibraryError) Error() string {
	return fmt.Sprintf("%v: the models want %s, this process runs %s", ErrLibrary, e.Wanted, e.Loaded)
}

// Unwrap returns [ErrLibrary].
func (e *LibraryError) Unwrap() error { return ErrLibrary }

// PartError says that what a resolution names for a role cannot play it. The resolver names such a
// part before, unless somebody has made the resolution otherwise.
type PartError struct {
	Part model.Part
	Role model.Role
	// Want is what can.
	Want string
}

// Error names the part and what is wanted.
func (e *PartError) Error() string {
	if e.Part.IsZero() {
		return fmt.Sprintf("%v: nobody plays the role %q: want %s", ErrConfig, e.Role, e.Want)
	}
	return fmt.Sprintf("%v: %s, of family %q, cannot play the role %q: want %s", ErrConfig, e.Part.ID, e.Part.Family, e.Role, e.Want)
}

// Unwrap returns [ErrConfig].
func (e *PartError) Unwrap() error { return ErrConfig }

// NotReadyError says that a model loads and runs but does not see, or does not answer.
type NotReadyError struct {
	// Shown is what the probe picture was, empty where none was shown; Answer is what the model
	// said of it.
	Shown, Answer string
	// Err says why there is no answer; nil where there is a wrong one.
	Err error
}

// Error says what was tried.
func (e *NotReadyError) Error() string {
	if e.Shown == "" {
		return fmt.Sprintf("not ready: asked %q the model does not answer: %v", probeWords, e.Err)
	}
	if e.Err != nil {
		return fmt.Sprintf("not ready: shown a %s picture the model does not answer: %v", e.Shown, e.Err)
	}
	return fmt.Sprintf("not ready: shown a %s picture the model said %q: it does not see", e.Shown, e.Answer)
}

// Unwrap returns why there is no answer, if anything.
func (e *NotReadyError) Unwrap() error { return e.Err }

// probeWords are what a model without eyes is asked.
const probeWords = "What is your name?"
