package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Old says which utterances, messages and turns are not to be kept. What is empty says nothing.
type Old struct {
	// Before is the time before which they ended.
	Before time.Time
	// Rows is how many of each are kept, the newest.
	Rows int
}

// empty tells whether there is nothing that can be deleted by it.
func (o Old) empty() bool { return o.Before.IsZero() && o.Rows == 0 || o.Rows < 0 }

// DeleteOld deletes at most limit of what is old, the oldest of each kind first, in one
// transaction, and returns how many. Rooms keep their handles, and memories are not touched. guard
// as in Append. Errors: ErrInvalid where nothing is called old; *Error, the context's, the guard's.
func (d *DB) DeleteOld(ctx context.Context, old Old, limit int, guard func() error) (deleted int, err error) {
	if old.empty() {
		return 0, fmt.Errorf("%w: nothing is called old: say before when, or how many rows stay", ErrInvalid)
	}
	err = d.transact(ctx, guard, func(tx *sql.Tx) error {
		deleted = 0
		for _, t := range tables() {
			if t.time == "" {
				continue
			}
			for _, by := range []func() (int, error){
				func() (int, error) { return t.deleteBefore(ctx, tx, old.Before, limit-deleted) },
				func() (int, error) { return t.deleteBeyond(ctx, tx, old.Rows, limit-deleted) },
			} {
				n, err := by()
				if err != nil {
					return err
				}
				deleted += n
			}
		}
		return nil
	})
	if err != nil {
		return 0, guarded("delete from", d.path, 0, err)
	}
	return deleted, nil
}

// deleteBefore deletes what ended before a time.
func (t table) deleteBefore(ctx context.Context, tx *sql.Tx, before time.Time, limit int) (int, error) {
	if before.IsZero() {
		return 0, nil
	}
	return affected(tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM %[1]s WHERE %[2]s IN (SELECT %[2]s FROM %[1]s WHERE %[3]s < $1 ORDER BY %[3]s, %[2]s LIMIT $2)",
		t.name, t.place, t.time), before.UnixMilli(), limit))
}

// deleteBeyond deletes what has as many behind it as are kept.
func (t table) deleteBeyond(ctx context.Context, tx *sql.Tx, rows, limit int) (int, error) {
	if rows == 0 {
		return 0, nil
	}
	var last int64
	err := tx.QueryRowContext(ctx, fmt.Sprintf("SELECT %[2]s FROM %[1]s ORDER BY %[2]s DESC LIMIT 1 OFFSET $1", t.name, t.place), rows).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return affected(tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM %[1]s WHERE %[2]s IN (SELECT %[2]s FROM %[1]s WHERE %[2]s <= $1 ORDER BY %[2]s LIMIT $2)",
		t.name, t.place), last, limit))
}

// affected is how many rows a statement concerned.
func affected(result sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err // a number of rows
}
