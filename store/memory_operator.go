package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
)

// What somebody does by hand who looks after memories.

// Memory returns one memory. Errors: memory.ErrUnknown, *Error, the context's.
func (d *DB) Memory(ctx context.Context, id string) (memory.Memory, error) {
	if id == "" {
		return memory.Memory{}, fmt.Errorf("%q: %w", id, memory.ErrUnknown) // "" chooses all
	}
	list, err := d.Memories(ctx, MemoryQuery{ID: id})
	if err != nil {
		return memory.Memory{}, err
	}
	if len(list) == 0 {
		return memory.Memory{}, fmt.Errorf("%q: %w", id, memory.ErrUnknown)
	}
	return list[0], nil
}

// MemoriesBehind is a page of the memories chosen, the oldest first: at most limit of those that
// came in behind a place, 0 for the beginning. next is the place of the last one, and 0 where there
// are no more. The Limit of q does not count. Errors as those of Memories.
func (d *DB) MemoriesBehind(ctx context.Context, q MemoryQuery, behind int64, limit int) (page []memory.Memory, next int64, err error) {
	if d.schema < 2 || limit <= 0 {
		return nil, 0, nil
	}
	rows, err := d.db.QueryContext(ctx, "SELECT "+memoryColumns+", pos FROM memory WHERE "+memoryChosen+" AND pos > $6 ORDER BY pos LIMIT $7",
		q.Persona, q.Room, q.Subject, string(q.Status), q.ID, behind, int64(limit)+1)
	if err != nil {
		return nil, 0, fail("read", d.path, 0, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if len(page) == limit {
			return page, next, nil
		}
		m, err := scanMemory(rows, &next)
		if err != nil {
			return nil, 0, fail("read", d.path, 0, err)
		}
		page = append(page, m)
	}
	return page, 0, fail("read", d.path, 0, rows.Err())
}

// ForgetMemories deletes memories for good by their ids, in one transaction: all or, with an error,
// none. It returns the ids of those that it deleted, each once. guard as in Append. Errors:
// *MissingError, for the first id of which there is none; *Error, the context's, the guard's. With
// ErrUnerased the ids are returned, too: they are forgotten, and their text is erased later.
func (d *DB) ForgetMemories(ctx context.Context, ids []string, now time.Time, guard func() error) ([]string, error) {
	return d.forgetChosen(ctx, now, guard, func(tx *sql.Tx) (out []memory.Memory, err error) {
		for _, id := range ids {
			var one []memory.Memory
			if id != "" { // which would choose all
				if one, err = personasOf(ctx, tx, MemoryQuery{ID: id}); err != nil {
					return nil, err
				}
			}
			if len(one) == 0 {
				return nil, refusedError{&MissingError{ID: id}}
			}
			out = append(out, one...)
		}
		return out, nil
	})
}

// ForgetAbout deletes for good what a query chooses, Limit aside, as it is when nobody else writes,
// and returns the ids of what it deleted. guard as in Append. Errors: ErrInvalid where the query
// names no persona and no subject; those of ForgetMemories.
func (d *DB) ForgetAbout(ctx context.Context, q MemoryQuery, now time.Time, guard func() error) ([]string, error) {
	if q.Persona == "" && q.Subject == "" {
		return nil, fmt.Errorf("%w: all memories, of everybody: name a persona or a subject", ErrInvalid)
	}
	return d.forgetChosen(ctx, now, guard, func(tx *sql.Tx) ([]memory.Memory, error) { return personasOf(ctx, tx, q) })
}

// forgetChosen deletes what is chosen within its transaction.
func (d *DB) forgetChosen(ctx context.Context, now time.Time, guard func() error, choose func(*sql.Tx) ([]memory.Memory, error)) ([]string, error) {
	ids := []string{}
	err := d.transact(ctx, guard, func(tx *sql.Tx) error {
		list, err := choose(tx)
		if err != nil {
			return err
		}
		for i := range list {
			gone, err := forget(ctx, tx, list[i].Persona, memory.Forgotten{ID: list[i].ID, Reason: memory.ReasonForgotten}, now)
			if err != nil {
				return err
			}
			if gone {
				ids = append(ids, list[i].ID)
			}
		}
		return nil
	})
	if missing, ok := errors.AsType[*MissingError](err); ok {
		return nil, missing
	}
	if err != nil {
		return nil, guarded("forget memories in", d.path, 0, err)
	}
	if len(ids) == 0 {
		return ids, nil
	}
	d.forgetting.tell()
	return ids, d.erase(ctx)
}

// personasOf are the memories chosen with nothing but their ids and personas, so that one whose row
// is damaged can be forgotten, too.
func personasOf(ctx context.Context, from querier, q MemoryQuery) (out []memory.Memory, err error) {
	rows, err := from.QueryContext(ctx, "SELECT id, persona FROM memory WHERE "+memoryChosen+" ORDER BY pos",
		q.Persona, q.Room, q.Subject, string(q.Status), q.ID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var m memory.Memory
		if err := rows.Scan(&m.ID, &m.Persona); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

// MemoryRoom is the name of a room that is called by its handle or its name: one that the store has
// seen, or that a memory names. Errors: ErrNoRoom, *Error, the context's.
func (d *DB) MemoryRoom(ctx context.Context, which string) (string, error) {
	r, err := d.Room(ctx, which)
	if !errors.Is(err, ErrNoRoom) || d.schema < 2 {
		return r.Name, err
	}
	var n int
	if err := d.db.QueryRowContext(ctx, "SELECT count(*) FROM memory WHERE room = $1", which).Scan(&n); err != nil {
		return "", fail("read", d.path, 0, err)
	}
	if n == 0 {
		return "", err
	}
	return which, nil
}

// PromoteMemory makes a memory an active one that somebody vouches for. Errors: memory.ErrUnknown,
// memory.ErrSuperseded and memory.ErrBudget, each with what to do, and those of ChangeMemories.
// guard as in Append.
func (d *DB) PromoteMemory(ctx context.Context, id string, now time.Time, guard func() error) (memory.Memory, error) {
	m, err := d.Memory(ctx, id)
	if err != nil {
		return m, err
	}
	after, err := d.ChangeMemories(ctx, m.Persona, now, guard, func(known []memory.Memory) (memory.Change, error) {
		return memory.Promote(known, m.ID, now, 0)
	})
	switch {
	case errors.Is(err, memory.ErrSuperseded):
		return m, fmt.Errorf("%s: %w: forget %s first", m.ID, err, m.SupersededBy)
	case errors.Is(err, memory.ErrBudget):
		return m, fmt.Errorf("%s: %w about %s: forget one first", m.ID, err, m.Subject)
	case err != nil:
		return m, err
	}
	if i := slices.IndexFunc(after, func(m memory.Memory) bool { return m.ID == id }); i >= 0 {
		return after[i], nil
	}
	return m, fmt.Errorf("%q: %w", id, memory.ErrUnknown)
}
