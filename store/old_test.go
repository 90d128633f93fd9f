package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/store"
)

// TestOnlySoManyAreKept of each kind, the newest in the order in which they came.
func TestOnlySoManyAreKept(t *testing.T) {
	db, broker := open(t), newBroker(t)
	if err := db.Append(t.Context(), lines(0, 25), nil); err != nil {
		t.Fatal(err)
	}
	for n := range 12 {
		add(t, db, letter(12-n, "lobby", "ada", fmt.Sprint(n))) // the last one that came is the oldest by its time
	}
	keep(t, db, remembered(0, "I like tulips"))
	r := store.NewRetention(store.RetentionConfig{DB: db, Broker: broker, Rows: 10, Piece: 4})
	if n, err := r.Once(t.Context(), began); n != 15+2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if diff := cmp.Diff(lines(15, 25), list(t, db, store.Query{})); diff != "" {
		t.Error(diff)
	}
	got := exported(t, db, store.ChatQuery{})
	if len(got) != 10 || got[0].Text != "2" || got[9].Text != "11" || len(recalled(t, db, store.MemoryQuery{})) != 1 {
		t.Errorf("%+v", got)
	}
	both := store.NewRetention(store.RetentionConfig{DB: db, Broker: broker, Rows: 9, Keep: time.Hour, Piece: 100})
	if n, err := both.Once(t.Context(), began.Add(time.Hour+18*time.Second)); n != 3+10 || err != nil { // 15 to 17, and all messages
		t.Errorf("%d, %v", n, err)
	}
	if diff := cmp.Diff(lines(18, 25), list(t, db, store.Query{})); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []store.Old{{}, {Rows: -1}, {Rows: -1, Before: began}} {
		if n, err := db.DeleteOld(t.Context(), bad, 10, nil); n != 0 || !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%+v: %d, %v", bad, n, err)
		}
	}
}

// TestPruneDeletesAllThatIsOld of a store that is there, in pieces.
func TestPruneDeletesAllThatIsOld(t *testing.T) {
	db := open(t)
	if err := db.Append(t.Context(), lines(0, 1203), nil); err != nil {
		t.Fatal(err)
	}
	if n, err := store.Prune(t.Context(), db.Path(), store.Old{Rows: 3}); n != 1200 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if diff := cmp.Diff(lines(1200, 1203), list(t, db, store.Query{})); diff != "" {
		t.Error(diff)
	}
	if n, err := store.Prune(t.Context(), filepath.Join(t.TempDir(), "none.db"), store.Old{Rows: 3}); n != 0 || !errors.Is(err, store.ErrMissing) {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := store.Prune(t.Context(), db.Path(), store.Old{}); n != 0 || !errors.Is(err, store.ErrInvalid) {
		t.Errorf("%d, %v", n, err)
	}
}

// TestFactsAreThoseOfTheStore.
func TestFactsAreThoseOfTheStore(t *testing.T) {
	at := place(t)
	filled(t, at)
	facts, err := store.Inspect(t.Context(), at)
	if err != nil || facts.Unwritable != nil || facts.Version != 5 || facts.Newest != 5 || facts.Bytes < 4096 {
		t.Errorf("%+v, %v", facts, err)
	}
	rows := map[string]int64{}
	for _, of := range facts.Tables {
		rows[of.Name] = of.Rows
		if of.Name == "utterance" && (!of.Oldest.Equal(began.Add(3750*time.Millisecond)) || !of.Newest.Equal(began.Add(19750*time.Millisecond))) {
			t.Errorf("%+v", of)
		}
	}
	if diff := cmp.Diff(map[string]int64{"room": 2, "utterance": 17, "chat": 2, "turn": 1, "memory": 2, "memory_forgotten": 0}, rows); diff != "" {
		t.Error(diff)
	}
	aged := old(t, "version1.db")
	facts, err = store.Inspect(t.Context(), aged)
	if err != nil || facts.Version != 1 || len(facts.Tables) != 1 || facts.Tables[0].Rows != 4 || facts.Unwritable != nil {
		t.Errorf("%+v, %v", facts, err)
	}
	if facts, err = store.Inspect(t.Context(), aged); err != nil || facts.Version != 1 {
		t.Errorf("looking at it changed it: %+v, %v", facts, err)
	}
}
