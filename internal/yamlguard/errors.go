package yamlguard

import (
	"errors"
	"fmt"
)

// ErrTooMuch says that a YAML text is larger or deeper than anything that is written by hand. What
// is too much is a *LimitError.
var ErrTooMuch = errors.New("YAML text beyond its limits")

// ErrUnreadable says that the lexer broke on the text.
var ErrUnreadable = errors.New("unreadable YAML")

// LimitError names the limit that was passed. It unwraps to ErrTooMuch.
type LimitError struct {
	// Line is where, from 1; 0 means the whole text.
	Line int
	// What is counted: bytes, tokens, levels or aliases. Limit is how many are allowed.
	What  string
	Limit int
}

// Error says what is too much, without the line: whoever knows the file's name puts both in front.
func (e *LimitError) Error() string {
	if e.Limit == 0 {
		return e.What + " are not supported"
	}
	return fmt.Sprintf("more than %d %s", e.Limit, e.What)
}

// Unwrap returns ErrTooMuch.
func (e *LimitError) Unwrap() error { return ErrTooMuch }
