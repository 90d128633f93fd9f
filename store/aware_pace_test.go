package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/store"
)

// TestLooksComeLaterAndLaterWhileTheyComeToNothing, up to 30 s, and as usual when the store is
// back. Where others only have all connections, that is said when it has lasted.
func TestLooksComeLaterAndLaterWhileTheyComeToNothing(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		unsure time.Duration
	}{
		"the store is away": {errDisk, 2 * time.Second},
		"no connection":     {fmt.Errorf("read: %w", store.ErrInUse), 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				var at, unsure []time.Duration
				r := store.NewRememberLooking(store.RememberConfig{
					DB: db, Broker: newBroker(t), Keeper: iris(memory.OnRequest),
					Report: func(came store.Remembered) {
						if errors.Is(came.Unsure, c.err) {
							unsure = append(unsure, time.Since(begin))
						}
					},
				}, func() error {
					if at = append(at, time.Since(begin)); len(at) <= 6 || len(at) == 9 {
						return c.err
					}
					return nil
				})
				time.Sleep(7 * time.Second)
				if err := r.Heard(heard("1", "hello")); err != nil { // it does not wait for what is away
					t.Error(err)
				}
				time.Sleep(124 * time.Second)
				if err := r.Heard(heard("2", "hello")); err != nil { // it looks; the next time is 2 s later
					t.Error(err)
				}
				time.Sleep(2500 * time.Millisecond)
				if err := r.Close(); err != nil {
					t.Error(err)
				}
				if want := seconds(2, 6, 14, 30, 60, 90, 120, 122, 124, 128, 130, 131, 133); !slices.Equal(at, want) {
					t.Errorf("looked at %v, want %v", at, want)
				}
				want := []time.Duration{c.unsure}
				if c.unsure == 2*time.Second {
					want = append(want, 124*time.Second)
				}
				if !slices.Equal(unsure, want) {
					t.Errorf("said at %v, want %v", unsure, want)
				}
			})
		})
	}
}

// TestOneLooksAtATime because of the time; what happens in a room is looked at all the same.
func TestOneLooksAtATime(t *testing.T) {
	db := open(t)
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		broker, hold := newBroker(t), make(chan struct{})
		var first, second []time.Duration
		slow := store.NewRememberLooking(store.RememberConfig{DB: db, Broker: broker, Keeper: iris(memory.OnRequest)}, func() error {
			first = append(first, time.Since(begin))
			<-hold
			return nil
		})
		time.Sleep(time.Second)
		other := store.NewRememberLooking(store.RememberConfig{DB: db, Broker: broker, Keeper: iris(memory.OnRequest)}, func() error {
			second = append(second, time.Since(begin))
			return nil
		})
		time.Sleep(9500 * time.Millisecond) // one has looked since 2 s: no turn at 3, 5, 7, 9 s
		if err := other.Heard(heard("1", "hello")); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		close(hold)
		time.Sleep(2500 * time.Millisecond)
		if err := errors.Join(slow.Close(), other.Close()); err != nil {
			t.Error(err)
		}
		if want := seconds(2, 13.5); !slices.Equal(first, want) {
			t.Errorf("the first looked at %v, want %v", first, want)
		}
		if want := seconds(10.5, 12.5); !slices.Equal(second, want) {
			t.Errorf("the second looked at %v, want %v", second, want)
		}
	})
}

// TestALookWithoutAConnectionSaysSo: nothing is known of the database then.
func TestALookWithoutAConnectionSaysSo(t *testing.T) {
	t.Parallel()
	db := open(t)
	m := remembered(0, "I like tulips")
	keep(t, db, m)
	for range store.Connections {
		conn, err := db.Hold(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		_, err = db.Gone(t.Context(), m.ID)
		if full := db.InUse() == store.Connections; errors.Is(err, store.ErrInUse) != full || (err != nil) != full {
			t.Errorf("%d connections in use: %v", db.InUse(), err)
		}
	}
}
