package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/store"
)

// TestAStoreWithoutItsTableFailsLoudly: every call says so, with the file, and says nothing was
// done.
func TestAStoreWithoutItsTableFailsLoudly(t *testing.T) {
	db := open(t)
	rows := map[string]int{"append": 1}
	execute(t, db.Path(), "DROP TABLE utterance; CREATE TABLE cats (name TEXT)")
	for name, call := range map[string]func() error{
		"append": func() error { return db.Append(t.Context(), lines(0, 1), nil) },
		"list": func() error {
			return db.List(t.Context(), store.Query{}, func(store.Utterance) error { return nil })
		},
		"delete": func() error {
			n, err := db.DeleteOld(t.Context(), store.Old{Before: began.Add(time.Hour)}, 10, nil)
			if n != 0 {
				t.Errorf("%d deleted", n)
			}
			return err
		},
	} {
		var typed *store.Error
		if err := call(); !errors.Is(err, store.ErrIO) || !errors.As(err, &typed) || typed.Path != db.Path() || typed.Rows != rows[name] {
			t.Errorf("%s: %v, want ErrIO that names the file", name, err)
		}
	}
}

// TestRowsThatAreNoneOfOursAreNotRead: a row that does not fit is an error, not a row of zeroes.
func TestRowsThatAreNoneOfOursAreNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "loose.db")
	execute(t, path, `CREATE TABLE utterance (id, room, session, turn, participant, role, text, start_ms, end_ms);
		INSERT INTO utterance VALUES (1, 'lobby', 's1', 'first', 'ada', 'human', 'hello', 0, 1);
		PRAGMA application_id = 1936027251; PRAGMA user_version = 1`)
	db, err := store.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	read := 0
	err = db.List(t.Context(), store.Query{}, func(store.Utterance) error { read++; return nil })
	var typed *store.Error
	if !errors.As(err, &typed) || read != 0 {
		t.Errorf("%d rows, %v", read, err)
	}
}

