package models

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrUnknownModel reports an id or set name that no catalog has.
	ErrUnknownModel = errors.New("models: unknown model")
	// ErrNotInstalled reports a file that is not on this machine yet.
	ErrNotInstalled = errors.New("models: not installed")
	// ErrDigest reports bytes whose SHA-256 is not the expected one.
	ErrDigest = errors.New("models: wrong digest")
	// ErrSize reports a file of another length than expected.
	ErrSize = errors.New("models: wrong size")
	// ErrNoDigest reports a source that declares no digest for a file whose digest the catalog does not know.
	ErrNoDigest = errors.New("models: no digest declared")
	// ErrUnreachable reports a host or registry that cannot be connected to.
	ErrUnreachable = errors.New("models: unreachable")
	// ErrSkipped reports a source whose host failed before: it was not asked again.
	ErrSkipped = errors.New("not tried again")
	// ErrDiskSpace reports a file system with too little room for a pull.
	ErrDiskSpace = errors.New("models: not enough disk space")
	// ErrUnsafePath reports a path that would leave the folder it belongs to.
	ErrUnsafePath = errors.New("models: unsafe path")
	// ErrArchive reports an archive that is damaged or lacks a member.
	ErrArchive = errors.New("models: bad archive")
	// ErrOffline reports a source that needs a network while none may be used.
	ErrOffline = errors.New("models: offline")
	// ErrCatalog reports a catalog that cannot be used.
	ErrCatalog = errors.New("models: bad catalog")
	// ErrConvert reports a conversion step that failed or that this build does not have.
	ErrConvert = errors.New("models: conversion failed")
	// ErrPlatform reports an entry made for another operating system or processor.
	ErrPlatform = errors.New("models: other platform")
	// ErrRemote reports an entry served by a remote provider: it has no files.
	ErrRemote = errors.New("models: remote model has no files")
)

// UnknownModelError says which name was not found and which names are near it.
type UnknownModelError struct {
	// Name is what was asked for.
	Name string
	// Known lists the ids and set names there are, sorted.
	Known []string
}

// Error names the unknown model and the known ones.
func (e *UnknownModelError) Error() string {
	return fmt.Sprintf("unknown model %q; known: %s", e.Name, strings.Join(e.Known, ", "))
}

// Unwrap returns ErrUnknownModel.
func (e *UnknownModelError) Unwrap() error { return ErrUnknownModel }

// NotInstalledError names a missing file and the command that installs it.
type NotInstalledError struct {
	// Model is the catalog id, File the missing path inside it ("" when the whole model is missing).
	Model, File string
}

// Command returns the command line that installs the model.
func (e *NotInstalledError) Command() string { return "sensory-agent models pull " + e.Model }

// Error names the file and the command.
func (e *NotInstalledError) Error() string {
	what := e.Model
	if e.File != "" {
		what += "/" + e.File
	}
	return fmt.Sprintf("%s is not installed; run: %s", what, e.Command())
}

// Unwrap returns ErrNotInstalled.
func (e *NotInstalledError) Unwrap() error { return ErrNotInstalled }

// DigestError carries both digests of a file that was refused.
type DigestError struct {
	// File is the path inside the model.
	File string
	// Want and Got are lower-case hex digests of the same kind.
	Want, Got string
}

// Error names the file and both digests.
func (e *DigestError) Error() string {
	return fmt.Sprintf("%s: digest %s, expected %s", e.File, e.Got, e.Want)
}

// Unwrap returns ErrDigest.
func (e *DigestError) Unwrap() error { return ErrDigest }

// SizeError carries both lengths, in bytes, of a file that was refused.
type SizeError struct {
	// File is the path inside the model.
	File string
	// Want and Got are byte counts.
	Want, Got int64
}

// Error names the file and both lengths.
func (e *SizeError) Error() string {
	return fmt.Sprintf("%s: %d bytes, expected %d", e.File, e.Got, e.Want)
}

// Unwrap returns ErrSize.
func (e *SizeError) Unwrap() error { return ErrSize }

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

// FormatBytes renders a byte count for people, in powers of 1000: "29.4 MB".
func FormatBytes(n int64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	value, suffix := float64(n), ""
	for _, s := range []string{"kB", "MB", "GB", "TB"} {
		value /= unit
		suffix = s
		if value < unit {
			break
		}
	}
	return fmt.Sprintf("%.1f %s", value, suffix)
}
