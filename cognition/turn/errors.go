package turn

import (
	"errors"
	"fmt"
)

// ErrPolicy means that a policy cannot be used; see PolicyError.
var ErrPolicy = errors.New("invalid turn policy")

// ErrNames means that people could not call personas apart; see NameError.
var ErrNames = errors.New("names of personas collide")

// PolicyError says which setting of a policy cannot be used.
type PolicyError struct {
	// Key is the setting's name in a configuration.
	Key string
	// Problem says what is wrong and what would be right.
	Problem string
}

// Error implements error.
func (e *PolicyError) Error() string { return fmt.Sprintf("turn policy: %s: %s", e.Key, e.Problem) }

// Unwrap returns ErrPolicy.
func (e *PolicyError) Unwrap() error { return ErrPolicy }