// TestAListThatIsCutShortSaysSo: rows that were not read are never taken for rows that are not
// there.
func TestAListThatIsCutShortSaysSo(t *testing.T) {
	db := open(t)
	if err := db.Append(t.Context(), lines(0, 2000), nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read := 0
	err := db.List(ctx, store.Query{}, func(store.Utterance) error {
		cancel()
		<-time.After(time.Millisecond) // the rows are closed behind our back, soon
		read++
		return nil
	})
	if !errors.Is(err, context.Canceled) || read == 2000 {
		t.Errorf("%d rows, %v", read, err)
	}
}

// TestWhatIsStoppedSaysWhoStoppedIt: a statement that is stopped because a lease was taken back
// fails
// with that reason, one that is stopped by the caller with the caller's.
func TestWhatIsStoppedSaysWhoStoppedIt(t *testing.T) {
	for name, c := range map[string]struct {
		pool  compute.Pool
		want  error
		stats store.RetentionStats
	}{
		"disk":       {disk(), compute.ErrRevoked, store.RetentionStats{Revoked: 1}},
		"background": {background(), compute.ErrRevoked, store.RetentionStats{Revoked: 1}},
		"caller":     {compute.Pool{}, context.Canceled, store.RetentionStats{}},
	} {
		t.Run(name, func(t *testing.T) {
			db, broker := open(t), newBroker(t)
			if err := db.Append(t.Context(), lines(0, 3), nil); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r := store.NewRetention(store.RetentionConfig{DB: db, Broker: broker, Keep: time.Minute})
			r.BeforeDelete(func() {
				if c.pool == (compute.Pool{}) {
					cancel()
				} else if relief, err := broker.Relieve(c.pool, 0.65); err != nil || len(relief.Ended) != 1 {
					t.Errorf("relief %+v, %v", relief, err)
				}
			})
			n, err := r.Once(ctx, began.Add(time.Hour))
			if n != 0 || !errors.Is(err, c.want) || errors.Is(err, compute.ErrRevoked) != errors.Is(c.want, compute.ErrRevoked) {
				t.Errorf("%d deleted, %v, want %v", n, err, c.want)
			}
			if st := r.Stats(); st != c.stats {
				t.Errorf("stats %+v, want %+v", st, c.stats)
			}
			if diff := cmp.Diff(lines(0, 3), list(t, db, store.Query{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestACommitThatFailsIsAnError: what was not written is never taken for written.
func TestACommitThatFailsIsAnError(t *testing.T) {
	db := open(t)
	if err := db.Append(t.Context(), lines(0, 1), nil); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func(ctx context.Context, guard func() error) error{
		"append": func(ctx context.Context, guard func() error) error { return db.Append(ctx, lines(1, 3), guard) },
		"delete": func(ctx context.Context, guard func() error) error {
			n, err := db.DeleteOld(ctx, store.Old{Before: began.Add(time.Hour)}, 10, guard)
			if n != 0 {
				t.Errorf("%d deleted", n)
			}
			return err
		},
	} {
		for _, undone := range []bool{false, true} {
			ctx, cancel := context.WithCancel(t.Context())
			err := call(ctx, func() error { // nothing is wrong up to the commit
				cancel()
				if undone {
					await(t, func() bool { return db.InUse() == 0 })
				}
				return nil
			})
			var typed *store.Error
			if !errors.Is(err, context.Canceled) || errors.As(err, &typed) {
				t.Errorf("%s, undone before %v: %v", name, undone, err)
			}
		}
	}
	if diff := cmp.Diff(lines(0, 1), list(t, db, store.Query{})); diff != "" {
		t.Error(diff)
	}
}

func TestABatchThatIsStoppedSaysThatItsLeaseWasTakenBack(t *testing.T) {
	db, broker := open(t), newBroker(t)
	struck := false
	reports := make(chan error, 8)
	cfg := store.WriterConfig{DB: db, Broker: broker, Linger: soon, Retry: soon, Report: func(err error) { reports <- err }}
	w := store.NewWriterBefore(cfg, func() {
		if struck {
			return
		}
		struck = true
		if relief, err := broker.Relieve(disk(), 0.99); err != nil || len(relief.Ended) != 1 {
			t.Errorf("relief %+v, %v", relief, err)
		}
	})
	put(t, w, lines(0, 4))
	if err := next(t, reports); !errors.Is(err, compute.ErrRevoked) || errors.Is(err, context.Canceled) {
		t.Errorf("reported %v, want ErrRevoked", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lines(0, 4), list(t, db, store.Query{})); diff != "" {
		t.Error(diff)
	}
}

// TestAFileThatCannotBeWrittenInAFolderThatCan: the index of the journal has its place, so that
// the
// newest rows are read too.
func TestAFileThatCannotBeWrittenInAFolderThatCan(t *testing.T) {
	onDiskOfItsOwn(t, func(t *testing.T, dir string) {
		mount(t, dir, "size=8m", 0)
		path := filepath.Join(dir, "transcripts.db")
		db, err := store.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if err := db.Append(t.Context(), lines(0, 3), nil); err != nil {
			t.Fatal(err)
		}
		for _, flags := range []uintptr{syscall.MS_BIND, syscall.MS_BIND | syscall.MS_REMOUNT | syscall.MS_RDONLY} {
			if err := syscall.Mount(path, path, "", flags, ""); err != nil {
				t.Fatalf("%s: %v", cannotMount, err)
			}
		}
		if f, err := os.OpenFile(path, os.O_RDWR, 0); !errors.Is(err, syscall.EROFS) {
			_ = f.Close()
			t.Fatalf("%s a file over itself: %v", cannotMount, err)
		}
		reader, err := store.OpenReader(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = reader.Close() }()
		if diff := cmp.Diff(lines(0, 3), list(t, reader, store.Query{})); diff != "" {
			t.Error(diff)
		}
	})
}
