package store

import (
	"context"
	"errors"
	"fmt"
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

// MemoriesBehind is a page of the memories chosen, the oldest first: at most limit of those that came
// in behind a place, 0 for the beginning. next is the place of the last one, and 0 where there are no
// more. The Limit of q does not count. Errors as those of Memories.
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

// ForgetMemories deletes memories for good, those of a persona in one transaction, and returns the ids
// of those that were there. Errors as those of ChangeMemories.
func (d *DB) ForgetMemories(ctx context.Context, list []memory.Memory, now time.Time) ([]string, error) {
	of, ids := map[string][]memory.Forgotten{}, []string{}
	var personas []string // in the order in which they come
	for i := range list {
		m := &list[i]
		if of[m.Persona] == nil {
			personas = append(personas, m.Persona)
		}
		of[m.Persona] = append(of[m.Persona], memory.Forgotten{ID: m.ID, Reason: memory.ReasonForgotten})
	}
	for _, persona := range personas {
		_, err := d.ChangeMemories(ctx, persona, now, nil, func([]memory.Memory) (memory.Change, error) {
			return memory.Change{Forget: of[persona]}, nil
		})
		if err != nil {
			return ids, err
		}
	}
	for i := range list {
		ids = append(ids, list[i].ID)
	}
	return ids, nil
}

// PromoteMemory makes a memory an active one that somebody vouches for. Errors: memory.ErrUnknown,
// memory.ErrSuperseded and memory.ErrBudget, each with what to do, and those of ChangeMemories.
func (d *DB) PromoteMemory(ctx context.Context, id string, now time.Time) (memory.Memory, error) {
	m, err := d.Memory(ctx, id)
	if err != nil {
		return m, err
	}
	_, err = d.ChangeMemories(ctx, m.Persona, now, nil, func(known []memory.Memory) (memory.Change, error) {
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
	return d.Memory(ctx, id)
}
