package lk

import (
	"errors"
	"fmt"
)

// Errors of joining. Each is wrapped in a JoinError that names the server and the room.
var (
	// ErrUnreachable means that nothing answered at the server's address.
	ErrUnreachable = errors.New("server unreachable")
	// ErrNotLiveKit means that something answered there that is no LiveKit server.
	ErrNotLiveKit = errors.New("no livekit server at that address")
	// ErrUnauthorized means that the server refused the token: wrong key, wrong secret, or not
	// valid now.
	ErrUnauthorized = errors.New("server refused the token")
	// ErrTokenTime means, beside ErrUnauthorized, that the token is not valid at this time, or that
	// a clock is wrong.
	ErrTokenTime = errors.New("token is not valid at this time")
	// ErrConfig means that the configuration lacks a field, or one makes no sense; the text names
	// it.
	ErrConfig = errors.New("incomplete configuration")
	// ErrMedia means that signalling worked but no media connection came up.
	ErrMedia = errors.New("no media connection")
	// ErrProtocol means that what the server sent on the connection of its signals makes no sense;
	// the text says what.
	ErrProtocol = errors.New("server does not speak as livekit does")
	// ErrSilent means that something took the connection at the server's address and did not say a
	// word.
	ErrSilent = errors.New("server does not answer")
	// ErrSDK means that the LiveKit SDK is not the one that this package was made for.
	ErrSDK = errors.New("unknown livekit sdk")
)

// errSentAway means that a server took the connection to send the participant away: it is told as
// ErrUnreachable.
var errSentAway = errors.New("the server sends the participant away")

// errEnded means that a connection of the signals ended before it was of use: it is told as
// ErrUnreachable.
var errEnded = errors.New("the connection of its signals ended at once")

// Errors of a joined room.
var (
	// ErrClosed means that the room has been left.
	ErrClosed = errors.New("room is closed")
	// ErrOutbox means that something was not sent because too much waited, or for too long.
	ErrOutbox = errors.New("not sent")
)

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

// PanicError means that code of this program or of the LiveKit SDK panicked while it handled
// something of one room. The room is left, since its state is unknown; other rooms of the process
// go on.
type PanicError struct {
	// Where names the handler, Value is what was thrown, Stack the goroutine's.
	Where string
	Value any
	Stack []byte
}

// Error implements error.
func (e *PanicError) Error() string { return fmt.Sprintf("panic in %s: %v", e.Where, e.Value) }
