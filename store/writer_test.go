package store_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/store"
)

const soon = 2 * time.Millisecond

// put hands utterances over that must be taken.
func put(t *testing.T, w *store.Writer, list []store.Utterance) {
	t.Helper()
	for _, u := range list {
		if err := w.Put(u); err != nil {
			t.Fatal(err)
		}
	}
}

// next waits for something that a writer reports.
func next[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was reported")
		panic("unreachable")
	}
}

// await waits for something to become true.
func await(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); {
		if time.Now().After(end) {
			t.Fatal("it never came")
		}
		<-time.After(soon)
	}
}

func TestWriterWritesInBatchesUnderLeases(t *testing.T) {
	db, broker := open(t), newBroker(t)
	w := store.NewWriter(store.WriterConfig{DB: db, Broker: broker, Linger: soon, Batch: 10})
	put(t, w, lines(0, 95))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lines(0, 95), list(t, db, store.Query{})); diff != "" {
		t.Error(diff)
	}
	st := w.Stats()
	if st.Written != 95 || st.Lost+st.Failures != 0 || st.Waiting != 0 || st.Batches < 10 {
		t.Errorf("stats %+v", st)
	}
	for _, p := range broker.Snapshot().Pools {
		if p.Silicon == compute.SiliconDisk && (p.Granted != st.Batches || len(p.Classes) != 1 || p.Classes[0].Class != compute.Data) {
			t.Errorf("%d batches, leases %+v", st.Batches, p)
		}
	}
	if err := w.Put(line(0, "lobby", "ada", "late")); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Put after Close: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

