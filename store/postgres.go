package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// dialWait is how long a server may take to answer at first, where its address says nothing
	// else.
	dialWait = 5 * time.Second
	// answerWait is how long a transaction may take: less than the lease under which it runs.
	answerWait = 20 * time.Second
)

// server is a store in a database of a PostgreSQL server: the first schema of the search path.
type server struct {
	name string        // address without a password
	wait time.Duration // for others that write
}

// onServerAt tells whether a place is the address of a PostgreSQL database.
func onServerAt(place string) bool {
	return strings.HasPrefix(place, "postgres://") || strings.HasPrefix(place, "postgresql://")
}

// dial takes an address as it is: what PostgreSQL's own programs take, PGPASSWORD and .pgpass
// included. Nothing that is wrong with it is repeated: it may be a part of a password.
func dial(address string, write bool) (*DB, error) {
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("%w: write postgres://USER:PASSWORD@HOST:PORT/DATABASE, and %%40 for an @ in the password", ErrPlace)
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = dialWait
	}
	cfg.RuntimeParams["client_encoding"] = "UTF8"
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "sensory-agent"
	}
	if !write {
		cfg.RuntimeParams["default_transaction_read_only"] = "on"
	}
	name := shown(&cfg.Config)
	return &DB{path: name, db: stdlib.OpenDB(*cfg), on: &server{name: name, wait: busyWait}}, nil
}

// shown is the address as people may see it.
func shown(cfg *pgconn.Config) string {
	u := url.URL{Scheme: "postgres", Path: "/" + cfg.Database, User: url.User(cfg.User)}
	query := url.Values{}
	if port := strconv.Itoa(int(cfg.Port)); strings.HasPrefix(cfg.Host, "/") {
		query.Set("host", cfg.Host)
		query.Set("port", port)
	} else {
		u.Host = net.JoinHostPort(cfg.Host, port)
	}
	if path := cfg.RuntimeParams["search_path"]; path != "" {
		query.Set("search_path", path)
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// alone takes the lock of those who write this store, so that what holds of a file holds here: rows
// become visible in the order of their positions, and nobody changes what was read before it is
// written. A server that would acknowledge what is not on its disk yet is told not to.
func (s *server) alone(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `SELECT set_config('lock_timeout', $1, true),
		set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true),
		pg_advisory_xact_lock($2, hashtext(current_schema()))`, strconv.FormatInt(s.wait.Milliseconds(), 10), applicationID)
	return err
}

func (s *server) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, answerWait, errSilent)
}

// undone tells a commit that was refused from one of which nobody knows what it came to. What pgx
// calls safe to retry is not: it says so of a connection that it finds closed when it reads the
// answer.
func (s *server) undone(err error) error {
	var said *pgconn.PgError
	switch {
	case err == nil, errors.Is(err, sql.ErrTxDone), errors.Is(err, pgx.ErrTxCommitRollback):
		return err
	case errors.As(err, &said) && said.SeverityUnlocalized == "ERROR":
		return err
	case err == context.Canceled || err == context.DeadlineExceeded: //nolint:errorlint // as they are: before anything was sent
		return err
	}
	return uncertainError{err}
}

