package models

import (
	"errors"
	"fmt"
	"io/fs"
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
	// ErrDamaged reports an installed file that is no longer what was accepted. The error is a
	// *DamagedError, which matches ErrSize or ErrDigest too.
	ErrDamaged = errors.New("models: damaged")
	// ErrIncomplete reports a folder that lacks what the family of the model needs. The error is an
	// *IncompleteError.
	ErrIncomplete = errors.New("models: incomplete")
	// ErrNoDigest reports a source that declares no digest for a file whose digest the catalog does
	// not know.
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
	// Model is the catalog id, File the missing path inside it ("" when the whole model is
	// missing).
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

// Unwrap returns ErrNotInstalled and fs.ErrNotExist.
func (e *NotInstalledError) Unwrap() []error { return []error{ErrNotInstalled, fs.ErrNotExist} }

// DamagedError is an installed file that is no longer what was accepted.
type DamagedError struct {
	// Model is the catalog id, File the path inside it.
	Model, File string
	// Want and Got are SHA-256 digests, lower-case hex; Got is "" where nothing but the length was
	// looked at.
	Want, Got string
	// WantSize and GotSize are byte counts.
	WantSize, GotSize int64
	// Imported is true for a file that the user brought: no source has it.
	Imported bool
}

// Command returns the command line that brings the file back.
func (e *DamagedError) Command() string {
	if e.Imported {
		return "sensory-agent models import " + e.Model + " PATH"
	}
	return "sensory-agent models pull " + e.Model
}

// Error names the file, what was found and expected, and the command.
func (e *DamagedError) Error() string {
	found := fmt.Sprintf("digest %s, expected %s", e.Got, e.Want)
	if e.GotSize != e.WantSize {
		found = fmt.Sprintf("%d bytes, expected %d with digest %s", e.GotSize, e.WantSize, e.Want)
	}
	return fmt.Sprintf("%s/%s is damaged: %s; run: %s", e.Model, e.File, found, e.Command())
}

// Unwrap returns ErrDamaged, and what kind of damage it is.
func (e *DamagedError) Unwrap() []error {
	if e.GotSize != e.WantSize {
		return []error{ErrDamaged, ErrSize}
	}
	return []error{ErrDamaged, ErrDigest}
}

// IncompleteError says what a model's folder lacks.
type IncompleteError struct {
	// Model is the catalog id, Family its family, Folder what was looked at.
	Model, Family, Folder string
	// Missing names the files; where one of several would do they are joined with " or ".
	Missing []string
}

// Error names the folder and what it lacks.
func (e *IncompleteError) Error() string {
	return fmt.Sprintf("model %s: %s is no whole model of the family %s; missing: %s", e.Model, e.Folder, e.Family, strings.Join(e.Missing, ", "))
}

// Unwrap returns ErrIncomplete.
func (e *IncompleteError) Unwrap() error { return ErrIncomplete }

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
