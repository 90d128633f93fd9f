package config

import (
	"errors"
	"fmt"
)

// ErrConfig says that the configuration file cannot be used. What is wrong with a field is a *FieldError.
var ErrConfig = errors.New("bad configuration")

// FieldError names what is wrong in the file. It unwraps to ErrConfig.
type FieldError struct {
	File string
	// Line counts from 1; 0 means the whole file.
	Line int
	// Field is the path of the value, for example budgets[1].slots; empty means the whole file.
	Field   string
	Problem string
}

// Error returns file, line, field and problem in one line.
func (e *FieldError) Error() string {
	where := e.File
	if e.Line > 0 {
		where = fmt.Sprintf("%s:%d", where, e.Line)
	}
	if e.Field != "" {
		where += ": " + e.Field
	}
	return fmt.Sprintf("%s: %s", where, e.Problem)
}

// Unwrap returns ErrConfig.
func (e *FieldError) Unwrap() error { return ErrConfig }
