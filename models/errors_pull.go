package models

import (
	"fmt"
	"strings"
)

// DiskSpaceError says how much room a pull needs and how much there is.
type DiskSpaceError struct {
	// Dir is the directory that was checked.
	Dir string
	// Need and Free are byte counts. Need is 0 when the disk filled up while writing.
	Need, Free int64
}

// Error names the directory and both byte counts.
func (e *DiskSpaceError) Error() string {
	if e.Need == 0 {
		return fmt.Sprintf("the disk that holds %s is full (%s free)", e.Dir, FormatBytes(e.Free))
	}
	return fmt.Sprintf("%s needs %s, %s free", e.Dir, FormatBytes(e.Need), FormatBytes(e.Free))
}

// Unwrap returns ErrDiskSpace.
func (e *DiskSpaceError) Unwrap() error { return ErrDiskSpace }

// Attempt is one source that was tried for one file, and why it failed.
type Attempt struct {
	// Source describes the source in words.
	Source string
	// Err is what went wrong.
	Err error
}

// PullError says that no source gave one file, and lists every source tried.
type PullError struct {
	// Model is the catalog id, File the path inside it.
	Model, File string
	// Attempts are the sources in the order they were tried.
	Attempts []Attempt
}

// Error names the file and every source with its failure.
func (e *PullError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s/%s could not be fetched", e.Model, e.File)
	if len(e.Attempts) == 0 {
		b.WriteString(": the catalog names no source; bring the file yourself: sensory-agent models import " + e.Model + " PATH")
	}
	for i, a := range e.Attempts {
		fmt.Fprintf(&b, "\n  %d. %s: %v", i+1, a.Source, a.Err)
	}
	return b.String()
}

// Unwrap returns the failures of all sources.
func (e *PullError) Unwrap() []error {
	errs := make([]error, 0, len(e.Attempts))
	for _, a := range e.Attempts {
		errs = append(errs, a.Err)
	}
	return errs
}

// ModelError says which files of one model could not be fetched.
type ModelError struct {
	// Model is the catalog id.
	Model string
	// Files are the failures, in the order in which they happened.
	Files []error
}

// Error tells the first failure whole and counts the others: they mostly have the same cause.
func (e *ModelError) Error() string {
	text := e.Files[0].Error()
	if n := len(e.Files) - 1; n > 0 {
		text += fmt.Sprintf("\n  and %d more files of %s", n, e.Model)
	}
	return text
}

// Unwrap returns the failures of all files.
func (e *ModelError) Unwrap() []error { return e.Files }
