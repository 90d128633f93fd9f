package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
)

// What can go wrong. Those of the first group come in an *Error that names the file or the
// database.
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
	// ErrJournal says that the newest rows are in a journal beside a file that cannot be written,
	// so that they cannot be read there: copy the file and its -wal to a folder that can be
	// written.
	ErrJournal = errors.New("store has a journal that cannot be read where nothing can be written")
	// ErrCrowded says that a persona would have more memories than are kept of one.
	ErrCrowded = errors.New("a persona has as many memories as are kept; forget some")
	// ErrUnreachable says that the database does not answer: the server is gone, on its way up or
	// down, full of connections, or behind a network that is gone. It may come back.
	ErrUnreachable = errors.New("database cannot be reached")
	// ErrUncertain is ErrUnreachable at the one moment at which nobody can tell whether what was
	// being written is there or not. What has a key may be sent again with it.
	ErrUncertain = fmt.Errorf("%w, and whether this was written is not known; send it again with the same key", ErrUnreachable)
	// ErrDenied says that the server does not let this user into this database.
	ErrDenied = errors.New("database refuses user, password or database name")
	// ErrExists says that the file that was to be made is there already.
	ErrExists = errors.New("file is there already; name another one")
	// ErrNotEmpty says that what was to be copied into has rows already.
	ErrNotEmpty = errors.New("store has rows already; copy into an empty one")
	// ErrOld says that the store has the tables of an older program, and nobody was to change them.
	ErrOld = errors.New("store was written by an older version; run: sensory-agent store compact")
	// ErrUnerased says that memories are forgotten for good, but that their text is still in the
	// journal of the file, or in its place on the server, because somebody reads there; it is tried
	// again.
	ErrUnerased = errors.New("memories are forgotten, but their text is not erased from the disk yet; it is tried again")
	// ErrIO says that reading or writing failed in another way.
	ErrIO = errors.New("store could not be read or written")

	// ErrPlace says that what was said of where the store is cannot be used.
	ErrPlace = errors.New("no place of a store")
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

// Error names the file, or the database, and what could not be done with it.
type Error struct {
	Kind error // one of the sentinels above
	Op   string
	Path string // as DB.Path
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
	var unknown uncertainError
	var said *pgconn.PgError
	switch {
	case err == nil || errors.As(err, &typed):
		return err
	case errors.As(err, &unknown):
		return &Error{Kind: ErrUncertain, Op: op, Path: path, Rows: rows, Err: unknown.err}
	case errors.As(err, &said):
		return &Error{Kind: kindOnServer(said.Code), Op: op, Path: path, Rows: rows, Err: err}
	case errors.Is(err, errSilent), onServerAt(path) && lost(err):
		return &Error{Kind: ErrUnreachable, Op: op, Path: path, Rows: rows, Err: err}
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

// refusedError carries what a guard said past fail.
type refusedError struct{ err error }

func (e refusedError) Error() string { return e.err.Error() }
func (e refusedError) Unwrap() error { return e.err }

// MissingError names a memory of which there is none. It wraps memory.ErrUnknown.
type MissingError struct{ ID string }

func (e *MissingError) Error() string { return fmt.Sprintf("%q: %v", e.ID, memory.ErrUnknown) }

// Unwrap returns memory.ErrUnknown.
func (e *MissingError) Unwrap() error { return memory.ErrUnknown }

// guarded is fail, but for what a guard said.
func guarded(op, path string, rows int, err error) error {
	var refused refusedError
	if errors.As(err, &refused) {
		return fmt.Errorf("%s %s: %w", op, path, refused.err)
	}
	return fail(op, path, rows, err)
}
