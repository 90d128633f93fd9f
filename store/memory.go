package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
)

// Bounds of what is kept for a persona. Of active memories and of those in quarantine the gate
// keeps fewer; the rest is history and what was imported.
const (
	MaxMemories  = 8192
	maxForgotten = 65_536 // ids; the oldest of more go
)

// MemoryQuery chooses memories. What is empty chooses all.
type MemoryQuery struct {
	Persona, Room, Subject string
	Status                 memory.Status
	// ID chooses one.
	ID string
	// Limit is the most that is returned, the newest ones; 0 means all.
	Limit int
}

// memoryChosen is what a MemoryQuery asks for; Limit is none of it.
const memoryChosen = "($1 = '' OR persona = $1) AND ($2 = '' OR room = $2) AND ($3 = '' OR subject = $3) AND ($4 = '' OR status = $4) AND ($5 = '' OR id = $5)"

const memoryColumns = "id, persona, room, subject, kind, text, sources, speaker, trust, status, reason, count, ts_ms, updated_at, expires_at, ended_at, superseded_by"

// Memories returns the memories chosen, in the order in which they came in; none where an older
// program wrote the file. Retention never deletes them. Errors: *Error, the context's.
func (d *DB) Memories(ctx context.Context, q MemoryQuery) ([]memory.Memory, error) {
	if d.schema < 2 {
		return nil, nil
	}
	list, err := selectMemories(ctx, d.db, q)
	return list, fail("read", d.path, 0, err)
}

// querier is a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func selectMemories(ctx context.Context, from querier, q MemoryQuery) ([]memory.Memory, error) {
	limit := int64(math.MaxInt64)
	if q.Limit > 0 {
		limit = int64(q.Limit)
	}
	rows, err := from.QueryContext(ctx, "SELECT "+memoryColumns+" FROM (SELECT * FROM memory WHERE "+memoryChosen+" ORDER BY pos DESC LIMIT $6) newest ORDER BY pos",
		q.Persona, q.Room, q.Subject, string(q.Status), q.ID, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []memory.Memory
	for rows.Next() {
		m, err := scanMemory(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

// scanMemory reads a row of memoryColumns, and what stands behind them.
func scanMemory(rows *sql.Rows, behind ...any) (memory.Memory, error) {
	var m memory.Memory
	var sources, trust string
	var at, updated int64
	var expires, ended sql.NullInt64
	err := rows.Scan(append([]any{
		&m.ID, &m.Persona, &m.Room, &m.Subject, &m.Kind, &m.Text, &sources, &m.Speaker, &trust, &m.Status, &m.Reason, &m.Count,
		&at, &updated, &expires, &ended, &m.SupersededBy,
	}, behind...)...)
	if err != nil {
		return m, err
	}
	m.Created, m.Updated, m.Expires, m.Ended = stamp(at), stamp(updated), nullStamp(expires), nullStamp(ended)
	if err := errors.Join(json.Unmarshal([]byte(sources), &m.Sources), m.Trust.UnmarshalText([]byte(trust)), m.Check()); err != nil {
		return m, fmt.Errorf("%w: %w", memory.ErrInvalid, err)
	}
	return m, nil
}

func stamp(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func nullStamp(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return stamp(ms.Int64)
}

func nullMilli(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// ChangeMemories reads all memories of a persona, has decide say what is to change, and writes
// that, in one transaction: nobody changes them in between, also no other process. What was
// forgotten once is not written again. guard as in Append. It returns the memories as they are now.
// Errors: *Error, with ErrCrowded where there would be more than MaxMemories; an invalid memory
// wraps memory.ErrInvalid; those of decide, of guard and of the context are returned as they are.
func (d *DB) ChangeMemories(
	ctx context.Context, persona string, now time.Time, guard func() error, decide func([]memory.Memory) (memory.Change, error),
) ([]memory.Memory, error) {
	var after []memory.Memory
	most := 0 // memories, were none forgotten
	err := d.transact(ctx, guard, func(tx *sql.Tx) error {
		known, err := selectMemories(ctx, tx, MemoryQuery{Persona: persona})
		if err != nil {
			return err
		}
		change, err := decide(known)
		if err != nil {
			return refusedError{err}
		}
		if after, err = d.change(ctx, tx, persona, now, known, change); err != nil {
			return err
		}
		if most = len(after) + len(change.Forget); len(after) > MaxMemories && len(after) > len(known) {
			return &Error{Kind: ErrCrowded, Op: "write", Path: d.path}
		}
		return nil
	})
	if err != nil {
		return nil, guarded("change memories in", d.path, 0, err)
	}
	if len(after) < most {
		d.forgetting.tell()
		_ = d.erase(ctx) // Health says what was not: the memories are forgotten
	}
	return after, nil
}

// change writes a change within a transaction.
func (d *DB) change(
	ctx context.Context, tx *sql.Tx, persona string, now time.Time, known []memory.Memory, change memory.Change,
) ([]memory.Memory, error) {
	var put []memory.Memory
	for i := range change.Put {
		m := &change.Put[i]
		if err := m.Check(); err != nil {
			return nil, refusedError{err}
		}
		if m.Persona != persona {
			return nil, refusedError{fmt.Errorf("%w: persona", memory.ErrInvalid)}
		}
		gone, err := forgotten(ctx, tx, m.ID)
		if err != nil {
			return nil, err
		}
		if gone {
			continue
		}
		if err := putMemory(ctx, tx, m); err != nil {
			return nil, err
		}
		put = append(put, *m)
	}
	for _, f := range change.Forget {
		if _, err := forget(ctx, tx, persona, f, now); err != nil {
			return nil, err
		}
	}
	return memory.Change{Put: put, Forget: change.Forget}.Apply(known), nil
}

func forgotten(ctx context.Context, from asker, id string) (bool, error) {
	var n int
	err := from.QueryRowContext(ctx, "SELECT count(*) FROM memory_forgotten WHERE id = $1", id).Scan(&n)
	return n > 0, err
}

func putMemory(ctx context.Context, tx *sql.Tx, m *memory.Memory) error {
	row, err := memoryRow(m)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO memory ("+memoryColumns+", version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 1)"+
		` ON CONFLICT (id) DO UPDATE SET sources = excluded.sources, trust = excluded.trust, status = excluded.status, reason = excluded.reason,
		count = excluded.count, updated_at = excluded.updated_at, expires_at = excluded.expires_at, ended_at = excluded.ended_at,
		superseded_by = excluded.superseded_by, version = memory.version + 1`, row...)
	return err
}

// forget deletes a memory, whose text is overwritten in the file, and notes its id; not where it is
// not there.
func forget(ctx context.Context, tx *sql.Tx, persona string, f memory.Forgotten, now time.Time) (gone bool, err error) {
	n, err := affected(tx.ExecContext(ctx, "DELETE FROM memory WHERE id = $1 AND persona = $2", f.ID, persona))
	if err != nil || n == 0 {
		return false, err
	}
	if _, err = tx.ExecContext(ctx, `INSERT INTO memory_forgotten (id, persona, reason, ts_ms) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET persona = excluded.persona, reason = excluded.reason, ts_ms = excluded.ts_ms`,
		f.ID, persona, string(f.Reason), now.UnixMilli()); err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM memory_forgotten WHERE id IN (
		SELECT id FROM memory_forgotten ORDER BY ts_ms DESC, id LIMIT $1 OFFSET $2)`, int64(math.MaxInt64), maxForgotten)
	return true, err
}
