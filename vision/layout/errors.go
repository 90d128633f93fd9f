package layout

import (
	"errors"
	"fmt"
)

var (
	// ErrConfig says that preprocessor_config.json cannot be used; the caller finds the field in a
	// *ConfigError.
	ErrConfig = errors.New("invalid preprocessor config")
	// ErrAspect says that a picture is too long for its width; the details are in an *AspectError.
	ErrAspect = errors.New("aspect ratio not supported")
)

// AspectError carries the size of a refused picture, in pixels. It unwraps to ErrAspect.
type AspectError struct {
	Width, Height int
}

// Error names the size and the limit.
func (e *AspectError) Error() string {
	return fmt.Sprintf("picture of %d×%d pixels: one side may be at most %d times the other", e.Width, e.Height, MaxAspect)
}

// Unwrap returns ErrAspect.
func (e *AspectError) Unwrap() error { return ErrAspect }

// ConfigError names the file and field that cannot be used. It unwraps to ErrConfig.
type ConfigError struct {
	// File is the name of the file, without a directory.
	File string
	// Field is the JSON path of the field, empty where the document as a whole is malformed.
	Field string
	// Problem says what is wrong with it.
	Problem string
}

// Error returns one line: file, field, problem.
func (e *ConfigError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("%s: %s", e.File, e.Problem)
	}
	return fmt.Sprintf("%s: field %q: %s", e.File, e.Field, e.Problem)
}

// Unwrap returns ErrConfig.
func (e *ConfigError) Unwrap() error { return ErrConfig }
