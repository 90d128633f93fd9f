package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/store"
)

func TestWhatIsWrittenIsRead(t *testing.T) {
	db := open(t)
	all := []store.Utterance{
		line(0, "lobby", "ada", "what do you see?"), line(1, "lobby", "iris", "a red square, sí — “quoted”; DROP TABLE"),
		line(2, "attic", "bob", "nobody\nhere"), line(3, "lobby", "ada", "thank you"),
	}
	for _, i := range []int{3, 0} { // not in order
		if err := db.Append(t.Context(), all[i:i+1], nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Append(t.Context(), all[1:3], nil); err != nil {
		t.Fatal(err)
	}
	reader, err := store.OpenReader(t.Context(), db.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	for _, c := range []struct {
		query store.Query
		want  []store.Utterance
	}{
		{store.Query{}, all},
		{store.Query{Room: "lobby"}, []store.Utterance{all[0], all[1], all[3]}},
		{store.Query{Limit: 1}, all[3:]},
		{store.Query{Limit: 2}, all[2:]},
		{store.Query{Limit: 5}, all},
		{store.Query{Limit: -1}, all},
		{store.Query{Room: "lobby", Since: began.Add(time.Second)}, []store.Utterance{all[1], all[3]}},
		{store.Query{Room: "cellar"}, nil},
	} {
		if diff := cmp.Diff(c.want, list(t, reader, c.query)); diff != "" {
			t.Errorf("%+v: %s", c.query, diff)
		}
	}
	if err := reader.Append(t.Context(), all, nil); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("a reader wrote: %v", err)
	}
	if info, err := os.Stat(db.Path()); os.Getenv(onServer) == "" && (err != nil || info.Mode().Perm() != 0o600) {
		t.Errorf("%v, %v: what was said is readable by others", info.Mode(), err)
	}
	stop := errors.New("enough")
	if err := db.List(t.Context(), store.Query{}, func(store.Utterance) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("List returned %v", err)
	}
}

func TestABatchIsThereWholeOrNotAtAll(t *testing.T) {
	db := open(t)
	refused := errors.New("refused")
	if err := db.Append(t.Context(), lines(0, 5), func() error { return refused }); !errors.Is(err, refused) {
		t.Errorf("got %v, want what the guard said", err)
	}
	for name, u := range map[string]store.Utterance{
		"no room": {Participant: "a", Role: store.Human, Text: "x", Start: began, End: began},
		"no role": {Room: "r", Participant: "a", Text: "x", Start: began, End: began},
		"no text": {Room: "r", Participant: "a", Role: store.Human, Start: began, End: began},
		"nobody":  {Room: "r", Role: store.Human, Text: "x", Start: began, End: began},
		"no time": {Room: "r", Participant: "a", Role: store.Human, Text: "x"},
		"inverse": {Room: "r", Participant: "a", Role: store.Human, Text: "x", Start: began, End: began.Add(-1)},
	} {
		if err := db.Append(t.Context(), append(lines(0, 2), u), nil); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Append(ctx, lines(0, 5), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if n, err := db.DeleteOld(t.Context(), store.Old{Before: began.Add(time.Hour)}, 10, nil); n != 0 || err != nil {
		t.Errorf("%d rows were there, %v", n, err)
	}
}

func TestFilesThatAreNoStoreAreRefused(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "foreign.db")
	execute(t, foreign, "CREATE TABLE cats (name TEXT)")
	newer := filepath.Join(dir, "newer.db")
	db, err := store.Open(t.Context(), newer)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	execute(t, newer, "PRAGMA user_version = 7")
	garbage, empty := filepath.Join(dir, "garbage.db"), filepath.Join(dir, "empty.db")
	if err := errors.Join(os.WriteFile(garbage, []byte("this is a text, not a database, and long enough to be one"), 0o600), os.WriteFile(empty, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(dir, "none", "x.db")
	for _, c := range []struct {
		path          string
		write, reader error
	}{
		{foreign, store.ErrForeign, store.ErrForeign},
		{newer, store.ErrSchema, store.ErrSchema},
		{garbage, store.ErrForeign, store.ErrForeign},
		{missing, store.ErrMissing, store.ErrMissing},
		{empty, nil, nil}, // the writer makes a store of it
		{dir, store.ErrIO, store.ErrIO},
	} {
		check(t, "Open", c.path, c.write, func() (*store.DB, error) { return store.Open(t.Context(), c.path) })
		check(t, "OpenReader", c.path, c.reader, func() (*store.DB, error) { return store.OpenReader(t.Context(), c.path) })
	}
}

func check(t *testing.T, call, path string, want error, open func() (*store.DB, error)) {
	t.Helper()
	db, err := open()
	if db != nil {
		defer func() { _ = db.Close() }()
	}
	var typed *store.Error
	if !errors.Is(err, want) || want != nil && (!errors.As(err, &typed) || typed.Path != path || typed.Rows != 0) {
		t.Errorf("%s(%s): %v, want %v", call, path, err, want)
	}
}

// FuzzOpen: no file makes the reader crash, and every refusal is typed.
func FuzzOpen(f *testing.F) {
	path := filepath.Join(f.TempDir(), "seed.db")
	db, err := store.Open(f.Context(), path)
	if err != nil {
		f.Fatal(err)
	}
	add(f, db, letter(0, "lobby", "ada", "hello"))
	if err := errors.Join(db.Append(f.Context(), lines(0, 3), nil), db.Close()); err != nil {
		f.Fatal(err)
	}
	seed, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add(seed[:len(seed)/2])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "f.db")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := store.OpenReader(t.Context(), path)
		if err == nil {
			err = errors.Join(db.List(t.Context(), store.Query{}, func(store.Utterance) error { return nil }),
				db.ExportChat(t.Context(), store.ChatQuery{}, func(store.Message) error { return nil }),
				db.Turns(t.Context(), store.TurnQuery{}, func(store.Turn) error { return nil }), db.Close())
		}
		var typed *store.Error
		if err != nil && !errors.As(err, &typed) {
			t.Fatalf("%v is not typed", err)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	db := open(b)
	batch := lines(0, 8)
	b.ReportAllocs()
	for b.Loop() {
		if err := db.Append(b.Context(), batch, nil); err != nil {
			b.Fatal(err)
		}
	}
}
