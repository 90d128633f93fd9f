package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/store"
)

// TestMemoriesComeInPages: whatever page they are asked for in, and where some are forgotten
// meanwhile.
func TestMemoriesComeInPages(t *testing.T) {
	db := open(t)
	var all []memory.Memory
	for i, text := range []string{"I like tea", "I have two cats", "I live in Ulm", "I play chess", "I am a baker"} {
		all = append(all, remembered(i, text))
	}
	if _, err := db.ImportMemories(t.Context(), all, nil); err != nil {
		t.Fatal(err)
	}
	for size := 1; size <= 6; size++ {
		var got []memory.Memory
		for behind := int64(0); ; {
			page, next, err := db.MemoriesBehind(t.Context(), store.MemoryQuery{}, behind, size)
			if err != nil || len(page) > size {
				t.Fatalf("%d of %d, %v", len(page), size, err)
			}
			got = append(got, page...)
			if behind = next; behind == 0 {
				break
			}
		}
		if diff := cmp.Diff(all, got); diff != "" {
			t.Errorf("pages of %d: %s", size, diff)
		}
	}
	_, next, err := db.MemoriesBehind(t.Context(), store.MemoryQuery{}, 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, none := range []string{"", "mem_none"} {
		ids, err := db.ForgetMemories(t.Context(), []string{all[1].ID, none}, time.Now(), nil)
		missing, is := err.(*store.MissingError) //nolint:errorlint // it is promised as it is
		if !is || missing.ID != none || !errors.Is(err, memory.ErrUnknown) || ids != nil {
			t.Errorf("%q: %q, %T: %v", none, ids, err, err)
		}
	}
	ids, err := db.ForgetMemories(t.Context(), []string{all[1].ID, all[2].ID, all[1].ID}, time.Now(), nil)
	if err != nil || !slices.Equal(ids, []string{all[1].ID, all[2].ID}) {
		t.Errorf("%q, %v", ids, err)
	}
	page, next, err := db.MemoriesBehind(t.Context(), store.MemoryQuery{Persona: all[0].Persona}, next, 2)
	if diff := cmp.Diff(all[3:], page); diff != "" || next != 0 || err != nil {
		t.Errorf("%s, next %d, %v", diff, next, err)
	}
	for name, call := range map[string]func() error{
		"one":       func() error { _, err := db.Memory(t.Context(), all[1].ID); return err },
		"none":      func() error { _, err := db.Memory(t.Context(), ""); return err },
		"promotion": func() error { _, err := db.PromoteMemory(t.Context(), all[1].ID, time.Now(), nil); return err },
	} {
		if err := call(); !errors.Is(err, memory.ErrUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAStoreThatIsMigratedIsNotWritten: what a newer program has changed is left alone, and read
// again when it is put back.
func TestAStoreThatIsMigratedIsNotWritten(t *testing.T) {
	db := open(t)
	if err := db.Append(t.Context(), lines(0, 2), nil); err != nil {
		t.Fatal(err)
	}
	migrate := func(version int) {
		statement := "PRAGMA user_version = %d"
		if strings.HasPrefix(db.Path(), "postgres:") {
			statement = "UPDATE sensory_agent_store SET version = %d"
		}
		execute(t, db.Path(), fmt.Sprintf(statement, version))
	}
	migrate(99)
	var typed *store.Error
	if err := db.Append(t.Context(), lines(2, 4), nil); !errors.Is(err, store.ErrSchema) || !errors.As(err, &typed) || typed.Op != "write" || typed.Path != db.Path() {
		t.Errorf("%v", err)
	}
	if h := db.Health(); !h.Degraded() || store.WhyOf(h.Err) != store.WhyNewer || db.Failed()[store.WhyNewer] != 1 || len(db.Failed()) != len(store.Whys()) {
		t.Errorf("%+v, %v", h, db.Failed())
	}
	migrate(5)
	if err := db.Append(t.Context(), lines(2, 4), nil); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(lines(0, 4), list(t, db, store.Query{})); diff != "" || db.Health().Degraded() {
		t.Errorf("%s, %+v", diff, db.Health())
	}
}
