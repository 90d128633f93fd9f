package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"
)

// connections at once: one writes, the others read.
const connections = 4

// DB is an open store. It is safe for concurrent use.
type DB struct {
	path   string // as people may see it: without a password
	db     *sql.DB
	on     database
	schema int  // version of the tables
	opened bool // the tables are those of this program, or were

	trouble    trouble
	forgetting forgetting
	turn       sync.Mutex // held by who looks in its turn whether memories are still there
	erasing    sync.Mutex // held while something is being erased
}

// database is what differs between the databases that a store may be in.
type database interface {
	// alone has a transaction wait until nobody else writes, and keeps everybody from writing until
	// it ends.
	alone(ctx context.Context, tx *sql.Tx) error
	// bound is the time that a transaction may take.
	bound(ctx context.Context) (context.Context, context.CancelFunc)
	// undone says what a commit that failed has come to.
	undone(err error) error
	// version is that of the tables, 0 where there are none. What is not ours is an *Error.
	version(ctx context.Context, from asker) (int, error)
	// asksVersion is the statement that reads the version of tables that were ours.
	asksVersion() string
	// migrate brings the tables from a version to schemaVersion.
	migrate(ctx context.Context, tx *sql.Tx, from int) error
	// scrub removes what was deleted from where it is still to be found. It waits so long for those
	// who read.
	scrub(ctx context.Context, db *sql.DB, patience time.Duration) error
	// lingers tells whether it is to be found there until somebody scrubs, also when who deleted it
	// has ended.
	lingers() bool
	// software names the database and its version, bytes is what the store takes.
	software(ctx context.Context, db *sql.DB) (string, error)
	bytes(ctx context.Context, db *sql.DB) (int64, error)
	// compact gives back what deleted rows took.
	compact(ctx context.Context, db *sql.DB) error
	// snapshot is a transaction that reads one moment, writing one that sees, from alone on, what
	// others have written, whatever the database does by default.
	snapshot() *sql.TxOptions
	writing() *sql.TxOptions
	// last is the highest position that was ever given in a table, also of a row that is gone.
	last(ctx context.Context, from asker, t table) (int64, error)
	// continues has the positions of a table that are given from now on lie behind that one.
	continues(ctx context.Context, tx *sql.Tx, t table, last int64) error
}

// asker is a connection or a transaction.
type asker interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Open opens a store for writing and makes it where there is none: a file, or a database of a
// PostgreSQL server (see Locate). A file is readable by its owner only, also where it was not
// before. Errors: *Error.
func Open(ctx context.Context, place string) (*DB, error) { return open(ctx, place, true) }

// OpenReader opens a store that is there for reading. Where nothing may be written, on a read-only
// mount say, a file can be read too unless its newest rows are in a journal: ErrJournal then.
// Errors: *Error.
func OpenReader(ctx context.Context, place string) (*DB, error) { return open(ctx, place, false) }

func open(ctx context.Context, place string, write bool) (*DB, error) {
	d, err := connect(place, write)
	if err != nil {
		return nil, err
	}
	if write {
		err = d.prepare(ctx)
	} else if d.schema, err = d.on.version(ctx, d.db); err == nil && d.schema == 0 {
		err = &Error{Kind: ErrForeign, Op: "open", Path: d.path}
	}
	if err != nil {
		return nil, errors.Join(fail("open", d.path, 0, err), d.Close())
	}
	d.opened = true
	if write {
		d.takeOver(ctx)
	}
	return d, nil
}

// connect finds the database of a place; nothing is asked of it yet.
func connect(place string, write bool) (d *DB, err error) {
	switch {
	case onServerAt(place):
		d, err = dial(place, write)
	case write:
		d, err = openFile(place)
	default:
		d, err = readFile(place)
	}
	if err != nil {
		return nil, err
	}
	d.db.SetMaxOpenConns(connections)
	return d, nil
}

// prepare makes the tables where there are none, adds those that an older program did not make, all
// in one transaction, and refuses what is not ours. Of several that come at once one does it, the
// others wait and find it done.
func (d *DB) prepare(ctx context.Context) error {
	d.schema = schemaVersion
	return d.transact(ctx, nil, func(tx *sql.Tx) error {
		version, err := d.on.version(ctx, tx)
		if err != nil || version == schemaVersion {
			return err
		}
		return d.on.migrate(ctx, tx, version)
	})
}

// transact runs fn in one transaction, alone. guard, if set, has the last word before it is
// committed: its error rolls everything back.
func (d *DB) transact(ctx context.Context, guard func() error, fn func(*sql.Tx) error) error {
	bounded, stop := d.on.bound(ctx)
	defer stop()
	return d.noted(ctx, bounded, guard, fn)
}

// transactLong is transact for what may take as long as ctx allows.
func (d *DB) transactLong(ctx context.Context, guard func() error, fn func(*sql.Tx) error) error {
	return d.noted(ctx, ctx, guard, fn)
}

// noted is one transaction within its own bound of ctx; what it came to is noted.
func (d *DB) noted(ctx, bounded context.Context, guard func() error, fn func(*sql.Tx) error) error {
	err := d.attempt(bounded, guard, fn)
	var unknown uncertainError
	var refused refusedError
	switch late := context.Cause(bounded); {
	case err == nil || errors.As(err, &unknown) || errors.As(err, &refused):
	case ctx.Err() != nil && (errors.Is(err, sql.ErrTxDone) || lost(err)): // it was undone as soon as the context ended
		err = ctx.Err()
	case ctx.Err() == nil && errors.Is(late, errSilent):
		err = late
	}
	d.trouble.note(d.path, err, time.Now())
	if err == nil {
		_ = d.eraseLeft(ctx, eraseAgain, 0) // Health says what is left
	}
	return err
}

// attempt is one transaction.
func (d *DB) attempt(ctx context.Context, guard func() error, fn func(*sql.Tx) error) error {
	tx, err := d.db.BeginTx(ctx, d.on.writing())
	if err != nil {
		return err
	}
	if err = d.on.alone(ctx, tx); err == nil {
		err = d.migrated(ctx, tx)
	}
	if err == nil {
		err = fn(tx)
	}
	if err == nil && guard != nil {
		if refused := guard(); refused != nil {
			err = refusedError{refused}
		}
	}
	if err != nil {
		_ = tx.Rollback() // err says why; what is not committed is undone at the latest when the connection ends
		return err
	}
	return d.on.undone(tx.Commit())
}

// migrated refuses to write where a newer program has changed the tables since they were opened.
func (d *DB) migrated(ctx context.Context, tx *sql.Tx) error {
	if !d.opened {
		return nil // prepare looks, and changes them
	}
	var version int
	if err := tx.QueryRowContext(ctx, d.on.asksVersion()).Scan(&version); err != nil {
		return err
	}
	if version > schemaVersion {
		return newer("write", d.path, version)
	}
	return nil
}

// Path is the file, or the address of the database without a password.
func (d *DB) Path() string { return d.path }

// Close closes the store. No call may be under way. It is idempotent.
func (d *DB) Close() error { return fail("close", d.path, 0, d.db.Close()) }
