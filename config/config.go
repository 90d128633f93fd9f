package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/persona"
)

// Env names the file where --config does not.
const Env = "SENSORY_AGENT_CONFIG"

// maxFile bounds the file, in bytes: one with every key is under 4 KiB, and prompts may stand in
// it.
const maxFile = 256 << 10

// Config is what one file says.
type Config struct {
	// Path is the file; empty where there is none.
	Path    string
	values  map[string]Value
	budgets []override
	set     persona.Set
	prompts []promptFile
	lines   map[string]int // where the fields of set stand
	agents  []persona.Room // of the worker: names with those who come
	origins []string       // of web pages that may ask for tokens
	// roomPolicies is what rooms and agents say of their conversation, by where they stand;
	// policies what comes of it.
	roomPolicies map[string]policyRoom
	policies     map[string]said
}

// Value is one setting as the file has it.
type Value struct {
	// Text is the value in the form that the program's flags take.
	Text string
	// Number is a count, a size in bytes or a duration in nanoseconds.
	Number int64
	// Line is where it stands, from 1.
	Line int
}

// Path returns the file to read: the one given, $SENSORY_AGENT_CONFIG, or config.yaml in the user's
// configuration folder. Only the last may be absent. Errors: no home folder is known.
func Path(given string) (path string, mustExist bool, err error) {
	if given != "" {
		return given, true, nil
	}
	if path := os.Getenv(Env); path != "" {
		return path, true, nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", false, fmt.Errorf("%w: find the configuration folder: %w", ErrConfig, err)
	}
	return filepath.Join(dir, "sensory-agent", "config.yaml"), false, nil
}

// Load reads the file that Path chooses. Without one it returns a Config that says nothing. Errors:
// *FieldError, FieldErrors, or ErrConfig with the reader's error.
func Load(given string) (*Config, error) {
	path, must, err := Path(given)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && !must {
		return &Config{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	c, err := Parse(path, data)
	if err != nil {
		return nil, err
	}
	r := &reader{file: path}
	r.readPrompts(c)
	r.checkSet(c)
	r.roomPolicies(c, true)
	if err := r.mistakes.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// Value returns the setting of that key, for example "join.voice", and whether the file has it. A
// nil Config has nothing.
func (c *Config) Value(key string) (Value, bool) {
	if c == nil {
		return Value{}, false
	}
	v, ok := c.values[key]
	return v, ok
}

// Text returns the text of a setting, or the other one where the file does not have it.
func (c *Config) Text(key, otherwise string) string {
	if v, ok := c.Value(key); ok {
		return v.Text
	}
	return otherwise
}

// Number returns the number of a setting, or the other one where the file does not have it.
func (c *Config) Number(key string, otherwise int64) int64 {
	if v, ok := c.Value(key); ok {
		return v.Number
	}
	return otherwise
}

// Duration returns the duration of a setting, or the other one where the file does not have it.
func (c *Config) Duration(key string, otherwise time.Duration) time.Duration {
	return time.Duration(c.Number(key, int64(otherwise)))
}

// From says where a setting comes from: "FILE:LINE", or "default".
func (c *Config) From(key string) string {
	if v, ok := c.Value(key); ok {
		return c.at(v.Line)
	}
	return FromDefault
}

// FromDefault and FromHost say where a value comes from that is not in the file: built in, or
// derived from the machine.
const (
	FromDefault = "default"
	FromHost    = "host"
)

func (c *Config) at(line int) string { return c.Path + ":" + strconv.Itoa(line) }
