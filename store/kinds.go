package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"path/filepath"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	sqlite3 "modernc.org/sqlite/lib"
)

// roomNeeded is what SQLite needs to begin: the index of its journal is 32 KiB, a few pages come on
// top.
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

// kindOnServer maps PostgreSQL's codes (its manual, appendix A). Where a code is not named its
// class decides, which is its first two characters.
func kindOnServer(code string) error {
	switch code {
	case "53100": // disk_full
		return ErrFull
	case "25006", "42501": // read_only_sql_transaction, insufficient_privilege
		return ErrReadOnly
	case "55P03", "40001", "40P01", "57014": // lock_not_available, serialization_failure, deadlock_detected, query_canceled
		return ErrBusy
	case "3D000": // invalid_catalog_name
		return ErrDenied
	case "53300": // too_many_connections
		return ErrUnreachable
	}
	switch code[:min(len(code), 2)] {
	case "28": // invalid authorization
		return ErrDenied
	case "08", "57": // connection exception, operator intervention: going down, coming up, crashed
		return ErrUnreachable
	case "22": // data exception: what was given is no text that can be looked for
		return ErrInvalid
	case "XX": // internal error: data_corrupted, index_corrupted
		return ErrCorrupt
	}
	return ErrIO
}

// lost tells whether a server went away, or was not there.
func lost(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) { // which has a time of its own
		return !errors.Is(err, context.Canceled)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err)
}

// errSilent says that a server had no answer in time.
var errSilent = errors.New("the database did not answer in time")

// uncertainError is a commit of which nobody knows what it came to.
type uncertainError struct{ err error }

func (e uncertainError) Error() string { return e.err.Error() }
func (e uncertainError) Unwrap() error { return e.err }
