package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/store"
)

// recalling is a persona whose prompts say that Ada likes tulips. It looks by itself so often.
func recalling(t *testing.T, look time.Duration) (db *store.DB, r *store.Remember, said *reports, tulips memory.Memory) {
	t.Helper()
	db, said = open(t), &reports{}
	tulips = remembered(0, "I like tulips")
	tulips.Expires = time.Time{}
	keep(t, db, tulips)
	r = store.NewRemember(store.RememberConfig{DB: db, Broker: newBroker(t), Keeper: iris(memory.OnRequest), Look: look, Report: said.add})
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := r.Recall([]memory.Person{{ID: "ada", Names: []string{"Ada"}}}, began); err != nil {
		t.Fatal(err)
	}
	await(t, func() bool { return len(said.all()) == 1 })
	return db, r, said, tulips
}

func sameReports(t *testing.T, said *reports, want ...string) {
	t.Helper()
	if got := told(said.all()); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestWhatAnotherProgramForgetsLeavesThePrompts with the next thing that happens in the room.
func TestWhatAnotherProgramForgetsLeavesThePrompts(t *testing.T) {
	spoken := memory.Utterance{ID: "a1", Speaker: "iris", Text: "Yes.", At: began}
	for name, c := range map[string]struct {
		tell func(r *store.Remember) error
		want string
	}{
		"somebody speaks":      {func(r *store.Remember) error { return r.Heard(heard("1", "hello Iris")) }, "block"},
		"an answer ends":       {func(r *store.Remember) error { return r.Answered(memory.Answer{To: "1", Said: spoken}) }, "block"},
		"something is to stay": {func(r *store.Remember) error { return r.Heard(heard("1", "remember that I like roses")) }, "admitted newblock"},
		"another program speaks": {func(r *store.Remember) error {
			return r.Heard(memory.Utterance{ID: "1", Speaker: "robot", Role: memory.Other, Text: "hello", At: began})
		}, "block"},
	} {
		t.Run(name, func(t *testing.T) {
			db, r, said, tulips := recalling(t, time.Hour)
			if _, err := opened(t, db.Path()).ForgetMemories(t.Context(), []string{tulips.ID}, began, nil); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(c.tell(r), r.Heard(heard("2", "hello")), r.Close()); err != nil {
				t.Fatal(err)
			}
			sameReports(t, said, "block tulips", c.want)
			if b := said.all()[1].Block; b.Note != "forgotten 09:00" {
				t.Errorf("%+v", b)
			}
		})
	}
}

// TestWhatIsForgottenHereLeavesThePromptsAtOnce though nothing happens in the room.
func TestWhatIsForgottenHereLeavesThePromptsAtOnce(t *testing.T) {
	for name, forget := range map[string]func(db *store.DB, m memory.Memory) error{
		"by id": func(db *store.DB, m memory.Memory) error {
			_, err := db.ForgetMemories(t.Context(), []string{m.ID}, began, nil)
			return err
		},
		"in another room": func(db *store.DB, m memory.Memory) error {
			_, err := db.ChangeMemories(t.Context(), m.Persona, began, nil, func([]memory.Memory) (memory.Change, error) {
				return memory.Change{Forget: []memory.Forgotten{{ID: m.ID, Reason: memory.ReasonForgotten}}}, nil
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, _, said, tulips := recalling(t, time.Hour)
			if err := forget(db, tulips); err != nil {
				t.Fatal(err)
			}
			await(t, func() bool { return len(said.all()) == 2 })
			sameReports(t, said, "block tulips", "block")
		})
	}
}

// TestWhatAnotherProgramForgetsIsNoticedInTime though nothing happens in the room.
func TestWhatAnotherProgramForgetsIsNoticedInTime(t *testing.T) {
	db, _, said, tulips := recalling(t, soon)
	if _, err := opened(t, db.Path()).ForgetMemories(t.Context(), []string{tulips.ID}, began, nil); err != nil {
		t.Fatal(err)
	}
	await(t, func() bool { return len(said.all()) == 2 })
	sameReports(t, said, "block tulips", "block")
}

// TestAStoreThatIsAwayStopsNobody: it is said once that nothing is known of it, the prompts stay,
// and it is looked again when the store is back.
func TestAStoreThatIsAwayStopsNobody(t *testing.T) {
	db, r, said, tulips := recalling(t, soon)
	execute(t, db.Path(), "ALTER TABLE memory RENAME TO hidden")
	await(t, func() bool { return len(said.all()) == 2 })
	if err := errors.Join(r.Heard(heard("1", "hello Iris")), r.Heard(heard("2", "hello"))); err != nil {
		t.Fatal(err)
	}
	await(t, func() bool { return r.Stats().Waiting == 0 })
	var typed *store.Error
	if err := said.all()[1].Unsure; !errors.As(err, &typed) || typed.Path != db.Path() {
		t.Errorf("%v", err)
	}
	execute(t, db.Path(), "ALTER TABLE hidden RENAME TO memory")
	if _, err := opened(t, db.Path()).ForgetMemories(t.Context(), []string{tulips.ID}, began, nil); err != nil {
		t.Fatal(err)
	}
	await(t, func() bool { return len(said.all()) == 3 })
	sameReports(t, said, "block tulips", "unsure", "block")
	if st := r.Stats(); st != (store.RememberStats{}) {
		t.Errorf("%+v", st)
	}
}
