package jinja

import (
	"errors"
	"fmt"
)

var (
	// ErrSyntax means that the template cannot be parsed, or uses a part of Jinja that is not
	// implemented. The error is a [*SyntaxError].
	ErrSyntax = errors.New("chat template")
	// ErrRender means that the template was parsed, but failed on these messages.
	ErrRender = errors.New("chat template failed")
	// ErrRefused means that the template itself refused the messages (raise_exception), for example
	// two user messages in a row.
	ErrRefused = errors.New("chat template refused the messages")
	// ErrTooLong means that rendering went beyond its bounds of output or steps.
	ErrTooLong = errors.New("chat template output too long")
)

// SyntaxError says where a template cannot be used.
type SyntaxError struct {
	Line   int // 1-based
	Detail string
}

// Error names the line.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%v: line %d: %s", ErrSyntax, e.Line, e.Detail)
}

// Unwrap returns [ErrSyntax].
func (e *SyntaxError) Unwrap() error { return ErrSyntax }
