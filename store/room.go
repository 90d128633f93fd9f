package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Room is a room that this store has seen.
type Room struct {
	// Handle names it for ever, whatever its name means elsewhere: "r_" and 20 letters and digits.
	// The store makes it, once for a name.
	Handle string `json:"handle"`
	Name   string `json:"name"`
	// Seen is when the store first saw it.
	Seen time.Time `json:"seen"`
}

// What handles and ids begin with, and how many characters of base32 follow: 100 bits, so that two
// that are the same are not to be expected in any store.
const (
	roomPrefix      = "r_"
	messagePrefix   = "m_"
	utterancePrefix = "u_"
	idLength        = 20
	idBytes         = 13
)

// mint makes a handle or an id that nobody had before.
func mint(prefix string) string {
	var raw [idBytes]byte
	_, _ = rand.Read(raw[:]) // it does not fail: the program ends instead
	return prefix + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw[:]))[:idLength]
}

// Rooms returns the rooms that the store has seen, in that order; none where an older program wrote
// the file. Errors: *Error, the context's.
func (d *DB) Rooms(ctx context.Context) (out []Room, err error) {
	if d.schema < 3 {
		return nil, nil
	}
	rows, err := d.db.QueryContext(ctx, "SELECT handle, name, ts_ms FROM room ORDER BY pos")
	if err != nil {
		return nil, fail("read", d.path, 0, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r Room
		var at int64
		if err := rows.Scan(&r.Handle, &r.Name, &at); err != nil {
			return nil, fail("read", d.path, 0, err)
		}
		r.Seen = stamp(at)
		out = append(out, r)
	}
	return out, fail("read", d.path, 0, rows.Err())
}

// Room finds a room by its handle or its name. Errors: ErrNoRoom, *Error, the context's.
func (d *DB) Room(ctx context.Context, which string) (Room, error) {
	if d.schema < 3 {
		return Room{}, fmt.Errorf("%w: %q", ErrNoRoom, which)
	}
	var r Room
	var at int64
	err := d.db.QueryRowContext(ctx, "SELECT handle, name, ts_ms FROM room WHERE handle = $1 OR name = $1 ORDER BY handle = $1 DESC LIMIT 1", which).
		Scan(&r.Handle, &r.Name, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return Room{}, fmt.Errorf("%w: %q", ErrNoRoom, which)
	}
	r.Seen = stamp(at)
	return r, fail("read", d.path, 0, err)
}

// SeeRoom returns the room of a name, and gives it a handle where the store has not seen it before.
// Errors: ErrInvalid, *Error, the context's.
func (d *DB) SeeRoom(ctx context.Context, name string, at time.Time) (r Room, err error) {
	err = d.transact(ctx, nil, func(tx *sql.Tx) error {
		r, err = seen(ctx, tx, name, at)
		return err
	})
	return r, guarded("write", d.path, 0, err)
}

// seen is SeeRoom within a transaction.
func seen(ctx context.Context, tx *sql.Tx, name string, at time.Time) (Room, error) {
	switch {
	case name == "":
		return Room{}, refusedError{fmt.Errorf("%w: no room", ErrInvalid)}
	case !storable(name):
		return Room{}, refusedError{errNotText}
	}
	r := Room{Name: name}
	var ms int64
	err := tx.QueryRowContext(ctx, "SELECT handle, ts_ms FROM room WHERE name = $1", name).Scan(&r.Handle, &ms)
	if errors.Is(err, sql.ErrNoRows) { // and stays so: nobody else writes meanwhile
		r.Handle, ms = mint(roomPrefix), at.UnixMilli()
		_, err = tx.ExecContext(ctx, "INSERT INTO room (handle, name, ts_ms) VALUES ($1, $2, $3)", r.Handle, name, ms)
	}
	r.Seen = stamp(ms)
	return r, err
}

// adopt gives handles to the rooms of a file that an older program wrote.
func adopt(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT room, min(ms) FROM (
		SELECT room, start_ms AS ms FROM utterance UNION ALL SELECT room, ts_ms FROM memory
	) WHERE room <> '' GROUP BY room ORDER BY 2, 1`)
	if err != nil {
		return err
	}
	var names []string
	var times []int64
	for rows.Next() {
		var name string
		var ms int64
		if err := rows.Scan(&name, &ms); err != nil {
			return errors.Join(err, rows.Close())
		}
		names, times = append(names, name), append(times, ms)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for i, name := range names {
		if _, err := seen(ctx, tx, name, time.UnixMilli(times[i])); err != nil {
			return err
		}
	}
	return nil
}
