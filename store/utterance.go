package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
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

// maxName is the most bytes of the name of a room, a session or a participant: two of them fit into
// one row of an index of PostgreSQL, which takes 2704 bytes.
const maxName = 1024

// validNames names what is too long to be looked for.
func validNames(names ...string) error {
	for _, n := range names {
		if len(n) > maxName {
			return fmt.Errorf("%w: a name of %d bytes, at most %d", ErrInvalid, len(n), maxName)
		}
	}
	return nil
}

// size is what an utterance takes in a queue, about.
func (u *Utterance) size() int {
	const fields = 128 // numbers, times, string headers
	return fields + len(u.Room) + len(u.Session) + len(u.Participant) + len(u.Text)
}

// errNotText says that a text is none that every database takes.
var errNotText = fmt.Errorf("%w: text that is not UTF-8, or has a NUL", ErrInvalid)

// storable tells whether every database takes all of these texts as they are.
func storable(texts ...string) bool {
	return !slices.ContainsFunc(texts, func(s string) bool { return !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 })
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
	case !storable(u.Room, u.Session, u.Participant, u.Text):
		return errNotText
	case len(u.Text) > MaxText:
		return fmt.Errorf("%w: text of %d bytes, at most %d are kept", ErrInvalid, len(u.Text), MaxText)
	case u.Start.IsZero() || u.End.Before(u.Start):
		return fmt.Errorf("%w: ends at %v, begins at %v", ErrInvalid, u.End, u.Start)
	case u.Turn > 1<<62:
		return fmt.Errorf("%w: turn %d", ErrInvalid, u.Turn)
	}
	return validNames(u.Room, u.Session, u.Participant)
}

// Append writes utterances in one transaction: all or none. guard, if set, is asked before they are
// committed; its error rolls back and is returned. Errors: *Error, ErrInvalid, the context's, the
// guard's.
func (d *DB) Append(ctx context.Context, list []Utterance, guard func() error) error {
	for i := range list {
		if err := list[i].validate(); err != nil {
			return err
		}
	}
	err := d.transact(ctx, guard, func(tx *sql.Tx) error {
		for i := range list {
			if err := insertUtterance(ctx, tx, &list[i], mint(utterancePrefix)); err != nil {
				return err
			}
		}
		return nil
	})
	return guarded("write", d.path, len(list), err)
}

// insertUtterance writes an utterance, which is valid, within a transaction. One whose key is there
// already is left out.
func insertUtterance(ctx context.Context, tx *sql.Tx, u *Utterance, key string) error {
	if _, err := seen(ctx, tx, u.Room, u.Start); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO utterance (key, room, session, turn, participant, role, text, start_ms, end_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		key, u.Room, u.Session, int64(u.Turn), u.Participant, string(u.Role), u.Text, u.Start.UnixMilli(), u.End.UnixMilli()) // validated
	return err
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

// List calls each for the utterances chosen, oldest first, until it returns an error, which List
// returns. Errors: *Error, the context's.
func (d *DB) List(ctx context.Context, q Query, each func(Utterance) error) error {
	limit, since := int64(math.MaxInt64), int64(math.MinInt64)
	if q.Limit > 0 {
		limit = int64(q.Limit)
	}
	if !q.Since.IsZero() {
		since = q.Since.UnixMilli()
	}
	rows, err := d.db.QueryContext(ctx, `SELECT room, session, turn, participant, role, text, start_ms, end_ms FROM (
		SELECT * FROM utterance WHERE ($1 = '' OR room = $1) AND start_ms >= $2 ORDER BY start_ms DESC, id DESC LIMIT $3
	) newest ORDER BY start_ms, id`, q.Room, since, limit)
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
