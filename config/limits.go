package config

import (
	"errors"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

// limitSection is the section of what a participant may send.
const limitSection = "limits"

// limitKeys are the settings of agent/limits, which knows their names, meanings and bounds.
func limitKeys() []Key {
	defaults := limits.Default()
	var out []Key
	for _, f := range defaults.Fields() {
		out = append(out, Key{Name: join(limitSection, f.Key), Doc: f.Doc, form: limitForm(f)})
	}
	return out
}

func limitForm(f limits.Field) form {
	switch {
	case f.Duration != nil:
		return asDuration()
	case f.Bytes:
		return asSize()
	}
	return form{count, wholeFrom(1, limits.MaxNumber)}
}

// Limits returns what a participant may send: the defaults with what the file says over them. A nil
// Config has the defaults. Errors: *FieldError for a value out of its bounds, or one that
// contradicts another.
func (c *Config) Limits() (limits.Limits, error) {
	out := limits.Default()
	for _, f := range out.Fields() {
		v, ok := c.Value(join(limitSection, f.Key))
		switch {
		case !ok:
		case v.Number == 0: // zero means the default to agent/limits, and nothing at all to whoever writes it
			return limits.Limits{}, c.limitError(f.Key, "is 0, which would let nothing through")
		case f.Duration != nil:
			*f.Duration = time.Duration(v.Number)
		case v.Number > maxLimit:
			return limits.Limits{}, c.limitError(f.Key, "is too large")
		default:
			*f.Int = int(v.Number)
		}
	}
	err := out.Validate()
	var wrong *limits.FieldError
	if errors.As(err, &wrong) {
		return limits.Limits{}, c.limitError(wrong.Key, wrong.Problem)
	}
	return out, err
}

// maxLimit keeps a number within what every platform's int holds; agent/limits has bounds of its
// own below it.
const maxLimit = 1 << 30

func (c *Config) limitError(key, problem string) error {
	e := &FieldError{Field: join(limitSection, key), Problem: problem}
	if c != nil {
		e.File = c.Path
	}
	if v, ok := c.Value(e.Field); ok {
		e.Line = v.Line
	}
	return e
}

// IsLimit tells whether a key is one of Limits.
func IsLimit(key string) bool { return strings.HasPrefix(key, limitSection+".") }
