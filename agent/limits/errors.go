package limits

import (
	"errors"
	"fmt"
)

// ErrLimits means that limits contradict themselves or are out of range; the text names the key.
var ErrLimits = errors.New("invalid limits")

// FieldError says which limit cannot be used.
type FieldError struct {
	// Key is the limit's name in the configuration, without its section.
	Key string
	// Problem says what is wrong and what would be right.
	Problem string
}

// Error implements error.
func (e *FieldError) Error() string { return fmt.Sprintf("limit %s: %s", e.Key, e.Problem) }

// Unwrap returns ErrLimits.
func (e *FieldError) Unwrap() error { return ErrLimits }
