package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
)

// Pragma sets one on the only connection that the store has from now on.
func (d *DB) Pragma(ctx context.Context, text string) error {
	d.db.SetMaxOpenConns(1)
	_, err := d.db.ExecContext(ctx, "PRAGMA "+text)
	return err
}

// Patience sets how long the store waits for others that write, on its only connection from now on.
func (d *DB) Patience(ctx context.Context, wait time.Duration) error {
	if s, ok := d.on.(*server); ok {
		s.wait = wait
		return nil
	}
	return d.Pragma(ctx, fmt.Sprintf("busy_timeout = %d", wait.Milliseconds()))
}

// Whole reports whether SQLite finds the file whole. A server is not asked.
func (d *DB) Whole(ctx context.Context) (string, error) {
	if _, ok := d.on.(file); !ok {
		return "ok", nil
	}
	var verdict string
	err := d.db.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&verdict)
	return verdict, err
}

// BeforeCommit lets a retention call a function when it has deleted a piece and not committed it
// yet.
func (r *Retention) BeforeCommit(call func()) {
	r.remove = func(ctx context.Context, old Old, limit int, guard func() error) (int, error) {
		return r.cfg.DB.DeleteOld(ctx, old, limit, func() error {
			call()
			return guard()
		})
	}
}

// InUse returns how many connections have a transaction or rows open.
func (d *DB) InUse() int { return d.db.Stats().InUse }

// BeforeDelete lets a retention call a function before it deletes a piece, when it has its leases.
func (r *Retention) BeforeDelete(call func()) {
	r.remove = func(ctx context.Context, old Old, limit int, guard func() error) (int, error) {
		call()
		return r.cfg.DB.DeleteOld(ctx, old, limit, guard)
	}
}

// RemoveWith replaces the deletion of a piece: what is left of it is what guards the commit.
func (r *Retention) RemoveWith(remove func(guard func() error) (int, error)) {
	r.remove = func(_ context.Context, _ Old, _ int, guard func() error) (int, error) {
		return remove(guard)
	}
}

// NewWriterBefore is NewWriter that calls a function before it writes a batch, when it has its
// lease.
func NewWriterBefore(cfg WriterConfig, call func()) *Writer {
	w := newWriter(cfg, func(ctx context.Context, batch []entry, guard func() error) error {
		call()
		return cfg.DB.appendEntries(ctx, batch, guard)
	})
	w.start()
	return w
}

// NewHookedWriter is NewWriter that calls a function when it has written a batch and not committed
// it yet.
func NewHookedWriter(cfg WriterConfig, call func()) *Writer {
	w := newWriter(cfg, func(ctx context.Context, batch []entry, guard func() error) error {
		return cfg.DB.appendEntries(ctx, batch, func() error {
			call()
			return guard()
		})
	})
	w.start()
	return w
}

// NewWriterTo is NewWriter with another way to write a batch.
func NewWriterTo(cfg WriterConfig, write func([]Utterance) error) *Writer {
	w := newWriter(cfg, func(_ context.Context, batch []entry, guard func() error) error {
		var said []Utterance
		for _, e := range batch {
			said = append(said, *e.utterance)
		}
		if err := write(said); err != nil {
			return err
		}
		return guard()
	})
	w.start()
	return w
}

// NewRememberBefore is NewRemember that calls a function when it has decided and not committed yet.
func NewRememberBefore(cfg RememberConfig, call func()) *Remember {
	r := newRemember(cfg)
	r.before = call
	r.start()
	return r
}

// NewWriterAfter is NewWriter that calls a function when it has written a batch: its error is what
// the writer hears of it.
func NewWriterAfter(cfg WriterConfig, call func() error) *Writer {
	w := newWriter(cfg, func(ctx context.Context, batch []entry, guard func() error) error {
		if err := cfg.DB.appendEntries(ctx, batch, guard); err != nil {
			return err
		}
		return call()
	})
	w.start()
	return w
}

// Erase erases for a caller who goes first.
func Erase(ctx context.Context, d *DB, leave func()) error {
	leave()
	return d.erase(ctx)
}

// NewRememberLooking is NewRemember of whose prompts a memory says something, with another way to
// look whether that is still there.
func NewRememberLooking(cfg RememberConfig, look func() error) *Remember {
	r := newRemember(cfg)
	r.inside["m"] = true
	r.gone = func(context.Context) (bool, []memory.Memory, error) { return false, nil, look() }
	r.start()
	return r
}

// ErrInUse is that of a look that had no connection.
var ErrInUse = errInUse

// Gone looks whether one of the memories has gone.
func (d *DB) Gone(ctx context.Context, ids ...string) (bool, error) {
	inside := map[string]bool{}
	for _, id := range ids {
		inside[id] = true
	}
	gone, _, err := d.gone(ctx, inside, "iris")
	return gone, err
}

// Hold takes a connection.
func (d *DB) Hold(ctx context.Context) (*sql.Conn, error) { return d.db.Conn(ctx) }

// Connections is how many the store has at most.
const Connections = connections
