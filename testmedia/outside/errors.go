package outside

import "errors"

var (
	// ErrMissing means that what a client needs is not installed; the text says what.
	ErrMissing = errors.New("not installed")
	// ErrClient means that the client had a problem of its own; the text has it.
	ErrClient = errors.New("the client failed")
	// ErrEnded means that the client has ended.
	ErrEnded = errors.New("the client has ended")
)
