package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"
)

// Role says on which side of a conversation somebody is.
type Role string

// The roles.
const (
	Human   Role = "human"
	Persona Role = "persona"
)

// Utterance is something that was said or written in a room.
type Utterance struct {
	Room string `json:"room"`
	// Session is one stay of a persona in the room; turns are counted within it.
	Session string `json:"session"`
	// Turn is the question and answer that it belongs to, from 1; 0 where it began none.
	Turn uint64 `json:"turn"`
	// Participant is the identity of who spoke.
	Participant string `json:"participant"`
	Role        Role   `json:"role"`
	Text        string `json:"text"`
	// Start and End are when it was begun and ended, to the millisecond.
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// MaxText is the most bytes of text that an utterance may have. An hour of speech is some 60 kB.
const MaxText = 256 << 10

// size is what an utterance takes in a queue, about.
func (u *Utterance) size() int {
	const fields = 128 // numbers, times, string headers
	return fields + len(u.Room) + len(u.Session) + len(u.Participant) + len(u.Text)
}

// validate names what is missing or too much.
func (u *Utterance) validate() error {
	switch {
	case u.Room == "":
		return fmt.Errorf("%w: no room", ErrInvalid)
	case u.Participant == "":
		return fmt.Errorf("%w: no participant", ErrInvalid)
	case u.Role != Human && u.Role != Persona:
		return fmt.Errorf("%w: role %q", ErrInvalid, u.Role)
	case u.Text == "":
		return fmt.Errorf("%w: no text", ErrInvalid)
	case len(u.Text) > MaxText:
		return fmt.Errorf("%w: text of %d bytes, at most %d are kept", ErrInvalid, len(u.Text), MaxText)
	case u.Start.IsZero() || u.End.Before(u.Start):
		return fmt.Errorf("%w: ends at %v, begins at %v", ErrInvalid, u.End, u.Start)
	case u.Turn > 1<<62:
		return fmt.Errorf("%w: turn %d", ErrInvalid, u.Turn)
	}
	return nil
}

// Append writes utterances in one transaction: all or none. guard, if set, is asked before they are committed; its error rolls back and
// is returned. Errors: *Error, ErrInvalid, the context's, the guard's.
func (d *DB) Append(ctx context.Context, list []Utterance, guard func() error) error {
	for i := range list {
		if err := list[i].validate(); err != nil {
			return err
		}
	}
	err := d.transact(ctx, guard, func(tx *sql.Tx) error { return d.insertUtterances(ctx, tx, list) })
	return guarded("write", d.path, len(list), err)
}

// insertUtterances writes utterances, which are valid, within a transaction.
func (d *DB) insertUtterances(ctx context.Context, tx *sql.Tx, list []Utterance) error {
	insert, err := tx.PrepareContext(ctx,
		"INSERT INTO utterance (room, session, turn, participant, role, text, start_ms, end_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer func() { _ = insert.Close() }() // goes with the transaction
	room := ""
	for i := range list {
		u := &list[i]
		if u.Room != room {
			if _, err := d.seen(ctx, tx, u.Room, u.Start); err != nil {
				return err
			}
			room = u.Room
		}
		_, err := insert.ExecContext(ctx, u.Room, u.Session, int64(u.Turn), u.Participant, string(u.Role), u.Text, // validated
			u.Start.UnixMilli(), u.End.UnixMilli())
		if err != nil {
			return err
		}
	}
	return nil
}

// Query chooses utterances.
type Query struct {
	// Room is empty for all rooms.
	Room string
	// Since leaves out what began before; the zero time leaves out nothing.
	Since time.Time
	// Limit is the most that is returned, the newest ones; 0 means all.
	Limit int
}

// List calls each for the utterances chosen, oldest first, until it returns an error, which List returns. Errors: *Error, the context's.
func (d *DB) List(ctx context.Context, q Query, each func(Utterance) error) error {
	limit, since := int64(-1), int64(math.MinInt64)
	if q.Limit > 0 {
		limit = int64(q.Limit)
	}
	if !q.Since.IsZero() {
		since = q.Since.UnixMilli()
	}
	rows, err := d.db.QueryContext(ctx, `SELECT room, session, turn, participant, role, text, start_ms, end_ms FROM (
		SELECT * FROM utterance WHERE (? = '' OR room = ?) AND start_ms >= ? ORDER BY start_ms DESC, id DESC LIMIT ?
	) ORDER BY start_ms, id`, q.Room, q.Room, since, limit)
	if err != nil {
		return fail("read", d.path, 0, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var u Utterance
		var turn, start, end int64
		if err := rows.Scan(&u.Room, &u.Session, &turn, &u.Participant, &u.Role, &u.Text, &start, &end); err != nil {
			return fail("read", d.path, 0, err)
		}
		u.Turn, u.Start, u.End = uint64(turn), time.UnixMilli(start).UTC(), time.UnixMilli(end).UTC() // validated when written
		if err := each(u); err != nil {
			return err
		}
	}
	return fail("read", d.path, 0, rows.Err())
}

// DeleteBefore deletes at most limit utterances, messages and turns that ended before a time, the
// oldest of each first, in one transaction, and returns how many. Rooms keep their handles. guard as
// in Append. Errors: *Error, the context's, the guard's.
func (d *DB) DeleteBefore(ctx context.Context, before time.Time, limit int, guard func() error) (deleted int, err error) {
	err = d.transact(ctx, guard, func(tx *sql.Tx) error {
		for _, of := range []struct{ table, key, time string }{{"utterance", "id", "end_ms"}, {"chat", "pos", "ts_ms"}, {"turn", "pos", "end_ms"}} {
			result, err := tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM %[1]s WHERE %[2]s IN (SELECT %[2]s FROM %[1]s WHERE %[3]s < ? ORDER BY %[3]s, %[2]s LIMIT ?)",
				of.table, of.key, of.time), before.UnixMilli(), limit-deleted)
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			if err != nil {
				return err
			}
			deleted += int(n)
		}
		return nil
	})
	if err != nil {
		return 0, guarded("delete from", d.path, deleted, err)
	}
	return deleted, nil
}
