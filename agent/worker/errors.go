package worker

import (
	"errors"
	"fmt"
)

// Errors of a worker.
var (
	// ErrConfig means that the configuration lacks a field, or one makes no sense; the text names
	// it.
	ErrConfig = errors.New("worker: incomplete configuration")
	// ErrUnauthorized means that the server refused the key pair.
	ErrUnauthorized = errors.New("server refused the key pair")
	// ErrNotLiveKit means that something answers at the address that is no LiveKit server.
	ErrNotLiveKit = errors.New("no livekit server at that address")
	// ErrUnreachable means that nothing answers at the server's address, or only that it is not
	// ready.
	ErrUnreachable = errors.New("server unreachable")
	// ErrRunning means that Run was called twice.
	ErrRunning = errors.New("worker runs already, or has ended: make another one")
)

// Causes of the end of a job's context: see context.Cause.
var (
	// ErrTerminated means that the server ended the job: its dispatch was deleted, or its agent
	// left.
	ErrTerminated = errors.New("job was terminated by the server")
	// ErrDrainLimit means that the job was still running when the time for draining was over.
	ErrDrainLimit = errors.New("job did not end while the worker was drained")
	// ErrStopped means that the worker was stopped.
	ErrStopped = errors.New("worker was stopped")
)

// ErrNotNeeded is what Reserve returns for a job that needs nobody: the server counts it as done,
// asks no other worker, and nobody joins.
var ErrNotNeeded = errors.New("job needs nobody")

// Errors of connections. Each closes the connection, which is then opened again.
var (
	// ErrMalformed means that a frame was no message of LiveKit's worker protocol.
	ErrMalformed = errors.New("malformed message from the server")
	// ErrSilent means that the server did not answer in time.
	ErrSilent = errors.New("server does not answer")
	// ErrOverflow means that the server did not read what was sent to it.
	ErrOverflow = errors.New("server does not read")
)

// RegisterError says which agent could not be registered, and where.
type RegisterError struct {
	Agent, URL string
	Err        error
	// Hint is what to do about it; empty where nothing is known.
	Hint string
}

// Error implements error.
func (e *RegisterError) Error() string {
	msg := fmt.Sprintf("register agent %q at %s: %v", e.Agent, e.URL, e.Err)
	if e.Hint != "" {
		msg += " (" + e.Hint + ")"
	}
	return msg
}

// Unwrap returns the cause.
func (e *RegisterError) Unwrap() error { return e.Err }

// PanicError means that Handler or Reserve panicked. That job has failed, and nothing else.
type PanicError struct {
	// Where names the function, Value is what was thrown, Stack the goroutine's.
	Where string
	Value any
	Stack []byte
}

// Error gives the value; the stack is for logs.
func (e *PanicError) Error() string { return fmt.Sprintf("panic in %s: %v", e.Where, e.Value) }
