package prompt

import (
	"errors"
	"fmt"
)

var (
	// ErrSampling means that a setting of sampling is outside its range, or not known to the model.
	ErrSampling = errors.New("invalid sampling settings")
	// ErrPart means that a message holds a picture or a sound in a form that the model does not take.
	ErrPart = errors.New("the model takes no such part")
	// ErrTooLong means that a prompt leaves no room for an answer. The error is a [*TooLongError]
	// where the tokens were counted.
	ErrTooLong = errors.New("prompt exceeds the context window")
)

// TooLongError says how long a prompt is and how long it may be, both in tokens.
type TooLongError struct{ Tokens, Limit int }

// Error gives both numbers.
func (e *TooLongError) Error() string {
	return fmt.Sprintf("%v: %d tokens, at most %d", ErrTooLong, e.Tokens, e.Limit)
}

// Unwrap returns [ErrTooLong].
func (e *TooLongError) Unwrap() error { return ErrTooLong }
