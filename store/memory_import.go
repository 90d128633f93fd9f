package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
)

// importedAtOnce is how many memories one statement adds: 18 values each, of 32766 that SQLite
// takes.
const importedAtOnce = 256

// ImportMemories adds memories, of any personas, in one transaction: all or none. Those that are
// there already stay as they are; those that were forgotten come back, for somebody asked for it.
// It may take as long as ctx and the guard's lease allow, also on a server. guard as in Append. It
// returns how many were added. Errors as those of ChangeMemories.
func (d *DB) ImportMemories(ctx context.Context, list []memory.Memory, guard func() error) (added int, err error) {
	err = d.transactLong(ctx, guard, func(tx *sql.Tx) error {
		for i := range list {
			if err := list[i].Check(); err != nil {
				return refusedError{err}
			}
		}
		for rest := list; len(rest) > 0; {
			now := rest[:min(len(rest), importedAtOnce)]
			rest = rest[len(now):]
			n, err := importSome(ctx, tx, now)
			if err != nil {
				return err
			}
			added += n
		}
		return d.uncrowded(ctx, tx)
	})
	if err != nil {
		return 0, guarded("import memories into", d.path, 0, err)
	}
	return added, nil
}

// importSome adds those of a piece that are not there.
func importSome(ctx context.Context, tx *sql.Tx, list []memory.Memory) (int, error) {
	var ids, rows []string
	var names, values []any
	for i := range list {
		names = append(names, list[i].ID)
		ids = append(ids, fmt.Sprintf("$%d", len(names)))
		row, err := memoryRow(&list[i])
		if err != nil {
			return 0, err
		}
		var places []string
		for _, v := range row {
			values = append(values, v)
			places = append(places, fmt.Sprintf("$%d", len(values)))
		}
		rows = append(rows, "("+strings.Join(places, ", ")+", 1)")
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM memory_forgotten WHERE id IN ("+strings.Join(ids, ", ")+")", names...); err != nil {
		return 0, err
	}
	return affected(tx.ExecContext(ctx, "INSERT INTO memory ("+memoryColumns+", version) VALUES "+strings.Join(rows, ", ")+
		" ON CONFLICT (id) DO NOTHING", values...))
}

// memoryRow is a memory as memoryColumns have it.
func memoryRow(m *memory.Memory) ([]any, error) {
	sources, err := json.Marshal(m.Sources)
	if err != nil {
		return nil, err
	}
	return []any{
		m.ID, m.Persona, m.Room, m.Subject, string(m.Kind), m.Text, string(sources), m.Speaker, m.Trust.String(), string(m.Status), string(m.Reason),
		m.Count, m.Created.UnixMilli(), m.Updated.UnixMilli(), nullMilli(m.Expires), nullMilli(m.Ended), m.SupersededBy,
	}, nil
}

// uncrowded tells whether no persona has too many memories.
func (d *DB) uncrowded(ctx context.Context, from asker) error {
	var most int
	if err := from.QueryRowContext(ctx, "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM memory GROUP BY persona) each").Scan(&most); err != nil {
		return err
	}
	if most > MaxMemories {
		return &Error{Kind: ErrCrowded, Op: "write", Path: d.path}
	}
	return nil
}
