package usm

import (
	"errors"
	"fmt"
)

// ErrConfig says that preprocessor_config.json cannot be used. The error is a [*ConfigError].
var ErrConfig = errors.New("usm: bad configuration file")

// ConfigError names the field that cannot be used. It unwraps to [ErrConfig].
type ConfigError struct {
	Field   string // empty where the document as a whole is malformed
	Problem string
}

// Error returns one line: file, field, problem.
func (e *ConfigError) Error() string {
	if e.Field == "" {
		return "preprocessor_config.json: " + e.Problem
	}
	return fmt.Sprintf("preprocessor_config.json: field %q: %s", e.Field, e.Problem)
}

// Unwrap returns [ErrConfig].
func (e *ConfigError) Unwrap() error { return ErrConfig }
