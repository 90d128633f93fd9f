package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/internal/testpostgres"
	"github.com/sensory-agent/sensory-agent/store"
)

// contents is all that a store holds.
type contents struct {
	Said     []store.Utterance
	Chat     []store.Message
	Rooms    []store.Room
	Turns    []store.Turn
	Memories []memory.Memory
}

func contentsOf(t *testing.T, place string) (c contents) {
	t.Helper()
	db, err := store.OpenReader(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	c.Said, c.Chat, c.Memories = list(t, db, store.Query{}), exported(t, db, store.ChatQuery{}), recalled(t, db, store.MemoryQuery{})
	if c.Rooms, err = db.Rooms(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Turns(t.Context(), store.TurnQuery{}, func(u store.Turn) error { c.Turns = append(c.Turns, u); return nil }); err != nil {
		t.Fatal(err)
	}
	return c
}

// filled makes a store with something of everything, of which some was deleted.
func filled(t *testing.T, at string) contents {
	t.Helper()
	db, err := store.Open(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	w := store.NewWriter(store.WriterConfig{DB: db, Broker: newBroker(t), Linger: soon})
	put(t, w, lines(0, 20))
	if err := errors.Join(w.PutTurn(turnOf(1, "lobby")), w.PutTurn(turnOf(5, "attic")), w.Close()); err != nil {
		t.Fatal(err)
	}
	first := letter(3, "attic", "ada", "“quoted”\nand — broken; DROP TABLE chat")
	first.Key, first.To = "k1", []string{"iris", "max"}
	kept := add(t, db, letter(0, "lobby", "ada", "old"), first)
	reply := letter(4, "attic", "iris", "Yes.")
	reply.Role, reply.ReplyTo, reply.Spoken, reply.Heard = store.Persona, kept[1].ID, "interrupted", "Ye"
	add(t, db, reply)
	keep(t, db, remembered(0, "I like tulips"), remembered(1, "I like roses"))
	if n, err := db.DeleteOld(t.Context(), store.Old{Before: began.Add(3 * time.Second)}, 100, nil); n < 3 || err != nil {
		t.Fatal(n, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return contentsOf(t, at)
}

// TestABackupIsTheStoreOfOneMoment while somebody writes on.
func TestABackupIsTheStoreOfOneMoment(t *testing.T) {
	at := place(t)
	want := filled(t, at)
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := store.Backup(t.Context(), at, backup); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, contentsOf(t, backup)); diff != "" {
		t.Error(diff)
	}
	if info, err := os.Stat(backup); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(filepath.Dir(backup)); err != nil || len(left) > 3 { // the reader has made an empty journal
		t.Errorf("%v, %v", left, err)
	}
	var typed *store.Error
	if err := store.Backup(t.Context(), at, backup); !errors.Is(err, store.ErrExists) || !errors.As(err, &typed) || typed.Path != backup {
		t.Errorf("over another one: %v", err)
	}
	if err := store.Backup(t.Context(), at, filepath.Join(backup+".none", "x.db")); !errors.Is(err, store.ErrMissing) {
		t.Errorf("into no folder: %v", err)
	}
	if err := store.Backup(t.Context(), filepath.Join(t.TempDir(), "none.db"), backup+"2"); !errors.Is(err, store.ErrMissing) {
		t.Errorf("of nothing: %v", err)
	}
	db, err := store.Open(t.Context(), backup) // it is a store like any other
	if err != nil {
		t.Fatal(err)
	}
	add(t, db, letter(9, "lobby", "ada", "goes on"))
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// TestBackupsWhileSomebodyWrites hold batches whole.
func TestBackupsWhileSomebodyWrites(t *testing.T) {
	db := open(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		for n := 0; ctx.Err() == nil; n += 3 {
			if err := db.Append(context.WithoutCancel(ctx), lines(n, n+3), nil); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for n := range 3 {
		await(t, func() bool { return len(list(t, db, store.Query{Limit: 30 * (n + 1)})) == 30*(n+1) })
		path := filepath.Join(t.TempDir(), fmt.Sprint(n, ".db"))
		if err := store.Backup(t.Context(), db.Path(), path); err != nil {
			t.Fatal(err)
		}
		if got := contentsOf(t, path).Said; len(got) < 30*(n+1) || len(got)%3 != 0 || cmp.Diff(lines(0, len(got)), got) != "" {
			t.Errorf("%d rows", len(got))
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestCompactGivesBackWhatWasDeleted and nothing else.
func TestCompactGivesBackWhatWasDeleted(t *testing.T) {
	at := place(t)
	want := filled(t, at)
	db, err := store.Open(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	m := letter(1, "lobby", "ada", strings.Repeat("x y", store.MaxMessage/3))
	for range 60 {
		add(t, db, m)
	}
	if n, err := db.DeleteOld(t.Context(), store.Old{Before: began.Add(2 * time.Second)}, 100, nil); n != 60 || err != nil {
		t.Fatal(n, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := store.Inspect(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Compact(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	after, err := store.Inspect(t.Context(), at)
	if err != nil || after.Bytes >= before.Bytes {
		t.Errorf("%d bytes before, %d after, %v", before.Bytes, after.Bytes, err)
	}
	if diff := cmp.Diff(want, contentsOf(t, at)); diff != "" {
		t.Error(diff)
	}
	if err := store.Compact(t.Context(), filepath.Join(t.TempDir(), "none.db")); !errors.Is(err, store.ErrMissing) {
		t.Errorf("nothing: %v", err)
	}
}

// TestCopyRefusesWhatIsNotEmptyAndWhatIsOld.
func TestCopyRefusesWhatIsNotEmptyAndWhatIsOld(t *testing.T) {
	at, other := place(t), place(t)
	want := filled(t, at)
	if err := store.Copy(t.Context(), at, other); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, contentsOf(t, other)); diff != "" {
		t.Error(diff)
	}
	var typed *store.Error
	if err := store.Copy(t.Context(), at, other); !errors.Is(err, store.ErrNotEmpty) || !errors.As(err, &typed) || typed.Op != "copy into" {
		t.Errorf("again: %v", err)
	}
	aged := old(t, "version3.db")
	if err := store.Copy(t.Context(), aged, place(t)); !errors.Is(err, store.ErrOld) {
		t.Errorf("an old one: %v", err)
	}
	if err := store.Compact(t.Context(), aged); err != nil {
		t.Fatal(err)
	}
	if err := store.Copy(t.Context(), aged, place(t)); err != nil {
		t.Errorf("brought up: %v", err)
	}
}

// TestPositionsAreNeverGivenAgain: what was given to rows that are gone is behind what a copy
// gives, and a copy of that.
func TestPositionsAreNeverGivenAgain(t *testing.T) {
	places := []string{place(t), filepath.Join(t.TempDir(), "second.db"), place(t), filepath.Join(t.TempDir(), "last.db")}
	db := opened(t, places[0])
	last := add(t, db, letter(0, "lobby", "ada", "kept"), letter(1, "lobby", "ada", "goes"), letter(2, "lobby", "ada", "goes too"))[2].Pos
	m := remembered(0, "I like tulips")
	keep(t, db, m)
	if _, err := db.ForgetMemories(t.Context(), []string{m.ID}, began, nil); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(places); i++ {
		execute(t, places[i-1], fmt.Sprintf("DELETE FROM chat WHERE pos > %d", last-2))
		if err := store.Copy(t.Context(), places[i-1], places[i]); err != nil {
			t.Fatal(err)
		}
		db := opened(t, places[i])
		next := add(t, db, letter(3, "lobby", "ada", "new"))[0].Pos
		if next <= last {
			t.Errorf("copy %d: position %d was given before; the last was %d", i, next, last)
		}
		last = next
		keep(t, db, remembered(i, "I like roses"))
		if page, _, err := db.MemoriesBehind(t.Context(), store.MemoryQuery{}, int64(i), 5); err != nil || len(page) != 1 {
			t.Errorf("copy %d: a position of memories was given again: %+v, %v", i, page, err)
		}
		execute(t, places[i], "DELETE FROM memory")
		if verdict, err := db.Whole(t.Context()); verdict != "ok" || err != nil {
			t.Errorf("the file is %s, %v", verdict, err)
		}
	}
}

// TestCompactSaysWhereNothingIsGivenBack: somebody reads, so that the file stays as long as it was.
func TestCompactSaysWhereNothingIsGivenBack(t *testing.T) {
	t.Parallel()
	at := filepath.Join(t.TempDir(), "transcripts.db")
	db := opened(t, at)
	add(t, db, letter(0, "lobby", "ada", "hello"))
	reads := reading(t, at)
	var typed *store.Error
	if err := store.Compact(t.Context(), at); !errors.Is(err, store.ErrBusy) || !errors.As(err, &typed) || typed.Path != at {
		t.Errorf("%v", err)
	}
	if err := reads.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := store.Compact(t.Context(), at); err != nil {
		t.Error(err)
	}
	if got := exported(t, db, store.ChatQuery{}); len(got) != 1 || got[0].Text != "hello" {
		t.Errorf("%+v", got)
	}
}

// copiesOnServer goes from a file to a server and back: everything stays what it is, and goes on.
func copiesOnServer(t *testing.T, s *testpostgres.Server) {
	dir := t.TempDir()
	from, there, back := filepath.Join(dir, "from.db"), s.Place(t), filepath.Join(dir, "back.db")
	want := filled(t, from)
	if err := errors.Join(store.Copy(t.Context(), from, there), store.Backup(t.Context(), there, back)); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{there, back} {
		if diff := cmp.Diff(want, contentsOf(t, at)); diff != "" {
			t.Errorf("%s: %s", at, diff)
		}
		db, err := store.Open(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		kept := add(t, db, letter(9, "lobby", "ada", "goes on"))[0]
		if last := want.Chat[len(want.Chat)-1]; kept.Pos <= last.Pos || kept.Room != want.Rooms[0].Handle {
			t.Errorf("%s: %+v after %+v", at, kept, last)
		}
		if err := db.Append(t.Context(), lines(50, 51), nil); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
