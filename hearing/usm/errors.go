package usm

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/sensory-agent/sensory-agent/internal/processorfile"
)

// ErrConfig says that preprocessor_config.json cannot be used. The error is a [*ConfigError].
var ErrConfig = errors.New("usm: bad configuration file")

// ConfigError names the field that cannot be used. It unwraps to [ErrConfig].
type ConfigError struct {
	File    string // empty: preprocessor_config.json
	Field   string // empty where the document as a whole is malformed
	Problem string
}

// Error returns one line: file, field, problem.
func (e *ConfigError) Error() string {
	file := cmp.Or(e.File, processorfile.Flat)
	if e.Field == "" {
		return file + ": " + e.Problem
	}
	return fmt.Sprintf("%s: field %q: %s", file, e.Field, e.Problem)
}

// Unwrap returns [ErrConfig].
func (e *ConfigError) Unwrap() error { return ErrConfig }
