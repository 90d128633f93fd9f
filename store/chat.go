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
	// After is the id of a message: only those behind it. Behind is a Message.Pos: only those
	// behind that place, whether a message is there or not. Behind counts where both are said.
	After  string
	Behind int64
	// Limit is the most that is returned, 0 all of it; Bytes the most that their texts, what was
	// heard of them and whom they are for take together, though one message always goes, 0 any
	// number.
	Limit, Bytes int
	// Oldest has Limit and Bytes take the first messages, as they do behind a place; otherwise they
	// take the newest.
	Oldest bool
}

// newest tells whether what is chosen ends with the newest message.
func (q *ChatQuery) newest() bool {
	return (q.Limit > 0 || q.Bytes > 0) && !q.Oldest && q.After == "" && q.Behind == 0
}

// Bounds of ListChat: what it returns where nothing is said, and at most. ExportChat has none.
const (
	ListedByDefault = 100
	MaxListed       = 1000
)

// Between two pieces of an export nothing is held. A piece has so many messages at most, and so
// many bytes: a client that reads slowly keeps that much in memory.
const (
	exportPiece = 500
	exportBytes = 1 << 20
)

// ListChat returns messages in their order; none where an older program wrote the file. A limit
// that is 0 or larger than MaxListed is replaced. Errors: ErrNoRoom, ErrNoMessage, *Error, the
// context's.
func (d *DB) ListChat(ctx context.Context, q ChatQuery) (out []Message, err error) {
	switch {
	case q.Limit <= 0:
		q.Limit = ListedByDefault
	case q.Limit > MaxListed:
		q.Limit = MaxListed
	}
	out, _, err = d.ChatPage(ctx, q)
	return out, err
}

// ChatPage returns messages in their order, within the bounds of the query. next is what
// ChatQuery.Behind is for the page behind it, 0 where there is none. Errors: as ListChat.
func (d *DB) ChatPage(ctx context.Context, q ChatQuery) (out []Message, next int64, err error) {
	if d.schema < 3 {
		return nil, 0, nil
	}
	from, room, err := d.begin(ctx, &q)
	if err != nil {
		return nil, 0, err
	}
	p, err := d.piece(ctx, room, q.Since, from, &q)
	if err != nil || p.count == 0 {
		return nil, 0, err
	}
	if p.more && !q.newest() {
		next = p.last
	}
	out, err = d.messages(ctx, room, q.Since, p)
	return out, next, err
}

// ExportChat calls each for the messages chosen, in their order, until it returns an error, which
// ExportChat returns. What comes while it runs is exported too, in its place. It holds no lock
// while each runs. Bytes of the query are not regarded. Errors: as ListChat.
func (d *DB) ExportChat(ctx context.Context, q ChatQuery, each func(Message) error) error {
	if d.schema < 3 {
		return nil
	}
	q.Bytes = 0
	from, room, err := d.begin(ctx, &q)
	if err != nil {
		return err
	}
	left := math.MaxInt
	if q.Limit > 0 {
		left = q.Limit
	}
	if q.newest() {
		p, err := d.piece(ctx, room, q.Since, from, &q)
		if err != nil {
			return err
		}
		from = p.first - 1
	}
	for left > 0 {
		p, err := d.piece(ctx, room, q.Since, from, &ChatQuery{Oldest: true, Limit: min(left, exportPiece), Bytes: exportBytes})
		if err != nil || p.count == 0 {
			return err
		}
		list, err := d.messages(ctx, room, q.Since, p)
		if err != nil {
			return err
		}
		for _, m := range list {
			if err := each(m); err != nil {
				return err
			}
		}
		if !p.more {
			return nil
		}
		from, left = p.last, left-p.count
	}
	return nil
}

// begin finds the room of a query, and the place that it names: its messages are behind that.
func (d *DB) begin(ctx context.Context, q *ChatQuery) (from int64, room string, err error) {
	if q.Room != "" {
		r, err := d.Room(ctx, q.Room)
		if err != nil {
			return 0, "", err
		}
		room = r.Handle
	}
	if q.After == "" || q.Behind > 0 {
		return q.Behind, room, nil
	}
	m, err := d.one(ctx, d.db, "m.id = $1 AND ($2 = '' OR m.room = $2)", q.After, room)
	if errors.Is(err, ErrNoMessage) {
		err = fmt.Errorf("%w: %q, behind which others are asked for", err, q.After)
	}
	return m.Pos, room, d.unread(err)
}

// unread is fail, but for what is said of messages that are not there.
func (d *DB) unread(err error) error {
	if errors.Is(err, ErrNoMessage) {
		return err
	}
	return fail("read", d.path, 0, err)
}

// piece is messages that lie behind each other.
type piece struct {
	first, last int64 // their places
	count       int
	more        bool // there are others beyond
}

// piece measures how many messages behind a place are within the bounds of a query, without reading
// them.
func (d *DB) piece(ctx context.Context, room string, begin time.Time, from int64, q *ChatQuery) (p piece, err error) {
	// Nobody in particular is "[]". Lengths are read without what they are of.
	size, order, limit := "octet_length(text) + octet_length(recipients) - 2", "pos", math.MaxInt32
	if d.schema >= 4 {
		size += " + octet_length(heard)"
	}
	if q.newest() {
		order += " DESC"
	}
	if q.Limit > 0 {
		limit = q.Limit + 1
	}
	rows, err := d.db.QueryContext(ctx, "SELECT pos, "+size+` FROM chat
		WHERE ($1 = '' OR room = $1) AND ts_ms >= $2 AND pos > $3 ORDER BY `+order+" LIMIT $4", room, since(begin), from, limit)
	if err != nil {
		return p, fail("read", d.path, 0, err)
	}
	defer func() { _ = rows.Close() }()
	for bytes := 0; rows.Next(); p.count++ {
		var pos int64
		var n int
		if err := rows.Scan(&pos, &n); err != nil {
			return p, fail("read", d.path, 0, err)
		}
		bytes += n
		if p.count > 0 && (p.count == q.Limit || q.Bytes > 0 && bytes > q.Bytes) {
			p.more = true
			break
		}
		if p.count == 0 {
			p.first, p.last = pos, pos
		}
		p.first, p.last = min(p.first, pos), max(p.last, pos)
	}
	return p, fail("read", d.path, 0, rows.Err())
}

// messages reads a piece.
func (d *DB) messages(ctx context.Context, room string, begin time.Time, p piece) (out []Message, err error) {
	rows, err := d.db.QueryContext(ctx, "SELECT "+d.messageColumns()+` FROM chat m JOIN room r ON r.handle = m.room
		WHERE ($1 = '' OR m.room = $1) AND m.ts_ms >= $2 AND m.pos BETWEEN $3 AND $4 ORDER BY m.pos`, room, since(begin), p.first, p.last)
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
