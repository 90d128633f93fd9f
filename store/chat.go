package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// ChatQuery chooses messages. What is empty chooses all.
type ChatQuery struct {
	// Room is the handle or the name of a room.
	Room string
	// Since leaves out what came before.
	Since time.Time
	// After is the id of a message: only those behind it.
	After string
	// Limit is the most that is returned: the first behind After, else the newest; 0 means all.
	Limit int
}

// Bounds of ListChat: what it returns where nothing is said, and at most. ExportChat has none.
const (
	ListedByDefault = 100
	MaxListed       = 1000
)

// exportPiece is how many messages an export reads at once: between two pieces nothing is held.
const exportPiece = 500

// ListChat returns messages in their order; none where an older program wrote the file. A limit that
// is 0 or larger than MaxListed is replaced. Errors: ErrNoRoom, ErrNoMessage, *Error, the context's.
func (d *DB) ListChat(ctx context.Context, q ChatQuery) (out []Message, err error) {
	switch {
	case q.Limit <= 0:
		q.Limit = ListedByDefault
	case q.Limit > MaxListed:
		q.Limit = MaxListed
	}
	err = d.ExportChat(ctx, q, func(m Message) error {
		out = append(out, m)
		return nil
	})
	return out, err
}

// ExportChat calls each for the messages chosen, in their order, until it returns an error, which
// ExportChat returns. What comes while it runs is exported too, in its place. It holds no lock while
// each runs. Errors: as ListChat.
func (d *DB) ExportChat(ctx context.Context, q ChatQuery, each func(Message) error) error {
	if d.schema < 3 {
		return nil
	}
	from, room, err := d.begin(ctx, &q)
	if err != nil {
		return err
	}
	left := math.MaxInt
	if q.Limit > 0 {
		left = q.Limit
	}
	for left > 0 {
		piece, err := d.messages(ctx, room, q.Since, from, min(left, exportPiece))
		if err != nil {
			return err
		}
		for _, m := range piece {
			if err := each(m); err != nil {
				return err
			}
			from = m.Pos
		}
		if len(piece) < min(left, exportPiece) {
			return nil
		}
		left -= len(piece)
	}
	return nil
}

// begin finds the room of a query, and the place behind which its messages are.
func (d *DB) begin(ctx context.Context, q *ChatQuery) (from int64, room string, err error) {
	if q.Room != "" {
		r, err := d.Room(ctx, q.Room)
		if err != nil {
			return 0, "", err
		}
		room = r.Handle
	}
	switch {
	case q.After != "":
		m, err := d.one(ctx, d.db, "m.id = $1 AND ($2 = '' OR m.room = $2)", q.After, room)
		if errors.Is(err, ErrNoMessage) {
			err = fmt.Errorf("%w: %q, behind which others are asked for", err, q.After)
		}
		return m.Pos, room, d.unread(err)
	case q.Limit > 0: // the newest
		row := d.db.QueryRowContext(ctx, `SELECT coalesce(min(pos), 1) - 1 FROM (
			SELECT pos FROM chat WHERE ($1 = '' OR room = $1) AND ts_ms >= $2 ORDER BY pos DESC LIMIT $3) newest`, room, since(q.Since), q.Limit)
		err = row.Scan(&from)
	}
	return from, room, fail("read", d.path, 0, err)
}

// unread is fail, but for what is said of messages that are not there.
func (d *DB) unread(err error) error {
	if errors.Is(err, ErrNoMessage) {
		return err
	}
	return fail("read", d.path, 0, err)
}

// messages are at most so many behind a place.
func (d *DB) messages(ctx context.Context, room string, begin time.Time, from int64, limit int) (out []Message, err error) {
	rows, err := d.db.QueryContext(ctx, "SELECT "+d.messageColumns()+` FROM chat m JOIN room r ON r.handle = m.room
		WHERE ($1 = '' OR m.room = $1) AND m.ts_ms >= $2 AND m.pos > $3 ORDER BY m.pos LIMIT $4`, room, since(begin), from, limit)
	if err != nil {
		return nil, fail("read", d.path, 0, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		m, err := scanMessage(rows)
		if err != nil {
			return nil, fail("read", d.path, 0, err)
		}
		out = append(out, m)
	}
	return out, fail("read", d.path, 0, rows.Err())
}

func since(t time.Time) int64 {
	if t.IsZero() {
		return math.MinInt64
	}
	return t.UnixMilli()
}
