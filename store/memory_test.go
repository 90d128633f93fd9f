package store_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/store"
)

// remembered is a memory of Iris's.
func remembered(n int, text string) memory.Memory {
	at := began.Add(time.Duration(n) * time.Minute)
	m := memory.Memory{
		Persona: "iris", Room: "lobby", Subject: memory.PersonSubject("ada"), Kind: memory.Preference, Text: text, Sources: []string{fmt.Sprint("s1/", n)},
		Speaker: "ada", Trust: memory.Known, Status: memory.Active, Reason: memory.ReasonNew, Count: 1, Created: at, Updated: at,
		Expires: at.Add(365 * 24 * time.Hour),
	}
	m.ID = m.Name()
	return m
}

// keep writes memories.
func keep(t testing.TB, db *store.DB, list ...memory.Memory) []memory.Memory {
	t.Helper()
	after, err := db.ChangeMemories(t.Context(), "iris", began, nil, func([]memory.Memory) (memory.Change, error) {
		return memory.Change{Put: list}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return after
}

func recalled(t testing.TB, db *store.DB, q store.MemoryQuery) []memory.Memory {
	t.Helper()
	list, err := db.Memories(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestMemoriesAreReadAsTheyWereWritten(t *testing.T) {
	db := open(t)
	tulips, roses, code, old := remembered(0, "I like tulips, sí — “quoted”; DROP TABLE"), remembered(1, "I like roses"), remembered(2, "my PIN is 1"), remembered(3, "x y z")
	code.Status, code.Reason, code.Trust, code.Subject, code.Room = memory.Quarantined, memory.ReasonSecret, memory.Claimed, memory.SubjectRoom, "attic"
	code.Sources = nil
	old.Status, old.Reason, old.Ended, old.SupersededBy, old.Expires = memory.Superseded, memory.ReasonContradict, began.Add(time.Hour), roses.ID, time.Time{}
	old.Count, old.Updated = 7, began.Add(40*time.Minute)
	code.ID, old.ID = code.Name(), old.Name()
	all := []memory.Memory{tulips, roses, code, old}
	if diff := cmp.Diff(all, keep(t, db, all...)); diff != "" {
		t.Error(diff)
	}
	reader, err := store.OpenReader(t.Context(), db.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	for _, c := range []struct {
		q    store.MemoryQuery
		want []memory.Memory
	}{
		{store.MemoryQuery{}, all},
		{store.MemoryQuery{Persona: "iris", Room: "attic"}, all[2:3]},
		{store.MemoryQuery{Persona: "max"}, nil},
		{store.MemoryQuery{Subject: memory.SubjectRoom}, all[2:3]},
		{store.MemoryQuery{Status: memory.Superseded}, all[3:]},
		{store.MemoryQuery{ID: roses.ID}, all[1:2]},
		{store.MemoryQuery{Limit: 2}, all[2:]},
		{store.MemoryQuery{Room: "lobby", Limit: 2}, []memory.Memory{roses, old}},
	} {
		if diff := cmp.Diff(c.want, recalled(t, reader, c.q)); diff != "" {
			t.Errorf("%+v: %s", c.q, diff)
		}
	}
}

// TestAChangeKeepsPlaceAndText changes a memory: what may change does, its place and text do not.
func TestAChangeKeepsPlaceAndText(t *testing.T) {
	db := open(t)
	a, b := remembered(0, "I like tulips"), remembered(1, "I like roses")
	keep(t, db, a, b)
	a.Count, a.Updated, a.Trust, a.Status, a.Reason, a.Sources, a.Expires = 2, began.Add(time.Hour), memory.Operator, memory.Active, memory.ReasonPromoted, []string{"x", "y"}, time.Time{}
	keep(t, db, a)
	if diff := cmp.Diff([]memory.Memory{a, b}, recalled(t, db, store.MemoryQuery{})); diff != "" {
		t.Error(diff)
	}
}

func TestAChangeIsThereWholeOrNotAtAll(t *testing.T) {
	db := open(t)
	first := remembered(0, "I like tulips")
	keep(t, db, first)
	refused := errors.New("refused")
	bad, other := remembered(2, "I like daisies"), remembered(3, "I like moss")
	bad.Count = 0
	other.Persona = "max"
	other.ID = other.Name()
	for name, c := range map[string]struct {
		guard  func() error
		change memory.Change
		err    error
		want   error
	}{
		"guard":         {func() error { return refused }, memory.Change{Put: []memory.Memory{remembered(1, "I like roses")}}, nil, refused},
		"decision":      {nil, memory.Change{}, refused, refused},
		"invalid":       {nil, memory.Change{Put: []memory.Memory{remembered(1, "I like roses"), bad}}, nil, memory.ErrInvalid},
		"other persona": {nil, memory.Change{Put: []memory.Memory{remembered(1, "I like roses"), other}}, nil, memory.ErrInvalid},
		"forgetting":    {func() error { return refused }, memory.Change{Forget: []memory.Forgotten{{ID: first.ID}}}, nil, refused},
	} {
		_, err := db.ChangeMemories(t.Context(), "iris", began, c.guard, func([]memory.Memory) (memory.Change, error) { return c.change, c.err })
		var typed *store.Error
		if !errors.Is(err, c.want) || errors.As(err, &typed) {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff([]memory.Memory{first}, recalled(t, db, store.MemoryQuery{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestWhatWasForgottenIsGone from the file as well, and does not come back by itself.
func TestWhatWasForgottenIsGone(t *testing.T) {
	db := open(t)
	secret := remembered(0, "I like xylophone-orchestras")
	keep(t, db, secret, remembered(1, "I like roses"))
	after, err := db.ChangeMemories(t.Context(), "iris", began, nil, func(known []memory.Memory) (memory.Change, error) {
		return memory.Change{Forget: []memory.Forgotten{{ID: known[0].ID, Reason: memory.ReasonForgotten}, {ID: "m_unknown"}}}, nil
	})
	if err != nil || len(after) != 1 || after[0].Text != "I like roses" {
		t.Fatalf("%+v, %v", after, err)
	}
	for _, suffix := range []string{"", "-wal"} {
		if os.Getenv(onServer) != "" {
			break // a server uses the space again, some day
		}
		data, err := os.ReadFile(db.Path() + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "xylophone") {
			t.Errorf("the file%s still has it", suffix)
		}
	}
	if after = keep(t, db, secret); len(after) != 1 || len(recalled(t, db, store.MemoryQuery{})) != 1 {
		t.Errorf("it came back: %+v", after)
	}
	if n, err := db.ImportMemories(t.Context(), []memory.Memory{secret}, nil); n != 1 || err != nil || len(recalled(t, db, store.MemoryQuery{})) != 2 {
		t.Errorf("nobody can bring it back: %d, %v", n, err)
	}
	secret.Count = 2
	if after = keep(t, db, secret); len(after) != 2 || after[1].Count != 2 {
		t.Errorf("what was brought back cannot be changed: %+v", after)
	}
	// Of another persona nothing is forgotten.
	if _, err := db.ChangeMemories(t.Context(), "max", began, nil, func([]memory.Memory) (memory.Change, error) {
		return memory.Change{Forget: []memory.Forgotten{{ID: secret.ID}}}, nil
	}); err != nil || len(recalled(t, db, store.MemoryQuery{})) != 2 {
		t.Errorf("%v, %d left", err, len(recalled(t, db, store.MemoryQuery{})))
	}
}

func TestImportAddsWhatIsNotThere(t *testing.T) {
	db := open(t)
	a, b, other := remembered(0, "I like tulips"), remembered(1, "I like roses"), remembered(2, "I like moss")
	other.Persona = "max"
	other.ID = other.Name()
	keep(t, db, a)
	changed := a
	changed.Count = 9
	if n, err := db.ImportMemories(t.Context(), []memory.Memory{changed, b, other}, nil); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if diff := cmp.Diff([]memory.Memory{a, b, other}, recalled(t, db, store.MemoryQuery{})); diff != "" {
		t.Error(diff)
	}
	bad := remembered(4, "I like ivy")
	bad.Kind = "poem"
	if n, err := db.ImportMemories(t.Context(), []memory.Memory{remembered(3, "I like oaks"), bad}, nil); n != 0 || !errors.Is(err, memory.ErrInvalid) {
		t.Errorf("%d, %v", n, err)
	}
	if got := recalled(t, db, store.MemoryQuery{}); len(got) != 3 {
		t.Errorf("%d memories", len(got))
	}
}

// TestAPersonaHasSoManyMemories fills it up.
func TestAPersonaHasSoManyMemories(t *testing.T) {
	db := open(t)
	list := make([]memory.Memory, store.MaxMemories)
	for i := range list {
		list[i] = remembered(i, fmt.Sprint("I like number ", i))
	}
	if n, err := db.ImportMemories(t.Context(), list, nil); n != len(list) || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	one := remembered(len(list), "I like one more")
	var typed *store.Error
	if _, err := db.ImportMemories(t.Context(), []memory.Memory{one}, nil); !errors.Is(err, store.ErrCrowded) || !errors.As(err, &typed) || typed.Path != db.Path() {
		t.Errorf("import: %v", err)
	}
	change := func(c memory.Change) error {
		_, err := db.ChangeMemories(t.Context(), "iris", began, nil, func([]memory.Memory) (memory.Change, error) { return c, nil })
		return err
	}
	if err := change(memory.Change{Put: []memory.Memory{one}}); !errors.Is(err, store.ErrCrowded) {
		t.Errorf("one more: %v", err)
	}
	list[0].Count = 2
	if err := change(memory.Change{Put: list[:1]}); err != nil {
		t.Errorf("what is there can change: %v", err)
	}
	if err := change(memory.Change{Put: []memory.Memory{one}, Forget: []memory.Forgotten{{ID: list[0].ID}}}); err != nil {
		t.Errorf("one in the place of another: %v", err)
	}
}

// TestRetentionLeavesMemoriesAlone deletes all that was said.
func TestRetentionLeavesMemoriesAlone(t *testing.T) {
	db := open(t)
	if err := db.Append(t.Context(), lines(0, 3), nil); err != nil {
		t.Fatal(err)
	}
	keep(t, db, remembered(0, "I like tulips"))
	if n, err := db.DeleteOld(t.Context(), store.Old{Before: began.Add(time.Hour)}, 10, nil); n != 3 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if got := recalled(t, db, store.MemoryQuery{}); len(got) != 1 || got[0].Text != "I like tulips" {
		t.Errorf("%+v", got)
	}
}

// TestADamagedRowIsCalledDamage changes a row behind the program's back.
func TestADamagedRowIsCalledDamage(t *testing.T) {
	for _, damage := range []string{"trust = 'great'", "sources = 'x'", "text = ''", "status = 'gone'", "ts_ms = 0", "expires_at = -5"} {
		db := open(t)
		keep(t, db, remembered(0, "I like tulips"))
		execute(t, db.Path(), "UPDATE memory SET "+damage)
		var typed *store.Error
		if _, err := db.Memories(t.Context(), store.MemoryQuery{}); !errors.As(err, &typed) || !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("%s: %v", damage, err)
		}
	}
}