// version is in a table of its own.
func (s *server) version(ctx context.Context, from asker) (int, error) {
	var schema, encoding sql.NullString
	var marks, tables int
	err := from.QueryRowContext(ctx, `SELECT current_schema(), current_setting('server_encoding'),
		count(c.relname) FILTER (WHERE c.relname = 'sensory_agent_store'), count(c.relname)
		FROM pg_catalog.pg_namespace n LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
			AND c.relname IN ('sensory_agent_store', 'utterance', 'memory', 'memory_forgotten', 'room', 'chat', 'turn')
		WHERE n.nspname = current_schema()`).Scan(&schema, &encoding, &marks, &tables)
	switch {
	case err != nil:
		return 0, err
	case !schema.Valid:
		return 0, &Error{Kind: ErrMissing, Op: "open", Path: s.name, Err: errors.New("the search path names no schema that is there")}
	case encoding.String != "UTF8":
		return 0, &Error{Kind: ErrForeign, Op: "open", Path: s.name, Err: fmt.Errorf("its encoding is %s; make a database with ENCODING 'UTF8'", encoding.String)}
	case tables == 0:
		return 0, nil
	case marks == 0:
		return 0, &Error{Kind: ErrForeign, Op: "open", Path: s.name, Err: fmt.Errorf("schema %s has tables with the names of ours", schema.String)}
	}
	var version int
	if err := from.QueryRowContext(ctx, s.asksVersion()).Scan(&version); err != nil {
		return 0, err
	}
	switch {
	case version > schemaVersion:
		return 0, newer("open", s.name, version)
	case version < firstOnServer:
		return 0, &Error{Kind: ErrForeign, Op: "open", Path: s.name, Err: fmt.Errorf("it has version %d, which there never was", version)}
	}
	return version, nil
}

func (*server) asksVersion() string { return "SELECT version FROM sensory_agent_store" }

func (s *server) migrate(ctx context.Context, tx *sql.Tx, from int) error {
	done := max(from-firstOnServer+1, 0)
	// One text without values goes as it is: the server takes its statements one after the other.
	if _, err := tx.ExecContext(ctx, strings.Join(serverMigrations()[done:], "")); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "UPDATE sensory_agent_store SET version = $1", schemaVersion)
	return err
}

// scrub has the space of deleted rows used again; their bytes stay on the server's disk until then,
// and in its journal and backups.
func (s *server) scrub(ctx context.Context, db *sql.DB, _ time.Duration) error {
	_, err := db.ExecContext(ctx, "VACUUM memory") // where we may not, it warns, and does it itself later
	return err
}

// lingers: a server sees to it by itself.
func (*server) lingers() bool { return false }

func (s *server) software(ctx context.Context, db *sql.DB) (string, error) {
	var version string
	err := db.QueryRowContext(ctx, "SELECT current_setting('server_version')").Scan(&version)
	number, _, _ := strings.Cut(version, " ")
	return "PostgreSQL " + number, err
}

func (s *server) bytes(ctx context.Context, db *sql.DB) (n int64, err error) {
	err = db.QueryRowContext(ctx, `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_catalog.pg_class c
		JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r'
		AND c.relname IN ('sensory_agent_store', 'utterance', 'memory', 'memory_forgotten', 'room', 'chat', 'turn')`).Scan(&n)
	return n, err
}

func (s *server) compact(ctx context.Context, db *sql.DB) error {
	for _, t := range tables() {
		if _, err := db.ExecContext(ctx, "VACUUM (FULL, ANALYZE) "+t.name); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) snapshot() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}

// writing sees what was written before it had the lock: each statement reads anew.
func (s *server) writing() *sql.TxOptions { return &sql.TxOptions{Isolation: sql.LevelReadCommitted} }

// last is what the sequence has given, or what somebody gave past it. Who may read tables only, as
// for a backup, is not told what the sequence has given: for them it is what the rows that are
// there say.
func (s *server) last(ctx context.Context, from asker, t table) (last int64, err error) {
	err = from.QueryRowContext(ctx, fmt.Sprintf(`SELECT greatest(
		CASE WHEN has_sequence_privilege(sequence, 'SELECT, USAGE') THEN coalesce(pg_sequence_last_value(sequence), 0) ELSE 0 END,
		coalesce((SELECT max(%[2]s) FROM %[1]s), 0))
		FROM (SELECT pg_get_serial_sequence('%[1]s', '%[2]s')::regclass AS sequence) of`, t.name, t.place)).Scan(&last)
	return last, err
}

func (s *server) continues(ctx context.Context, tx *sql.Tx, t table, last int64) error {
	_, err := tx.ExecContext(ctx, `SELECT setval(sequence, $3) FROM (SELECT pg_get_serial_sequence($1, $2)::regclass AS sequence) of
		WHERE coalesce(pg_sequence_last_value(sequence), 0) < $3`, t.name, t.place, last)
	return err
}
