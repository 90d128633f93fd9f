package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
)

// What can go wrong. Those of the first group come in an *Error that names the file.
var (
	// ErrMissing says that there is no such file.
	ErrMissing = errors.New("no such store")
	// ErrFull says that the disk, or what may be written of it, is full.
	ErrFull = errors.New("disk is full")
	// ErrReadOnly says that the file or its folder may not be written.
	ErrReadOnly = errors.New("store may not be written")
	// ErrBusy says that another process kept the file locked for longer than a writer waits.
	ErrBusy = errors.New("store is locked by another process")
	// ErrCorrupt says that the file is damaged.
	ErrCorrupt = errors.New("store is damaged")
	// ErrForeign says that the file is no store of this program.
	ErrForeign = errors.New("file is no store of this program")
	// ErrSchema says that a newer program wrote the file.
	ErrSchema = errors.New("store was written by a newer version")
	// ErrExposed says that others may read the file and its mode could not be changed.
	ErrExposed = errors.New("store is readable by others and its mode cannot be changed")
	// ErrJournal says that the newest rows are in a journal beside a file that cannot be written, so
	// that they cannot be read there: copy the file and its -wal to a folder that can be written.
	ErrJournal = errors.New("store has a journal that cannot be read where nothing can be written")
	// ErrCrowded says that a persona would have more memories than are kept of one.
	ErrCrowded = errors.New("a persona has as many memories as are kept; forget some")
	// ErrIO says that reading or writing failed in another way.
	ErrIO = errors.New("store could not be read or written")

	// ErrInvalid says that what is to be kept lacks something or contradicts itself.
	ErrInvalid = errors.New("not to be kept as it is")
	// ErrNoRoom says that the store has never seen a room of this handle or name.
	ErrNoRoom = errors.New("no such room in the store")
	// ErrNoMessage says that there is no message of this id, or not any more.
	ErrNoMessage = errors.New("no such message")
	// ErrKeyTaken says that a client calls two messages by the same key.
	ErrKeyTaken = errors.New("another message has this key; use a new one for a new message")
	// ErrQueueFull says that as many rows wait to be written as the queue holds: this one is lost.
	ErrQueueFull = errors.New("too many rows wait to be written")
	// ErrClosed says that the writer was closed.
	ErrClosed = errors.New("store is closed")
)

// errDamaged says that a row cannot be what this program wrote.
var errDamaged = errors.New("damaged row")

// Error names the file and what could not be done with it.
type Error struct {
	Kind error // one of the sentinels above
	Op   string
	Path string
	// Rows are the rows concerned, if any.
	Rows int
	// Err is what the database or the system said; may be nil.
	Err error
}

// Error returns one line.
func (e *Error) Error() string {
	what := e.Op
	if e.Rows > 0 {
		what = fmt.Sprintf("%s (%d rows)", e.Op, e.Rows)
	}
	if e.Err == nil {
		return fmt.Sprintf("%s %s: %v", what, e.Path, e.Kind)
	}
	return fmt.Sprintf("%s %s: %v: %v", what, e.Path, e.Kind, e.Err)
}

// Unwrap returns the sentinel and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// fail types an error of the database. Those of contexts, and what a guard said, stay as they are.
func fail(op, path string, rows int, err error) error {
	var code *sqlite.Error
	var typed *Error
	switch {
	case err == nil || errors.As(err, &typed):
		return err
	case errors.As(err, &code):
		return &Error{Kind: kindAt(path, code.Code()), Op: op, Path: path, Rows: rows, Err: err}
	case errors.Is(err, memory.ErrInvalid), errors.Is(err, errDamaged): // what is read was checked when it was written
		return &Error{Kind: ErrCorrupt, Op: op, Path: path, Rows: rows, Err: err}
	case errors.Is(err, fs.ErrNotExist):
		return &Error{Kind: ErrMissing, Op: op, Path: path, Rows: rows, Err: err}
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return &Error{Kind: ErrFull, Op: op, Path: path, Rows: rows, Err: err}
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return &Error{Kind: ErrReadOnly, Op: op, Path: path, Rows: rows, Err: err}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s %s: %w", op, path, err)
	}
	return &Error{Kind: ErrIO, Op: op, Path: path, Rows: rows, Err: err}
}

// roomNeeded is what SQLite needs to begin: the index of its journal is 32 KiB, a few pages come on top.
const roomNeeded = 64 << 10

// kindAt is kind, but tells a full disk from a broken one: SQLite calls both an I/O error where it
// makes the index of the journal.
func kindAt(path string, code int) error {
	k := kind(code)
	if !errors.Is(k, ErrIO) {
		return k
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(path), &fs); err == nil && fs.Bavail*uint64(fs.Bsize) < roomNeeded { // positive
		return ErrFull
	}
	return k
}

// kind maps SQLite's primary result codes.
func kind(code int) error {
	switch code & 0xff {
	case sqlite3.SQLITE_FULL:
		return ErrFull
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return ErrReadOnly
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrBusy
	case sqlite3.SQLITE_CORRUPT:
		return ErrCorrupt
	case sqlite3.SQLITE_NOTADB:
		return ErrForeign
	}
	return ErrIO
}

// refusedError carries what a guard said past fail.
type refusedError struct{ err error }

func (e refusedError) Error() string { return e.err.Error() }

// guarded is fail, but for what a guard said.
func guarded(op, path string, rows int, err error) error {
	var refused refusedError
	if errors.As(err, &refused) {
		return fmt.Errorf("%s %s: %w", op, path, refused.err)
	}
	return fail(op, path, rows, err)
}
