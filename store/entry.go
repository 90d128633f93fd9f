package store

import (
	"context"
	"database/sql"
	"time"
)

// entry is something that waits to be written: an utterance, a message, how far one has been
// spoken, or a turn.
type entry struct {
	utterance *Utterance
	key       string // of an utterance: by it the store knows one that is there already
	message   *Message
	spoken    *spoken
	turn      *Turn
}

// spoken is how far the message of an id has been spoken.
type spoken struct{ id, spoken, heard string }

func (e *entry) size() int {
	switch {
	case e.utterance != nil:
		return e.utterance.size()
	case e.message != nil:
		return e.message.size()
	case e.spoken != nil:
		const fields = 128
		return fields + len(e.spoken.heard)
	}
	const fields, persona = 512, 128 // of a turn: numbers, times, ids
	return fields + persona*(len(e.turn.Outcomes)+len(e.turn.Silences)+len(e.turn.Divergences))
}

// appendEntries writes entries, which are valid, in one transaction, in their order: all or none.
// What is there already is left out: a batch of which nobody knows whether it was written may be
// written again. guard and errors as those of Append.
func (d *DB) appendEntries(ctx context.Context, batch []entry, guard func() error) error {
	err := d.transact(ctx, guard, func(tx *sql.Tx) error {
		for i := range batch {
			if err := insert(ctx, tx, &batch[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return guarded("write", d.path, len(batch), err)
}

func insert(ctx context.Context, tx *sql.Tx, e *entry) error {
	handle := func(name string, at time.Time) (string, error) {
		r, err := seen(ctx, tx, name, at)
		return r.Handle, err
	}
	switch {
	case e.utterance != nil:
		return insertUtterance(ctx, tx, e.utterance, e.key)
	case e.message != nil:
		m := *e.message
		var err error
		if m.Room, err = handle(m.RoomName, m.At); err != nil {
			return err
		}
		_, err = insertMessage(ctx, tx, &m)
		return err
	case e.spoken != nil:
		return setSpoken(ctx, tx, e.spoken)
	}
	t := *e.turn
	var err error
	if t.Room, err = handle(t.RoomName, t.Begin); err != nil {
		return err
	}
	return insertTurn(ctx, tx, &t)
}