// TestTheSmallestWriter takes one at a time, or none where there is no room for any.
func TestTheSmallestWriter(t *testing.T) {
	db, broker := open(t), newBroker(t)
	w := store.NewWriter(store.WriterConfig{DB: db, Broker: broker, Linger: soon, Batch: 1})
	put(t, w, lines(0, 3))
	if err := w.Close(); err != nil || w.Stats().Batches != 3 {
		t.Errorf("%+v, %v", w.Stats(), err)
	}
	w = store.NewWriter(store.WriterConfig{DB: db, Broker: broker, QueueBytes: 1})
	if err := w.Put(line(0, "lobby", "ada", "x")); !errors.Is(err, store.ErrQueueFull) {
		t.Errorf("a byte of room: %v", err)
	}
	if err := w.Put(store.Utterance{Room: "lobby"}); !errors.Is(err, store.ErrInvalid) || w.Stats().Lost != 1 {
		t.Errorf("half an utterance: %v, %+v", err, w.Stats())
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

func TestWriterWaitsForTheDisk(t *testing.T) {
	db, broker := open(t), newBroker(t)
	busy, err := broker.TryAcquire(compute.Demand{
		Artifact: "store.room_snapshot/1", Class: compute.Data, Silicon: compute.SiliconDisk, Holder: "test", Cost: compute.Cost{Units: 100},
	})
	if err != nil {
		t.Fatal(err)
	}
	w := store.NewWriter(store.WriterConfig{DB: db, Broker: broker, Linger: soon})
	put(t, w, lines(0, 3))
	await(t, func() bool { return len(broker.Snapshot().Waiting) > 0 })
	if got := list(t, db, store.Query{}); len(got) != 0 {
		t.Errorf("written without a lease: %+v", got)
	}
	busy.Release()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := list(t, db, store.Query{}); len(got) != 3 {
		t.Errorf("%d rows after the disk was free", len(got))
	}
}

// TestBatchWhoseLeaseIsTakenBackIsRolledBack: nothing of it is there until it is written again
// under a lease that holds.
func TestBatchWhoseLeaseIsTakenBackIsRolledBack(t *testing.T) {
	db, broker := open(t), newBroker(t)
	struck := false
	reports := make(chan error, 8)
	w := store.NewHookedWriter(store.WriterConfig{DB: db, Broker: broker, Linger: soon, Retry: soon, Report: func(err error) { reports <- err }}, func() {
		if struck {
			return
		}
		struck = true
		if relief, err := broker.Relieve(disk(), 0.99); err != nil || len(relief.Ended) != 1 {
			t.Errorf("relief %+v, %v", relief, err)
		}
	})
	put(t, w, lines(0, 4))
	if err := next(t, reports); !errors.Is(err, compute.ErrRevoked) {
		t.Errorf("reported %v, want ErrRevoked", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lines(0, 4), list(t, db, store.Query{})); diff != "" {
		t.Error(diff)
	}
	if st := w.Stats(); st.Written != 4 || st.Failures != 1 {
		t.Errorf("stats %+v", st)
	}
}

// TestFullDisk lets SQLite run out of pages: what is said meanwhile is kept as far as the queue
// goes, the rest is counted, and writing goes on when there is room again.
func TestFullDisk(t *testing.T) {
	db, broker := open(t), newBroker(t)
	if err := db.Pragma(t.Context(), "max_page_count = 8"); err != nil {
		t.Fatal(err)
	}
	reports := make(chan error, 64)
	w := store.NewWriter(store.WriterConfig{
		DB: db, Broker: broker, Linger: soon, Retry: soon, Queue: 20, Batch: 1000, Report: func(err error) {
			select {
			case reports <- err:
			default:
			}
		},
	})
	long := line(0, "lobby", "ada", fmt.Sprintf("%60000d", 7))
	put(t, w, []store.Utterance{long})
	var typed *store.Error
	if err := next(t, reports); !errors.Is(err, store.ErrFull) || !errors.As(err, &typed) || typed.Rows != 1 || typed.Path != db.Path() {
		t.Fatalf("reported %v", err)
	}
	taken, lost := 0, 0
	for n := range 30 {
		switch err := w.Put(line(1+n, "lobby", "ada", "meanwhile")); {
		case err == nil:
			taken++
		case errors.Is(err, store.ErrQueueFull):
			lost++
		default:
			t.Fatal(err)
		}
	}
	if st := w.Stats(); lost < 5 || st.Lost != uint64(lost) || st.Waiting != taken+1 || st.Failures == 0 || st.Written != 0 {
		t.Errorf("%d lost, %d taken, stats %+v", lost, taken, st)
	}
	if err := db.Pragma(t.Context(), "max_page_count = 100000"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := list(t, db, store.Query{}); len(got) != taken+1 || got[0].Text != long.Text || got[taken].Text != "meanwhile" {
		t.Errorf("%d rows, want %d", len(got), taken+1)
	}
	if verdict, err := db.Whole(t.Context()); verdict != "ok" || err != nil {
		t.Errorf("the file is %s, %v", verdict, err)
	}
}

func TestDiskThatStaysReadOnlyLosesWithANumber(t *testing.T) {
	db, broker := open(t), newBroker(t)
	if err := db.Pragma(t.Context(), "query_only = 1"); err != nil {
		t.Fatal(err)
	}
	var reports atomic.Int32
	w := store.NewWriter(store.WriterConfig{
		DB: db, Broker: broker, Linger: soon, Retry: soon, Flush: 100 * time.Millisecond, Report: func(err error) {
			reports.Add(1)
			if !errors.Is(err, store.ErrReadOnly) {
				t.Errorf("reported %v", err)
			}
		},
	})
	put(t, w, lines(0, 1))
	err := w.Close()
	var typed *store.Error
	if !errors.As(err, &typed) || typed.Rows != 1 || reports.Load() == 0 {
		t.Errorf("Close: %v after %d reports", err, reports.Load())
	}
}

func TestManySpeakersLoseNothingUncounted(t *testing.T) {
	db, broker := open(t), newBroker(t)
	w := store.NewWriter(store.WriterConfig{DB: db, Broker: broker, Linger: soon, Queue: 64})
	var work sync.WaitGroup
	var taken atomic.Uint64
	for g := range 16 {
		work.Go(func() {
			for n := range 50 {
				if w.Put(line(n, fmt.Sprint("room", g), "ada", "x")) == nil {
					taken.Add(1)
				}
			}
		})
	}
	work.Wait()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	st := w.Stats()
	if got := list(t, db, store.Query{}); uint64(len(got)) != taken.Load() || st.Written != taken.Load() || st.Written+st.Lost != 800 {
		t.Errorf("%d rows, %d taken, stats %+v", len(got), taken.Load(), st)
	}
}
