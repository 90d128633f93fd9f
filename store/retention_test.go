package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/store"
)

func TestRetentionDeletesWhatIsOldAndNothingElse(t *testing.T) {
	db, broker := open(t), newBroker(t) // there is no processor in its budgets: an answer's lane is never asked for
	if err := db.Append(t.Context(), lines(0, 100), nil); err != nil {
		t.Fatal(err)
	}
	r := store.NewRetention(store.RetentionConfig{DB: db, Broker: broker, Keep: time.Hour, Piece: 7})
	deleted, err := r.Once(t.Context(), began.Add(time.Hour+60*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	want := lines(60, 100) // 59 ended at 59.75 s
	if diff := cmp.Diff(want, list(t, db, store.Query{})); diff != "" || deleted != 60 {
		t.Errorf("%d deleted; %s", deleted, diff)
	}
	if st := r.Stats(); st != (store.RetentionStats{Deleted: 60, Runs: 1}) {
		t.Errorf("stats %+v", st)
	}
	for _, p := range broker.Snapshot().Pools {
		for _, c := range p.Classes {
			want := map[compute.Silicon]compute.Class{compute.SiliconDisk: compute.Data, compute.SiliconBackground: compute.Background}[p.Silicon]
			if c.Class != want || c.Completed != c.Granted || c.Granted == 0 {
				t.Errorf("%v: %+v", p.Pool, c)
			}
		}
	}
}

// TestRetentionGivesWayAndLeavesRowsWhole takes its lease back when a piece is deleted and not
// committed: the piece is back.
func TestRetentionGivesWayAndLeavesRowsWhole(t *testing.T) {
	for name, pool := range map[string]compute.Pool{"background": background(), "disk": disk()} {
		t.Run(name, func(t *testing.T) {
			db, broker := open(t), newBroker(t)
			if err := db.Append(t.Context(), lines(0, 30), nil); err != nil {
				t.Fatal(err)
			}
			r := store.NewRetention(store.RetentionConfig{DB: db, Broker: broker, Keep: time.Minute, Piece: 10})
			pieces := 0
			r.BeforeCommit(func() {
				if pieces++; pieces == 2 {
					if relief, err := broker.Relieve(pool, 0.65); err != nil || len(relief.Ended) != 1 || relief.Ended[0].Revocation != compute.Hard {
						t.Errorf("relief %+v, %v", relief, err)
					}
				}
			})
			deleted, err := r.Once(t.Context(), began.Add(time.Hour))
			if !errors.Is(err, compute.ErrRevoked) || deleted != 10 {
				t.Fatalf("%d deleted, %v", deleted, err)
			}
			if diff := cmp.Diff(lines(10, 30), list(t, db, store.Query{})); diff != "" {
				t.Error(diff)
			}
			if verdict, err := db.Whole(t.Context()); verdict != "ok" || err != nil {
				t.Errorf("the file is %s, %v", verdict, err)
			}
			if deleted, err = r.Once(t.Context(), began.Add(time.Hour)); err != nil || deleted != 20 {
				t.Errorf("the next run: %d deleted, %v", deleted, err)
			}
			if st := r.Stats(); st != (store.RetentionStats{Deleted: 30, Runs: 1, Revoked: 1}) {
				t.Errorf("stats %+v", st)
			}
		})
	}
}

// TestPieces are as large as they are said to be, and some hundreds where nothing is said.
func TestPieces(t *testing.T) {
	for _, c := range []struct{ piece, rows, want int }{ // the last piece finds too few
		{1, 5, 6}, {300, 600, 3}, {0, 600, 2}, {-1, 600, 2},
	} {
		db, broker := open(t), newBroker(t)
		if err := db.Append(t.Context(), lines(0, c.rows), nil); err != nil {
			t.Fatal(err)
		}
		r := store.NewRetention(store.RetentionConfig{DB: db, Broker: broker, Keep: time.Minute, Piece: c.piece})
		pieces := 0
		r.BeforeCommit(func() { pieces++ })
		if n, err := r.Once(t.Context(), began.Add(time.Hour)); n != c.rows || err != nil || pieces != c.want {
			t.Errorf("%+v: %d deleted in %d, %v", c, n, pieces, err)
		}
	}
}

func TestRetentionRunsUntilItIsStopped(t *testing.T) {
	db, broker := open(t), newBroker(t)
	if err := db.Append(t.Context(), lines(0, 5), nil); err != nil {
		t.Fatal(err)
	}
	r := store.NewRetention(store.RetentionConfig{DB: db, Broker: broker, Keep: time.Nanosecond, Every: soon})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Run(ctx)
	}()
	await(t, func() bool { return r.Stats().Runs >= 3 })
	stop()
	<-done
	if st := r.Stats(); st.Deleted != 5 || st.Failed != 0 {
		t.Errorf("stats %+v", st)
	}
}
