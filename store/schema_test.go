package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/store"
)

// old copies a file that a program of an older version wrote: four utterances in two rooms and,
// from version 2 on, two memories, one of them of a third room.
func old(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestFilesOfAnOlderVersionAreBroughtUp when they are written, and read as they are. Their rooms
// get handles, once.
func TestFilesOfAnOlderVersionAreBroughtUp(t *testing.T) {
	for name, want := range map[string]struct {
		memories int
		rooms    []string
		chat     []string
	}{
		"version1.db": {0, []string{"lobby", "attic"}, nil},
		"version2.db": {2, []string{"lobby", "attic", "cellar"}, nil},
		"version4.db": {2, []string{"lobby", "attic", "cellar"}, []string{"Is it on?", "It is."}},
		"version3.db": {2, []string{"lobby", "attic", "cellar"}, []string{"Is it on?", "It is."}},
	} {
		t.Run(name, func(t *testing.T) {
			path := old(t, name)
			said := lines(0, 4)
			said[2].Room = "attic"
			reader, err := store.OpenReader(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(said, list(t, reader, store.Query{})); diff != "" {
				t.Error(diff)
			}
			if got := recalled(t, reader, store.MemoryQuery{}); len(got) != want.memories {
				t.Errorf("%+v", got)
			}
			if want.chat == nil {
				nothingOfChat(t, reader)
			}
			sameChat(t, reader, want.chat)
			if want.chat != nil {
				sameHandles(t, reader, want.rooms, "")
				if r, err := reader.Room(t.Context(), "lobby"); err != nil || r.Name != "lobby" {
					t.Errorf("%+v, %v", r, err)
				}
			}
			if err := reader.Close(); err != nil {
				t.Fatal(err)
			}
			handles := ""
			for range 2 { // the second time there is nothing to do
				db, err := store.Open(t.Context(), path)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(said, list(t, db, store.Query{})); diff != "" {
					t.Error(diff)
				}
				keep(t, db, remembered(0, "I like roses"))
				if got := recalled(t, db, store.MemoryQuery{}); len(got) != want.memories+1 {
					t.Errorf("%+v", got)
				}
				sameChat(t, db, want.chat)
				handles = sameHandles(t, db, want.rooms, handles)
				if verdict, err := db.Whole(t.Context()); verdict != "ok" || err != nil {
					t.Errorf("the file is %s, %v", verdict, err)
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
			execute(t, path, "PRAGMA user_version = 6")
			if db, err := store.Open(t.Context(), path); !errors.Is(err, store.ErrSchema) || !strings.Contains(err.Error(), "version 6, this program reads up to 5") {
				t.Errorf("a newer file: %v, %v", db, err)
			}
		})
	}
}

// nothingOfChat is in a file from before there was any, and that is no error but where a room is
// asked for.
func nothingOfChat(t *testing.T, db *store.DB) {
	t.Helper()
	messages, err := db.ListChat(t.Context(), store.ChatQuery{})
	rooms, failed := db.Rooms(t.Context())
	if len(messages)+len(rooms) > 0 || err != nil || failed != nil {
		t.Errorf("%v, %v, %v, %v", messages, rooms, err, failed)
	}
	if err := db.Turns(t.Context(), store.TurnQuery{}, func(store.Turn) error { return errors.New("a turn") }); err != nil {
		t.Error(err)
	}
	if _, err := db.Room(t.Context(), "lobby"); !errors.Is(err, store.ErrNoRoom) {
		t.Errorf("%v", err)
	}
}

// sameHandles looks whether the rooms are those, with the handles that they had before, if any.
func sameHandles(t *testing.T, db *store.DB, names []string, before string) string {
	t.Helper()
	rooms, err := db.Rooms(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got, handles []string
	for _, r := range rooms {
		got, handles = append(got, r.Name), append(handles, r.Handle)
		if r.Seen.Before(began) || r.Seen.After(began.Add(time.Minute)) {
			t.Errorf("%s was seen at %v", r.Name, r.Seen)
		}
	}
	if diff := cmp.Diff(names, got); diff != "" {
		t.Error(diff)
	}
	all := strings.Join(handles, " ")
	if before != "" && before != all {
		t.Errorf("handles were %s and are %s", before, all)
	}
	return all
}

// sameChat looks whether the messages of a file are those: a reply of then was written when it had
// been spoken, and nothing is known of how far.
func sameChat(t *testing.T, db *store.DB, want []string) {
	t.Helper()
	messages, err := db.ListChat(t.Context(), store.ChatQuery{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range messages {
		got = append(got, m.Text)
		if m.Spoken+m.Heard != "" {
			t.Errorf("%+v", m)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
