package livekit

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNoBinary means that no livekit-server binary was found. The wrapped text lists the places that
// were looked at.
var ErrNoBinary = errors.New("livekit-server not found")

// StartError says why a server did not come up.
type StartError struct {
	// Reason is what was observed: an exit, or no answer within the limit.
	Reason string
	// Log holds the last lines that the server printed.
	Log []string
	// Err is the cause.
	Err error
}

// Error implements error.
func (e *StartError) Error() string {
	msg := fmt.Sprintf("livekit-server did not start: %s", e.Reason)
	if e.Err != nil {
		msg += ": " + e.Err.Error()
	}
	if len(e.Log) > 0 {
		msg += "\n  " + strings.Join(e.Log, "\n  ")
	}
	return msg
}

// Unwrap returns the cause.
func (e *StartError) Unwrap() error { return e.Err }
