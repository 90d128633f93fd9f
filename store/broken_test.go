package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/store"
)

// TestEachCallFailsLoudlyWithoutItsTables, with the file and how many rows were lost with it; what
// is only read loses none.
func TestEachCallFailsLoudlyWithoutItsTables(t *testing.T) {
	for name, c := range map[string]struct {
		op   string
		rows int
		call func(db *store.DB) error
	}{
		"chat": {"read", 0, func(db *store.DB) error { _, err := db.ListChat(t.Context(), store.ChatQuery{}); return err }},
		"chat behind a message": {"read", 0, func(db *store.DB) error {
			_, err := db.ListChat(t.Context(), store.ChatQuery{After: "m_1"})
			return err
		}},
		"chat of a room": {"read", 0, func(db *store.DB) error {
			return db.ExportChat(t.Context(), store.ChatQuery{Room: "lobby"}, func(store.Message) error { return nil })
		}},
		"a message": {"write", 1, func(db *store.DB) error {
			_, _, err := db.AddMessage(t.Context(), letter(0, "lobby", "ada", "hello"), nil)
			return err
		}},
		"turns": {"read", 0, func(db *store.DB) error {
			return db.Turns(t.Context(), store.TurnQuery{}, func(store.Turn) error { return nil })
		}},
		"rooms":       {"read", 0, func(db *store.DB) error { _, err := db.Rooms(t.Context()); return err }},
		"a room":      {"read", 0, func(db *store.DB) error { _, err := db.Room(t.Context(), "lobby"); return err }},
		"a room seen": {"write", 0, func(db *store.DB) error { _, err := db.SeeRoom(t.Context(), "lobby", began); return err }},
		"memories":    {"read", 0, func(db *store.DB) error { _, err := db.Memories(t.Context(), store.MemoryQuery{}); return err }},
		"an import": {"import memories into", 0, func(db *store.DB) error {
			n, err := db.ImportMemories(t.Context(), []memory.Memory{remembered(0, "I like roses")}, nil)
			if n != 0 {
				t.Errorf("%d were imported", n)
			}
			return err
		}},
		"what was said": {"read", 0, func(db *store.DB) error {
			return db.List(t.Context(), store.Query{}, func(store.Utterance) error { return nil })
		}},
	} {
		db := open(t)
		execute(t, db.Path(), foreignOff+`DROP TABLE utterance; DROP TABLE memory; DROP TABLE memory_forgotten; DROP TABLE turn; DROP TABLE chat; DROP TABLE room`)
		var typed *store.Error
		if err := c.call(db); !errors.As(err, &typed) || !errors.Is(err, store.ErrIO) || typed.Path != db.Path() || typed.Op != c.op || typed.Rows != c.rows {
			t.Errorf("%s: %+v, %v", name, typed, err)
		}
	}
}

// TestAWriterLosesWhatCannotBeWritten and says how much of it there was when it ends.
func TestAWriterLosesWhatCannotBeWritten(t *testing.T) {
	db, broker := open(t), newBroker(t)
	execute(t, db.Path(), foreignOff+"DROP TABLE turn; DROP TABLE chat")
	w := store.NewWriter(store.WriterConfig{DB: db, Broker: broker, Flush: 50 * time.Millisecond})
	if _, err := w.PutMessage(letter(0, "lobby", "ada", "hello")); err != nil {
		t.Fatal(err)
	}
	if err := w.PutSpoken("m_1", store.Whole, ""); err != nil {
		t.Fatal(err)
	}
	if err := w.PutTurn(turnOf(1, "lobby")); err != nil {
		t.Fatal(err)
	}
	var typed *store.Error
	if err := w.Close(); !errors.As(err, &typed) || !errors.Is(err, store.ErrClosed) || typed.Rows != 3 || typed.Op != "flush" {
		t.Errorf("%+v, %v", typed, err)
	}
	if st := w.Stats(); st.Failures == 0 || st.Messages+st.Turns+st.Batches != 0 || st.Waiting != 3 {
		t.Errorf("%+v", st)
	}
}
