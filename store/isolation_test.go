package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/internal/testpostgres"
	"github.com/sensory-agent/sensory-agent/store"
)

// isolationOnServer: whatever a database has transactions see by default, who waited for another
// writer sees what that one has written.
func isolationOnServer(t *testing.T, s *testpostgres.Server) {
	for _, level := range []string{"read committed", "repeatable read", "serializable"} {
		t.Run(level, func(t *testing.T) {
			place := s.Place(t)
			first, second := opened(t, place), opened(t, place+"&default_transaction_isolation="+url.PathEscape(level))
			secret := remembered(0, "I like snowdrops")
			keep(t, first, secret)
			behind(t, place, func(guard func() error) error {
				_, err := first.ForgetMemories(t.Context(), []string{secret.ID}, began, guard)
				return err
			}, func() error {
				_, err := second.ChangeMemories(t.Context(), secret.Persona, began, nil, func([]memory.Memory) (memory.Change, error) {
					return memory.Change{Put: []memory.Memory{secret}}, nil
				})
				return err
			})
			if got := recalled(t, first, store.MemoryQuery{}); len(got) != 0 {
				t.Errorf("what was forgotten is back: %+v", got)
			}

			m := letter(0, "lobby", "ada", "hello")
			m.Key = "k"
			var one, two store.Message
			fresh := true
			behind(t, place, func(guard func() error) (err error) {
				one, _, err = first.AddMessage(t.Context(), m, guard) // the first in its room, which it makes
				return err
			}, func() (err error) {
				two, fresh, err = second.AddMessage(t.Context(), m, nil)
				return err
			})
			if diff := cmp.Diff(one, two); diff != "" || fresh {
				t.Errorf("the key was taken twice, fresh %v: %s", fresh, diff)
			}

			behind(t, place, func(guard func() error) error {
				return first.Append(t.Context(), lines(0, 1), func() error {
					err := guard()
					testpostgres.Execute(t, place, "UPDATE sensory_agent_store SET version = 99")
					return err
				})
			}, func() error {
				third, err := store.Open(t.Context(), place+"&default_transaction_isolation="+url.PathEscape(level))
				if !errors.Is(err, store.ErrSchema) {
					return fmt.Errorf("a store that another program migrated meanwhile: %v, %w", third, err)
				}
				return nil
			})
		})
	}
}

func opened(t *testing.T, place string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// behind has one writer write, and another one wait for it from before it has committed.
func behind(t *testing.T, place string, write func(guard func() error) error, wait func() error) {
	t.Helper()
	waited := make(chan error, 1)
	err := write(func() error {
		go func() { waited <- wait() }()
		return waits(t.Context(), place)
	})
	if err = errors.Join(err, <-waited); err != nil {
		t.Error(err)
	}
}

// waits returns when somebody waits to write.
func waits(ctx context.Context, place string) error {
	db, err := sql.Open("pgx", place)
	if err != nil {
		return err
	}
	for n := 0; n == 0 && err == nil; {
		err = db.QueryRowContext(ctx, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").Scan(&n)
	}
	return errors.Join(err, db.Close())
}
