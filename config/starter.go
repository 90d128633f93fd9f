package config

import (
	_ "embed" // the starter file
	"errors"
	"fmt"
	"io/fs"
	"os"
)

//go:embed starter.yaml
var starter string

// Starter is a configuration file to begin with: one persona in one room, everything else as
// comments. Parse takes it.
func Starter() string { return starter }

// WriteStarter writes Starter into a new file. One that is there is left alone, unless replace is
// true. Errors: ErrExists; those of the file system, which name the file.
func WriteStarter(path string, replace bool) (err error) {
	how := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if replace {
		how = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(path, how, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s %w", path, ErrExists)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = f.WriteString(starter)
	return err
}
