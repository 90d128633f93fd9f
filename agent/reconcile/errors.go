package reconcile

import (
	"errors"
	"fmt"
)

// Errors of a reconciler.
var (
	// ErrConfig means that the configuration lacks a field, or one makes no sense; the text names
	// it.
	ErrConfig = errors.New("reconcile: incomplete configuration")
	// ErrUnauthorized means that the server refused the key pair.
	ErrUnauthorized = errors.New("server refused the key pair")
	// ErrGone means that the dispatch, or its room, is not there any more.
	ErrGone = errors.New("no such dispatch")
	// ErrAttributes means that the server does not keep the attributes of dispatches, which a
	// reconciler needs to know what belongs to what: it is older than that field.
	ErrAttributes = errors.New("server does not keep attributes of dispatches: it is too old to be reconciled")
	// ErrLate means that an action took so long that another reconciler may have taken it over.
	ErrLate = errors.New("took too long, and is left to whoever comes next")
	// ErrTooLarge means that the server's answer is larger than what is read.
	ErrTooLarge = errors.New("answer is too large")
)

// ServerError says what could not be asked of a server.
type ServerError struct {
	// Call is the method, Room the room's name where there is one.
	Call, URL, Room string
	Err             error
}

// Error implements error.
func (e *ServerError) Error() string {
	where := e.URL
	if e.Room != "" {
		where = fmt.Sprintf("%s, room %q", e.URL, e.Room)
	}
	return fmt.Sprintf("%s at %s: %v", e.Call, where, e.Err)
}

// Unwrap returns the cause.
func (e *ServerError) Unwrap() error { return e.Err }
