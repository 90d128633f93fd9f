package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/internal/testpostgres"
	"github.com/sensory-agent/sensory-agent/store"
)

func TestMain(m *testing.M) {
	if job := os.Getenv(childJob); job != "" {
		os.Exit(child(job))
	}
	goleak.VerifyTestMain(m)
}

// began is when the tests' conversations begin.
var began = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) // a constant

func line(n int, room, who, text string) store.Utterance {
	role := store.Human
	if who == "iris" {
		role = store.Persona
	}
	at := began.Add(time.Duration(n) * time.Second)
	return store.Utterance{
		Room: room, Session: "s1", Turn: uint64(1 + n/2), Participant: who, Role: role, Text: text, Start: at, End: at.Add(750 * time.Millisecond),
	}
}

func lines(from, to int) []store.Utterance {
	var out []store.Utterance
	for n := from; n < to; n++ {
		out = append(out, line(n, "lobby", "ada", fmt.Sprintf("sentence %d", n)))
	}
	return out
}

// onServer holds the address of a PostgreSQL server where the tests are to keep their stores: see
// TestTheSameOnPostgreSQL.
const onServer = "STORE_TEST_SERVER"

// place is where nothing is kept yet: a file, or a schema of the server.
func place(t testing.TB) string {
	t.Helper()
	if address := os.Getenv(onServer); address != "" {
		return testpostgres.Schema(t, address)
	}
	return filepath.Join(t.TempDir(), "transcripts.db")
}

// execute does something to a store behind its back.
func execute(t testing.TB, place, statement string) {
	t.Helper()
	driver := "sqlite"
	if strings.HasPrefix(place, "postgres:") {
		driver = "pgx"
		statement = strings.TrimPrefix(statement, foreignOff)
	}
	db, err := sql.Open(driver, place)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), statement)
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// foreignOff is what SQLite needs before tables go to which others refer.
const foreignOff = "PRAGMA foreign_keys = OFF; "

func open(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), place(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func list(t testing.TB, db *store.DB, q store.Query) []store.Utterance {
	t.Helper()
	var out []store.Utterance
	err := db.List(t.Context(), q, func(u store.Utterance) error {
		out = append(out, u)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// newBroker has a disk and room for background work, and nothing else.
func newBroker(t testing.TB) *compute.Broker {
	t.Helper()
	b, err := compute.NewBroker(compute.Config{Budgets: []compute.Budget{
		{Pool: disk(), Slots: 8, Units: 100}, {Pool: background(), Slots: 1, Units: 100},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if held := b.Snapshot().Leases; len(held) != 0 {
			t.Errorf("leases held at the end: %+v", held)
		}
	})
	return b
}

func disk() compute.Pool       { return compute.Pool{Silicon: compute.SiliconDisk} }
func background() compute.Pool { return compute.Pool{Silicon: compute.SiliconBackground} }
