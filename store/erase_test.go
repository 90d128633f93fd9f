package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/store"
)

// TestWhatIsForgottenIsErasedLater: while somebody reads the file, memories are forgotten, their
// text is left and the store says so, and no write fails for it; a run of the retention erases it
// then.
func TestWhatIsForgottenIsErasedLater(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "transcripts.db")
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	secret := remembered(0, "I like snowdrops")
	keep(t, db, secret)
	reads := reading(t, path)
	gone, err := db.ForgetAbout(t.Context(), store.MemoryQuery{Persona: secret.Persona, Subject: secret.Subject}, began, nil)
	if !errors.Is(err, store.ErrUnerased) || !slices.Equal(gone, []string{secret.ID}) || len(recalled(t, db, store.MemoryQuery{})) != 0 {
		t.Errorf("%q, %v", gone, err)
	}
	h := db.Health()
	since, problem := h.Problem()
	if h.Degraded() || since.IsZero() || !errors.Is(problem, store.ErrUnerased) || store.WhyOf(problem) != store.WhyLocked {
		t.Errorf("%+v", h)
	}
	tidy := store.NewRetention(store.RetentionConfig{DB: db, Broker: newBroker(t), Rows: 5})
	if _, err := tidy.Once(t.Context(), time.Now()); !errors.Is(err, store.ErrUnerased) || tidy.Stats().Failed != 1 {
		t.Errorf("a retention: %v, %+v", err, tidy.Stats())
	}
	if err := db.Append(t.Context(), lines(0, 1), nil); err != nil {
		t.Error(err)
	}
	if err := reads.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, err := tidy.Once(t.Context(), time.Now()); err != nil || !db.Health().Unerased.IsZero() || db.Health().UnerasedErr != nil {
		t.Errorf("%v, %+v", err, db.Health())
	}
	if found := onDisk(t, path, "snowdrops"); found != nil {
		t.Errorf("%s holds it", found)
	}
}

// reading is somebody who reads a file from now on, at this moment of it, and keeps it open behind
// that.
func reading(t *testing.T, path string) *sql.Tx {
	t.Helper()
	reader, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close() })
	reads, err := reader.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reads.QueryRowContext(t.Context(), "SELECT count(*) FROM memory").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return reads
}

// onDisk are those of a store's files that hold a text.
func onDisk(t *testing.T, path, text string) (found []string) {
	t.Helper()
	for _, name := range []string{path, path + "-wal"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), text) {
			found = append(found, name)
		}
	}
	return found
}

// abandoned is a store in which a process has forgotten something beside somebody who reads, and
// ended.
func abandoned(t *testing.T) (path string, reads *sql.Tx) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "transcripts.db")
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	secret := remembered(0, "I like snowdrops")
	keep(t, db, secret)
	reads = reading(t, path)
	if _, err := db.ForgetMemories(t.Context(), []string{secret.ID}, began, nil); !errors.Is(err, store.ErrUnerased) {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path, reads
}

// TestWhatAnotherProcessLeftIsErased by who opens the file for writing.
func TestWhatAnotherProcessLeftIsErased(t *testing.T) {
	t.Parallel()
	path, reads := abandoned(t)
	if err := reads.Rollback(); err != nil {
		t.Fatal(err)
	}
	if onDisk(t, path, "snowdrops") == nil {
		t.Fatal("it has gone before")
	}
	db := opened(t, path)
	if found := onDisk(t, path, "snowdrops"); found != nil || db.Health() != (store.Health{}) {
		t.Errorf("%q holds it, %+v", found, db.Health())
	}
}

// TestWhatAnotherProcessLeftIsErasedLater where somebody reads when the file is opened: by a run of
// a retention, which need not delete anything itself. Who does not know whether there is anything
// to be erased tells nobody that it is not.
func TestWhatAnotherProcessLeftIsErasedLater(t *testing.T) {
	t.Parallel()
	path, reads := abandoned(t)
	db := opened(t, path)
	tidy := store.NewRetention(store.RetentionConfig{DB: db, Broker: newBroker(t)})
	once := func() {
		t.Helper()
		if n, err := tidy.Once(t.Context(), time.Now()); n != 0 || err != nil || db.Health() != (store.Health{}) {
			t.Errorf("%d, %v, %+v", n, err, db.Health())
		}
	}
	if once(); onDisk(t, path, "snowdrops") == nil {
		t.Error("it was erased under somebody who reads it")
	}
	if err := reads.Rollback(); err != nil {
		t.Fatal(err)
	}
	if once(); onDisk(t, path, "snowdrops") != nil {
		t.Errorf("%q holds it", onDisk(t, path, "snowdrops"))
	}
}

