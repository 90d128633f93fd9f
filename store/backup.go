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
	"strings"
)

// Backup writes a store of one moment into a file that is not there yet, while others write the
// store: a file of SQLite, also where the store is in PostgreSQL. It is there whole or not at all,
// and readable by its owner only. Errors: ErrExists, *Error, the context's.
func Backup(ctx context.Context, place, path string) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return notMade(path, fs.ErrExist)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return notMade(path, err)
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".backup-")
	if err != nil {
		return notMade(path, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	made := filepath.Join(dir, "store.db")
	if onServerAt(place) {
		err = Copy(ctx, place, made)
	} else {
		err = vacuumInto(ctx, place, made)
	}
	if err != nil {
		return err
	}
	if err := settle(made, os.O_RDWR); err != nil {
		return notMade(path, err)
	}
	if err := os.Link(made, path); err != nil { // refuses what is there meanwhile
		return notMade(path, err)
	}
	return notMade(path, settle(filepath.Dir(path), os.O_RDONLY))
}

// notMade is why a backup was not made.
func notMade(path string, err error) error {
	if errors.Is(err, fs.ErrExist) {
		return &Error{Kind: ErrExists, Op: "back up into", Path: path}
	}
	return fail("back up into", path, 0, err)
}

// settle has the disk keep a file or a folder.
func settle(path string, flag int) error {
	f, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// plainFile opens a file that is there as it is: nothing of it is changed by that.
func plainFile(path string) (*DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fail("open", path, 0, err)
	}
	if unwritable(path) {
		return sqliteAt(path, url.Values{"mode": {"ro"}, "immutable": {"1"}})
	}
	return sqliteAt(path, url.Values{"mode": {"rw"}}, "secure_delete(1)")
}

func vacuumInto(ctx context.Context, place, made string) (err error) {
	reader, err := OpenReader(ctx, place) // refuses what is no store, and what cannot be read whole
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	d, err := plainFile(place)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if _, err = d.db.ExecContext(ctx, "VACUUM INTO $1", made); err == nil {
		err = os.Chmod(made, ownerOnly)
	}
	return fail("back up", place, 0, err)
}

// Copy writes all that a store holds, of one moment, into another one that is empty or not there
// yet, in one transaction: ids, handles, places and keys stay. The databases may differ. Errors:
// ErrOld, ErrNotEmpty, *Error, the context's.
func Copy(ctx context.Context, from, to string) (err error) {
	source, err := OpenReader(ctx, from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	if source.schema < schemaVersion {
		return &Error{Kind: ErrOld, Op: "copy", Path: source.path}
	}
	target, err := Open(ctx, to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	read, err := source.db.BeginTx(ctx, source.on.snapshot())
	if err != nil {
		return fail("copy", source.path, 0, err)
	}
	defer func() { _ = read.Rollback() }() // it has written nothing
	// It may take as long as it does.
	err = target.attempt(ctx, nil, func(write *sql.Tx) error {
		for _, t := range tables() {
			if err := t.copy(ctx, source, read, write); err != nil {
				return err
			}
			if !t.counted {
				continue
			}
			last, err := source.on.last(ctx, read, t)
			if err != nil {
				return fail("copy", source.path, 0, err)
			}
			if err := target.on.continues(ctx, write, t, last); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, ErrNotEmpty) {
		return &Error{Kind: ErrNotEmpty, Op: "copy into", Path: target.path}
	}
	return guarded("copy into", target.path, 0, err)
}

// copy copies the rows of a table.
func (t table) copy(ctx context.Context, source *DB, read, write *sql.Tx) error {
	var there int
	if err := write.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM "+t.name+" LIMIT 1) first").Scan(&there); err != nil {
		return err
	}
	if there > 0 {
		return refusedError{ErrNotEmpty}
	}
	rows, err := read.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", t.columns, t.name, t.place))
	if err != nil {
		return fail("copy", source.path, 0, err)
	}
	defer func() { _ = rows.Close() }()
	names := strings.Split(t.columns, ", ")
	values, into := make([]any, len(names)), make([]any, len(names))
	marks := make([]string, len(names))
	for i := range names {
		into[i], marks[i] = &values[i], fmt.Sprintf("$%d", i+1)
	}
	insert, err := write.PrepareContext(ctx, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", t.name, t.columns, strings.Join(marks, ", ")))
	if err != nil {
		return err
	}
	defer func() { _ = insert.Close() }() // goes with the transaction
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fail("copy", source.path, 0, err)
		}
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			return fmt.Errorf("%s %v: %w", t.name, values[0], err)
		}
	}
	return fail("copy", source.path, 0, rows.Err())
}

// Compact gives back to the disk what deleted rows took, and brings a store of an older version up
// to this one. Nobody else can write meanwhile. Errors: *Error, the context's.
func Compact(ctx context.Context, place string) (err error) {
	reader, err := OpenReader(ctx, place) // makes none where there is none
	if err != nil {
		return err
	}
	if err := reader.Close(); err != nil {
		return err
	}
	d, err := Open(ctx, place)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return fail("compact", d.path, 0, d.on.compact(ctx, d.db))
}
