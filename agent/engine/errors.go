package engine

import (
	"errors"
	"fmt"
)

var (
	// ErrConfig means that a configuration lacks a field, or that its fields contradict each other;
	// the text names them.
	ErrConfig = errors.New("incomplete configuration of models")
	// ErrClosed means that the machine was closed: open another.
	ErrClosed = errors.New("the machine is closed")
	// ErrInUse means that a machine was closed before all models on it: close those first.
	ErrInUse = errors.New("models are still open")
	// ErrRuntime means that models want another inference library than the one that the process has
	// loaded; see [RuntimeError].
	ErrRuntime = errors.New("another inference library is loaded")
	// ErrProvider means that the machine was opened without places for a provider.
	ErrProvider = errors.New("the machine has no places for this provider: name it when the machine is opened")
)

// RuntimeError names both libraries. A process has one; models that need another need a process of
// their own.
type RuntimeError struct{ Wanted, Loaded string }

// Error names both.
func (e *RuntimeError) Error() string {
	return fmt.Sprintf("%v: the models want %s, this process runs %s", ErrRuntime, e.Wanted, e.Loaded)
}

// Unwrap returns [ErrRuntime].
func (e *RuntimeError) Unwrap() error { return ErrRuntime }

// NotReadyError says that a model loads and runs but does not see, or does not answer.
type NotReadyError struct {
	// Shown is what the probe picture was, empty where none was shown; Answer is what the model said
	// of it.
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