// TestARunErasesWhatOthersLeft while this process had the file open all along.
func TestARunErasesWhatOthersLeft(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "transcripts.db")
	db := opened(t, path)
	secret := remembered(0, "I like snowdrops")
	keep(t, db, secret)
	reads := reading(t, path)
	other := opened(t, path)
	if _, err := other.ForgetMemories(t.Context(), []string{secret.ID}, began, nil); !errors.Is(err, store.ErrUnerased) {
		t.Fatal(err)
	}
	if err := errors.Join(other.Close(), reads.Rollback()); err != nil {
		t.Fatal(err)
	}
	tidy := store.NewRetention(store.RetentionConfig{DB: db, Broker: newBroker(t)})
	if _, err := tidy.Once(t.Context(), time.Now()); err != nil || onDisk(t, path, "snowdrops") != nil || tidy.Stats() != (store.RetentionStats{Runs: 1}) {
		t.Errorf("%v, %v, %+v", err, onDisk(t, path, "snowdrops"), tidy.Stats())
	}
}

// TestForgettingOutlastsItsCaller: who has it done goes as soon as it is committed, and it is
// erased.
func TestForgettingOutlastsItsCaller(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "transcripts.db")
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	keep(t, db, remembered(0, "I like snowdrops"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := store.Erase(ctx, db, cancel); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(path + "-wal"); err != nil || info.Size() != 0 {
		t.Errorf("%+v, %v", info, err)
	}
}

// TestForgettingAllAboutSomebody: what came meanwhile is among it, and nothing is where the guard
// says no, or where nobody is named.
func TestForgettingAllAboutSomebody(t *testing.T) {
	db := open(t)
	a, b := remembered(0, "I like tulips"), remembered(1, "I like roses")
	keep(t, db, a, b)
	about := store.MemoryQuery{Persona: a.Persona, Subject: a.Subject, Limit: 1}
	no := errors.New("the lease has ended")
	if ids, err := db.ForgetAbout(t.Context(), about, began, func() error { return no }); !errors.Is(err, no) || ids != nil {
		t.Errorf("%q, %v", ids, err)
	}
	if ids, err := db.ForgetAbout(t.Context(), store.MemoryQuery{Room: a.Room}, began, nil); !errors.Is(err, store.ErrInvalid) || ids != nil {
		t.Errorf("%q, %v", ids, err)
	}
	if got := recalled(t, db, store.MemoryQuery{}); len(got) != 2 {
		t.Errorf("%+v", got)
	}
	for _, want := range [][]string{{a.ID, b.ID}, {}} {
		if ids, err := db.ForgetAbout(t.Context(), about, began, nil); err != nil || !slices.Equal(ids, want) {
			t.Errorf("%q, %v", ids, err)
		}
	}
	keep(t, db, a) // it stays forgotten
	if got := recalled(t, db, store.MemoryQuery{}); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// TestAnImportThatFailsIsNoted, and adds each memory once, however often it stands in the list.
func TestAnImportThatFailsIsNoted(t *testing.T) {
	db := open(t)
	one := remembered(0, "I like tulips")
	if n, err := db.ImportMemories(t.Context(), []memory.Memory{one, one}, nil); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	no := errors.New("the lease has ended")
	if n, err := db.ImportMemories(t.Context(), []memory.Memory{remembered(1, "I like roses")}, func() error { return no }); n != 0 || !errors.Is(err, no) || db.Health().Degraded() {
		t.Errorf("%d, %v, %+v", n, err, db.Health())
	}
	execute(t, db.Path(), "DROP TABLE memory_forgotten")
	if _, err := db.ImportMemories(t.Context(), []memory.Memory{remembered(1, "I like roses")}, nil); !errors.Is(err, store.ErrIO) || !db.Health().Degraded() {
		t.Errorf("%v, %+v", err, db.Health())
	}
}

// TestRoomsOfMemories: one that the store has seen by its handle and its name, one that a memory
// names by that, and no other.
func TestRoomsOfMemories(t *testing.T) {
	db := open(t)
	m := remembered(0, "I like tulips")
	if _, err := db.ImportMemories(t.Context(), []memory.Memory{m}, nil); err != nil {
		t.Fatal(err)
	}
	attic, err := db.SeeRoom(t.Context(), "attic", began)
	if err != nil {
		t.Fatal(err)
	}
	for which, want := range map[string]string{attic.Handle: "attic", "attic": "attic", m.Room: m.Room} {
		if name, err := db.MemoryRoom(t.Context(), which); name != want || err != nil {
			t.Errorf("%s: %q, %v", which, name, err)
		}
	}
	if _, err := db.MemoryRoom(t.Context(), "cellar"); !errors.Is(err, store.ErrNoRoom) {
		t.Errorf("%v", err)
	}
}
