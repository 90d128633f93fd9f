package lkroom

import (
	"errors"
	"fmt"
)

// Errors of joining. Each is wrapped in a JoinError that names the server and the room.
var (
	// ErrUnreachable means that nothing answered at the server's address.
	ErrUnreachable = errors.New("server unreachable")
	// ErrUnauthorized means that the server refused the token: wrong key, wrong secret, or expired.
	ErrUnauthorized = errors.New("server refused the token")
	// ErrConfig means that the configuration lacks a field; the text names it.
	ErrConfig = errors.New("incomplete configuration")
	// ErrMedia means that signalling worked but no media connection came up.
	ErrMedia = errors.New("no media connection")
)

// ErrClosed means that the room has been left.
var ErrClosed = errors.New("room is closed")

// JoinError says which room could not be joined, and what to do about it.
type JoinError struct {
	URL, Room string
	Err       error
	Hint      string
}

// Error implements error.
func (e *JoinError) Error() string {
	msg := fmt.Sprintf("join room %q at %s: %v", e.Room, e.URL, e.Err)
	if e.Hint != "" {
		msg += " (" + e.Hint + ")"
	}
	return msg
}

// Unwrap returns the cause.
func (e *JoinError) Unwrap() error { return e.Err }

// PanicError means that code of this program or of the LiveKit SDK panicked while it handled something of one room. The room is left,
// since its state is unknown; other rooms of the process go on.
type PanicError struct {
	// Where names the handler, Value is what was thrown, Stack the goroutine's.
	Where string
	Value any
	Stack []byte
}

// Error implements error.
func (e *PanicError) Error() string { return fmt.Sprintf("panic in %s: %v", e.Where, e.Value) }
