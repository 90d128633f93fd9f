package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/store"
)

func TestFilesOfOtherProgramsAreForeign(t *testing.T) {
	dir := t.TempDir()
	for name, statements := range map[string]string{
		"a version, no id":      "CREATE TABLE cats (name TEXT); PRAGMA user_version = 1",
		"a version, another id": "CREATE TABLE cats (name TEXT); PRAGMA user_version = 1; PRAGMA application_id = 7",
		"our id, no version":    "CREATE TABLE cats (name TEXT); PRAGMA application_id = 1936027251",
	} {
		path := filepath.Join(dir, name+".db")
		execute(t, path, statements)
		check(t, "Open", path, store.ErrForeign, func() (*store.DB, error) { return store.Open(t.Context(), path) })
		check(t, "OpenReader", path, store.ErrForeign, func() (*store.DB, error) { return store.OpenReader(t.Context(), path) })
	}
	empty := filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	check(t, "OpenReader", empty, store.ErrForeign, func() (*store.DB, error) { return store.OpenReader(t.Context(), empty) })
}

// locked opens the store a second time and holds it locked, as another process that writes does,
// until release is called.
func locked(t *testing.T, db *store.DB) (release func()) {
	t.Helper()
	other, err := store.Open(t.Context(), db.Path())
	if err != nil {
		t.Fatal(err)
	}
	inside, goOn, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- other.Append(context.Background(), lines(90, 91), func() error {
			close(inside)
			<-goOn
			return errors.New("never mind")
		})
	}()
	<-inside
	return func() {
		close(goOn)
		if err := <-done; err == nil || !strings.Contains(err.Error(), "never mind") {
			t.Error(err)
		}
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAStoreThatAnotherProcessLocksIsBusy(t *testing.T) {
	db := open(t)
	if err := db.Patience(t.Context(), time.Millisecond); err != nil {
		t.Fatal(err)
	}
	release := locked(t, db)
	var typed *store.Error
	if err := db.Append(t.Context(), lines(0, 2), nil); !errors.Is(err, store.ErrBusy) || !errors.As(err, &typed) || typed.Rows != 2 {
		t.Errorf("got %v, want ErrBusy of 2 rows", err)
	}
	if h := db.Health(); !h.Degraded() || h.Failures != 1 || !strings.Contains(h.Reason, store.ErrBusy.Error()) {
		t.Errorf("%+v", h)
	}
	release()
	if err := db.Append(t.Context(), lines(0, 2), nil); err != nil {
		t.Error(err)
	}
	if h := db.Health(); h.Degraded() || h.Failures != 1 || h.Reason != "" {
		t.Errorf("%+v", h)
	}
}

func TestAWriterWaitsForAnotherProcess(t *testing.T) {
	db := open(t)
	release := locked(t, db)
	written := make(chan error, 1)
	go func() { written <- db.Append(t.Context(), lines(0, 2), nil) }()
	select {
	case err := <-written:
		t.Errorf("it did not wait: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	release()
	if err := next(t, written); err != nil {
		t.Error(err)
	}
}

func TestADamagedStoreIsCorrupt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "transcripts.db")
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Append(t.Context(), lines(0, 2000), nil), db.Close()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(data); i++ { // all but the first page, which holds the tables' names
		data[i] = 0xa5
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err = store.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	err = db.List(t.Context(), store.Query{}, func(store.Utterance) error { return nil })
	if !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("got %v", err)
	}
}

func TestErrorsNameFileAndRows(t *testing.T) {
	cause := errors.New("why")
	for _, c := range []struct {
		err  store.Error
		want string
	}{
		{store.Error{Kind: store.ErrFull, Op: "write", Path: "a.db", Rows: 3, Err: cause}, "write (3 rows) a.db: disk is full: why"},
		{store.Error{Kind: store.ErrFull, Op: "write", Path: "a.db", Rows: 1, Err: cause}, "write (1 rows) a.db: disk is full: why"},
		{store.Error{Kind: store.ErrFull, Op: "open", Path: "a.db"}, "open a.db: disk is full"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
		if !errors.Is(&c.err, store.ErrFull) || errors.Is(&c.err, cause) != (c.err.Err != nil) {
			t.Errorf("%v unwraps to the wrong things", c.want)
		}
		if slices.Contains(c.err.Unwrap(), nil) {
			t.Errorf("%v unwraps to nothing", c.want)
		}
	}
}

func TestUtterancesHaveBounds(t *testing.T) {
	db := open(t)
	longest := line(0, "lobby", "ada", strings.Repeat("x", store.MaxText))
	long := line(1, "lobby", "ada", strings.Repeat("x", store.MaxText+1))
	turn := line(2, "lobby", "ada", "x")
	turn.Turn = 1<<62 + 1
	instant := line(3, "lobby", "ada", "x")
	instant.End = instant.Start
	for name, c := range map[string]struct {
		u    store.Utterance
		want error
	}{"longest": {longest, nil}, "longer": {long, store.ErrInvalid}, "turn": {turn, store.ErrInvalid}, "instant": {instant, nil}} {
		if err := db.Append(t.Context(), []store.Utterance{c.u}, nil); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	before := began.Add(time.Second) // longest ended 0.75 s after the beginning
	if n, err := db.DeleteOld(t.Context(), store.Old{Before: before}, 10, nil); n != 1 || err != nil {
		t.Errorf("%d deleted, %v", n, err)
	}
}
