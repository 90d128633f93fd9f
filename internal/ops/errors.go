package ops

import "errors"

var (
	// ErrConfig says that the server cannot be served as it was asked for; the text names what is
	// wrong.
	ErrConfig = errors.New("cannot serve the state")
	// ErrNotReady says that the program answered that it is not ready; the text has its reason.
	ErrNotReady = errors.New("not ready")
	// ErrNoAnswer says that nothing answers at the address.
	ErrNoAnswer = errors.New("nothing answers (is serve or join running with --listen?)")
	// ErrRefused says that the program answered with an error of its own.
	ErrRefused = errors.New("refused")
)
