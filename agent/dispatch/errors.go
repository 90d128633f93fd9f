package dispatch

import (
	"errors"
	"fmt"
)

var (
	// ErrConfig means that a configuration lacks a field, or one makes no sense.
	ErrConfig = errors.New("dispatch: incomplete configuration")
	// ErrClosed means that the service has been closed.
	ErrClosed = errors.New("dispatch: service is closed")
	// ErrLeaving is why an offer is declined, or a job ends, while its name is given up.
	ErrLeaving = errors.New("agent takes no more jobs")
)

// PersonaError says which persona of a name cannot be, so that the name is not registered.
type PersonaError struct {
	Agent, Persona string
	Err            error
}

// Error implements error.
func (e *PersonaError) Error() string {
	return fmt.Sprintf("agent %q is not registered: persona %q: %v", e.Agent, e.Persona, e.Err)
}

// Unwrap returns the cause.
func (e *PersonaError) Unwrap() error { return e.Err }
