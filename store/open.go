package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// applicationID marks the file as ours in SQLite's header: "sens" in ASCII.
	applicationID = 0x73656e73
	// schemaVersion is the one that this program writes. It reads all before it, and brings a file
	// up to it when it opens it for writing.
	schemaVersion = 4
	// busyWait is how long a statement waits for another process: longer than a batch takes,
	// shorter than anybody's patience.
	busyWait = 5 * time.Second
	// ownerOnly are the rights on the file.
	ownerOnly = 0o600
	// connections at once: one writes, the others read.
	connections = 4
)

// DB is an open store. It is safe for concurrent use.
type DB struct {
	path   string
	db     *sql.DB
	schema int // version of the tables
}

// Open opens a store for writing and makes it where there is none. It is readable by its owner
// only, also where it was not before. Errors: *Error.
func Open(ctx context.Context, path string) (*DB, error) {
	if err := private(path); err != nil {
		return nil, fail("open", path, 0, err)
	}
	d, err := open(path, url.Values{"mode": {"rw"}}, "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(1)")
	if err != nil {
		return nil, err
	}
	if err := d.prepare(ctx); err != nil {
		return nil, errors.Join(fail("open", path, 0, err), d.Close())
	}
	return d, nil
}

// private makes the file where there is none and takes everybody else's rights on it, and on the
// files of its journal, which SQLite makes with the same rights.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, ownerOnly)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode().Perm()&^ownerOnly == 0 {
			continue
		}
		if err == nil {
			err = os.Chmod(name, ownerOnly)
		}
		if err != nil {
			return &Error{Kind: ErrExposed, Op: "open", Path: path, Err: err}
		}
	}
	return nil
}

// OpenReader opens a store that is there for reading. Where nothing may be written, on a read-only
// mount say, it can be read too unless its newest rows are in a journal: ErrJournal then.
// Errors: *Error.
func OpenReader(ctx context.Context, path string) (*DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fail("open", path, 0, err)
	}
	d, err := openReader(path)
	if err != nil {
		return nil, err
	}
	version, err := d.version(ctx, d.db)
	if err == nil && version == 0 {
		err = &Error{Kind: ErrForeign, Op: "open", Path: path}
	}
	if err != nil {
		return nil, errors.Join(fail("open", path, 0, err), d.Close())
	}
	d.schema = version
	return d, nil
}

// openReader chooses how: the index of the journal has to be written even by those who only read,
// so that a file which nobody can be writing to is taken as one that does not change.
func openReader(path string) (*DB, error) {
	if unwritable(path) {
		if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
			return nil, &Error{Kind: ErrJournal, Op: "open", Path: path}
		}
		return open(path, url.Values{"mode": {"ro"}, "immutable": {"1"}}, "query_only(1)")
	}
	return open(path, url.Values{"mode": {"rw"}}, "query_only(1)")
}

// unwritable reports whether this process may write neither the file nor its folder.
func unwritable(path string) bool {
	const write = 2 // W_OK of access(2)
	return syscall.Access(path, write) != nil && syscall.Access(filepath.Dir(path), write) != nil
}

func open(path string, query url.Values, pragmas ...string) (*DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fail("open", path, 0, err)
	}
	query.Set("_txlock", "immediate")
	query.Add("_pragma", "busy_timeout("+strconv.FormatInt(busyWait.Milliseconds(), 10)+")")
	for _, p := range pragmas {
		query.Add("_pragma", p)
	}
	name := url.URL{Scheme: "file", Path: abs, RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, fail("open", path, 0, err)
	}
	db.SetMaxOpenConns(connections)
	return &DB{path: path, db: db}, nil
}

// prepare makes the tables in an empty file, adds those that an older program did not make, all in
// one transaction, and refuses a file that is not ours.
func (d *DB) prepare(ctx context.Context) error {
	d.schema = schemaVersion
	return d.transact(ctx, nil, func(tx *sql.Tx) error {
		version, err := d.version(ctx, tx)
		if err != nil || version == schemaVersion {
			return err
		}
		statements := strings.Join(migrations()[version:], "")
		_, err = tx.ExecContext(ctx, statements+fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, schemaVersion))
		if err != nil {
			return err
		}
		return d.adopt(ctx, tx)
	})
}

// asker is a connection or a transaction.
type asker interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// version returns the version of the tables, 0 for an empty file.
func (d *DB) version(ctx context.Context, from asker) (int, error) {
	var id, version, tables int
	for _, ask := range []struct {
		query string
		into  *int
	}{{"PRAGMA application_id", &id}, {"PRAGMA user_version", &version}, {"SELECT count(*) FROM sqlite_schema", &tables}} {
		if err := from.QueryRowContext(ctx, ask.query).Scan(ask.into); err != nil {
			return 0, err
		}
	}
	switch {
	case tables == 0:
		return 0, nil
	case id != applicationID || version < 1:
		return 0, &Error{Kind: ErrForeign, Op: "open", Path: d.path}
	case version > schemaVersion:
		return 0, &Error{Kind: ErrSchema, Op: "open", Path: d.path, Err: fmt.Errorf("it has version %d, this program reads up to %d", version, schemaVersion)}
	}
	return version, nil
}

// transact runs fn in one transaction. guard, if set, has the last word before it is committed: its
// error rolls everything back.
func (d *DB) transact(ctx context.Context, guard func() error, fn func(*sql.Tx) error) error {
	tx, err := d.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err = fn(tx); err == nil && guard != nil {
		if refused := guard(); refused != nil {
			err = refusedError{refused}
		}
	}
	if err == nil {
		err = tx.Commit()
	} else {
		_ = tx.Rollback() // err says why; what is not committed is undone at the latest when the file is opened
	}
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil { // it was undone as soon as the context ended
		return ctx.Err()
	}
	return err
}

// Path is the file.
func (d *DB) Path() string { return d.path }

// Close closes the file. No call may be under way. It is idempotent.
func (d *DB) Close() error { return fail("close", d.path, 0, d.db.Close()) }
