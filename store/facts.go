package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Facts are what can be said of a store without changing it.
type Facts struct {
	// Path is as DB.Path, Database the software and its version.
	Path     string `json:"path"`
	Database string `json:"database"`
	// Version is that of the tables, Newest the one that this program writes.
	Version int `json:"version"`
	Newest  int `json:"newest"`
	// Bytes is what the store takes on disk.
	Bytes int64 `json:"bytes"`
	// Unwritable says why it cannot be written just now; nil where it can.
	Unwritable error `json:"-"`
	// Tables are in a fixed order.
	Tables []TableFacts `json:"tables"`
}

// TableFacts are those of a table.
type TableFacts struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
	// Oldest and Newest are times of what retention looks at; the zero time of what it does not.
	Oldest time.Time `json:"oldest,omitzero"`
	Newest time.Time `json:"newest,omitzero"`
}

// Inspect looks at the store of a place. It writes nothing, but tries whether it could. Errors:
// *Error, the context's.
func Inspect(ctx context.Context, place string) (f Facts, err error) {
	d, err := OpenReader(ctx, place)
	if err != nil {
		return Facts{}, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	f = Facts{Path: d.path, Version: d.schema, Newest: schemaVersion}
	if f.Database, err = d.on.software(ctx, d.db); err != nil {
		return f, fail("read", d.path, 0, err)
	}
	if f.Bytes, err = d.on.bytes(ctx, d.db); err != nil {
		return f, fail("read", d.path, 0, err)
	}
	if f.Tables, err = d.counted(ctx); err != nil {
		return f, err
	}
	f.Unwritable = writable(ctx, place)
	return f, nil
}

// counted counts the rows of the tables that are there.
func (d *DB) counted(ctx context.Context) (out []TableFacts, err error) {
	since := map[string]int{"room": 3, "chat": 3, "turn": 3, "memory": 2, "memory_forgotten": 2}
	for _, t := range tables() {
		if d.schema < since[t.name] {
			continue
		}
		of := TableFacts{Name: t.name}
		from, to := "NULL", "NULL"
		if t.time != "" {
			from, to = "min("+t.time+")", "max("+t.time+")"
		}
		var oldest, newest sql.NullInt64
		err := d.db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*), %s, %s FROM %s", from, to, t.name)).Scan(&of.Rows, &oldest, &newest)
		if err != nil {
			return nil, fail("read", d.path, 0, err)
		}
		of.Oldest, of.Newest = nullStamp(oldest), nullStamp(newest)
		out = append(out, of)
	}
	return out, nil
}

// writable tries to write, and takes it back.
func writable(ctx context.Context, place string) (err error) {
	var d *DB
	if onServerAt(place) {
		d, err = dial(place, true)
	} else {
		d, err = plainFile(place)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	err = d.transact(ctx, func() error { return errTried }, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE utterance SET text = text WHERE 1 = 0")
		return err
	})
	if err = guarded("write", d.path, 0, err); errors.Is(err, errTried) {
		err = nil
	}
	return err
}

// errTried takes back what was tried.
var errTried = errors.New("it could be written")
