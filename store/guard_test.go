package store_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/store"
)

// TestNothingIsCommittedUnderALeaseThatHasEnded: it is the guard that says so, not only the
// context, which a database may look at too late.
func TestNothingIsCommittedUnderALeaseThatHasEnded(t *testing.T) {
	t.Run("writer", func(t *testing.T) {
		inBubble(t, func(t *testing.T, a *attempts, cfg store.WriterConfig) {
			var reports []error
			cfg.Report = func(err error) { reports = append(reports, err) }
			w := store.NewWriterTo(cfg, func(batch []store.Utterance) error {
				if len(a.sizes) == 0 {
					relieve(t, cfg.Broker, disk())
				}
				return a.write(batch)
			})
			put(t, w, lines(0, 2))
			if err := w.Close(); err != nil {
				t.Error(err)
			}
			if st := w.Stats(); st.Failures != 1 || st.Written != 2 || st.Batches != 1 || !slices.Equal(a.sizes, []int{2, 2}) {
				t.Errorf("stats %+v, attempts %v", st, a.sizes)
			}
			if len(reports) != 1 || !errors.Is(reports[0], compute.ErrRevoked) {
				t.Errorf("reported %v", reports)
			}
		})
	})
	for name, pool := range map[string]compute.Pool{"background": background(), "disk": disk()} {
		t.Run("retention, "+name, func(t *testing.T) {
			db, broker := open(t), newBroker(t)
			r := store.NewRetention(store.RetentionConfig{DB: db, Broker: broker, Keep: 1})
			r.RemoveWith(func(guard func() error) (int, error) {
				relieve(t, broker, pool)
				if err := guard(); err != nil {
					return 0, err
				}
				return 7, nil
			})
			if n, err := r.Once(t.Context(), began); n != 0 || !errors.Is(err, compute.ErrRevoked) {
				t.Errorf("%d deleted, %v", n, err)
			}
			if st := r.Stats(); st != (store.RetentionStats{Revoked: 1}) {
				t.Errorf("stats %+v", st)
			}
		})
	}
}

// relieve takes the one lease of a pool back.
func relieve(t *testing.T, broker *compute.Broker, pool compute.Pool) {
	t.Helper()
	if relief, err := broker.Relieve(pool, 0.99); err != nil || len(relief.Ended) != 1 {
		t.Errorf("relief %+v, %v", relief, err)
	}
}
