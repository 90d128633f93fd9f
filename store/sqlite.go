package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// applicationID marks the file as ours in SQLite's header: "sens" in ASCII.
	applicationID = 0x73656e73
	// busyWait is how long a writer waits for another one: longer than a batch takes, shorter than
	// anybody's patience.
	busyWait = 5 * time.Second
	// ownerOnly are the rights on the file.
	ownerOnly = 0o600
)

// file is a store in a file of SQLite.
type file struct{ path string }

// openFile opens a file for writing and makes it where there is none.
func openFile(path string) (*DB, error) {
	if err := private(path); err != nil {
		return nil, fail("open", path, 0, err)
	}
	return sqliteAt(path, url.Values{"mode": {"rw"}}, "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(1)")
}

// private makes the file where there is none and takes everybody else's rights on it, and on the
// files of its journal, which SQLite makes with the same rights.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, ownerOnly)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode().Perm()&^ownerOnly == 0 {
			continue
		}
		if err == nil {
			err = os.Chmod(name, ownerOnly)
		}
		if err != nil {
			return &Error{Kind: ErrExposed, Op: "open", Path: path, Err: err}
		}
	}
	return nil
}

// readFile opens a file that is there for reading. The index of the journal has to be written even
// by those who only read, so that a file which nobody can be writing to is taken as one that does
// not change.
func readFile(path string) (*DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fail("open", path, 0, err)
	}
	if unwritable(path) {
		if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
			return nil, &Error{Kind: ErrJournal, Op: "open", Path: path}
		}
		return sqliteAt(path, url.Values{"mode": {"ro"}, "immutable": {"1"}}, "query_only(1)")
	}
	return sqliteAt(path, url.Values{"mode": {"rw"}}, "query_only(1)")
}

// unwritable reports whether this process may write neither the file nor its folder.
func unwritable(path string) bool {
	const write = 2 // W_OK of access(2)
	return syscall.Access(path, write) != nil && syscall.Access(filepath.Dir(path), write) != nil
}

func sqliteAt(path string, query url.Values, pragmas ...string) (*DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fail("open", path, 0, err)
	}
	query.Set("_txlock", "immediate")
	query.Add("_pragma", "busy_timeout("+strconv.FormatInt(busyWait.Milliseconds(), 10)+")")
	for _, p := range pragmas {
		query.Add("_pragma", p)
	}
	name := url.URL{Scheme: "file", Path: abs, RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, fail("open", path, 0, err)
	}
	return &DB{path: path, db: db, on: file{path}}, nil
}

// alone has nothing to do: a transaction that may write begins with the lock (_txlock).
func (file) alone(context.Context, *sql.Tx) error { return nil }

// bound is none: a disk answers, or the lock's own time ends.
func (file) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	return ctx, func() {}
}

// undone is what it is: SQLite rolls back a commit that fails.
func (file) undone(err error) error { return err }

// version is kept in the header of the file.
func (f file) version(ctx context.Context, from asker) (int, error) {
	var id, version, tables int
	for _, ask := range []struct {
		query string
		into  *int
	}{{"PRAGMA application_id", &id}, {"PRAGMA user_version", &version}, {"SELECT count(*) FROM sqlite_schema", &tables}} {
		if err := from.QueryRowContext(ctx, ask.query).Scan(ask.into); err != nil {
			return 0, err
		}
	}
	switch {
	case tables == 0:
		return 0, nil
	case id != applicationID || version < 1:
		return 0, &Error{Kind: ErrForeign, Op: "open", Path: f.path}
	case version > schemaVersion:
		return 0, newer("open", f.path, version)
	}
	return version, nil
}

func (file) asksVersion() string { return "PRAGMA user_version" }

// newer refuses a store of a newer program.
func newer(op, path string, version int) error {
	return &Error{Kind: ErrSchema, Op: op, Path: path, Err: fmt.Errorf("it has version %d, this program reads up to %d", version, schemaVersion)}
}

func (file) migrate(ctx context.Context, tx *sql.Tx, from int) error {
	statements := strings.Join(migrations()[from:], "")
	_, err := tx.ExecContext(ctx, statements+fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, schemaVersion))
	if err != nil {
		return err
	}
	return adopt(ctx, tx)
}

// scrub writes the journal into the file and empties it; the rows themselves are overwritten.
// Somebody who reads for longer than its patience keeps it from that: ErrBusy.
func (f file) scrub(ctx context.Context, db *sql.DB, patience time.Duration) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	var usual int64
	if err := conn.QueryRowContext(ctx, "PRAGMA busy_timeout").Scan(&usual); err != nil {
		return err
	}
	wait := func(ctx context.Context, ms int64) error {
		_, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", ms))
		return err
	}
	if err := wait(ctx, min(usual, patience.Milliseconds())); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, wait(context.WithoutCancel(ctx), usual)) }()
	var busy, pages, moved int
	if err := conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return &Error{Kind: ErrBusy, Op: "checkpoint", Path: f.path}
	}
	return nil
}

// lingers: a journal that nobody emptied outlasts who wrote it.
func (file) lingers() bool { return true }

func (file) software(ctx context.Context, db *sql.DB) (string, error) {
	var version string
	err := db.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version)
	return "SQLite " + version, err
}

// bytes are those of the file and of its journal.
func (f file) bytes(context.Context, *sql.DB) (int64, error) {
	info, err := os.Stat(f.path)
	if err != nil {
		return 0, err
	}
	n := info.Size()
	if info, err = os.Stat(f.path + "-wal"); err == nil {
		n += info.Size()
	}
	return n, nil
}

// compact gives nothing back where somebody reads: ErrBusy, and what was freed is in the journal.
func (f file) compact(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, "VACUUM"); err != nil {
		return err
	}
	return f.scrub(ctx, db, busyWait)
}

func (file) snapshot() *sql.TxOptions { return &sql.TxOptions{ReadOnly: true} }

// writing is as ever: nobody else writes from its beginning on (_txlock).
func (file) writing() *sql.TxOptions { return nil }

// last is what SQLite keeps of tables that never give a position twice. Where it keeps nothing, the
// rows that are there say it.
func (file) last(ctx context.Context, from asker, t table) (last int64, err error) {
	err = from.QueryRowContext(ctx, fmt.Sprintf("SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = '%[1]s'), 0), coalesce((SELECT max(%[2]s) FROM %[1]s), 0))", t.name, t.place)).Scan(&last)
	return last, err
}

// continues writes where SQLite counts from, for tables that never give a position twice.
func (file) continues(ctx context.Context, tx *sql.Tx, t table, last int64) error {
	n, err := affected(tx.ExecContext(ctx, "UPDATE sqlite_sequence SET seq = max(seq, $1) WHERE name = $2", last, t.name))
	if err != nil || n > 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO sqlite_sequence (name, seq) SELECT name, $1 FROM sqlite_schema WHERE name = $2 AND sql LIKE '%AUTOINCREMENT%'", last, t.name)
	return err
}
