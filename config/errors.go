package config

import (
	"errors"
	"fmt"
	"strings"
)

// ErrConfig says that the configuration file cannot be used. What is wrong with a field is a
// *FieldError.
var ErrConfig = errors.New("bad configuration")

// ErrExists says that a file is there already and was left as it is.
var ErrExists = errors.New("is there already; --force writes over it")

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

// maxMistakes bounds how many mistakes of a file are named.
const maxMistakes = 32

// FieldErrors are several mistakes of one file, in the order in which they were found: one line
// each. errors.As finds the first.
type FieldErrors []*FieldError

// Error returns a line for each.
func (m FieldErrors) Error() string {
	lines := make([]string, len(m))
	for i, e := range m {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns them.
func (m FieldErrors) Unwrap() []error {
	out := make([]error, len(m))
	for i, e := range m {
		out[i] = e
	}
	return out
}

// err is nil without a mistake, and the mistake itself where there is one.
func (m FieldErrors) err() error {
	switch len(m) {
	case 0:
		return nil
	case 1:
		return m[0]
	}
	return m
}
