package store_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/store"
)

// version1 makes a file as version 1 of the tables has it.
func version1(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "old.db")
	execute(t, path, `
CREATE TABLE utterance (
	id INTEGER PRIMARY KEY, room TEXT NOT NULL, session TEXT NOT NULL, turn INTEGER NOT NULL, participant TEXT NOT NULL,
	role TEXT NOT NULL CHECK (role IN ('human', 'persona')), text TEXT NOT NULL, start_ms INTEGER NOT NULL,
	end_ms INTEGER NOT NULL CHECK (end_ms >= start_ms)
) STRICT;
CREATE INDEX utterance_room ON utterance (room, start_ms);
CREATE INDEX utterance_end  ON utterance (end_ms);
INSERT INTO utterance VALUES (1, 'lobby', 's1', 1, 'ada', 'human', 'sentence 0', 1772355600000, 1772355600750);
PRAGMA application_id = 0x73656e73; PRAGMA user_version = 1;`)
	return path
}

// TestFilesOfAnOlderVersionAreBroughtUp when they are written, and read as they are.
func TestFilesOfAnOlderVersionAreBroughtUp(t *testing.T) {
	path := version1(t)
	said := []store.Utterance{line(0, "lobby", "ada", "sentence 0")}
	said[0].Turn = 1
	reader, err := store.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(said, list(t, reader, store.Query{})); diff != "" {
		t.Error(diff)
	}
	if got := recalled(t, reader, store.MemoryQuery{}); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to do
		db, err := store.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		keep(t, db, remembered(0, "I like tulips"))
		if diff := cmp.Diff(said, list(t, db, store.Query{})); diff != "" {
			t.Error(diff)
		}
		if got := recalled(t, db, store.MemoryQuery{}); len(got) != 1 {
			t.Errorf("%+v", got)
		}
		if verdict, err := db.Whole(t.Context()); verdict != "ok" || err != nil {
			t.Errorf("the file is %s, %v", verdict, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	execute(t, path, "PRAGMA user_version = 3")
	if db, err := store.Open(t.Context(), path); !errors.Is(err, store.ErrSchema) || !strings.Contains(err.Error(), "version 3, this program reads up to 2") {
		t.Errorf("a newer file: %v, %v", db, err)
	}
}
