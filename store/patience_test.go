package store_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/store"
)

var errDisk = errors.New("disk says no") // an error

// attempts is a way to write that fails as long as it is told to, and notes when it was tried.
type attempts struct {
	begin time.Time
	fails int
	at    []time.Duration
	sizes []int
}

func (a *attempts) write(batch []store.Utterance) error {
	a.at, a.sizes = append(a.at, time.Since(a.begin)), append(a.sizes, len(batch))
	if len(a.at) <= a.fails {
		return errDisk
	}
	return nil
}

// inBubble runs a test with a clock of its own. The broker is made inside.
func inBubble(t *testing.T, run func(t *testing.T, a *attempts, cfg store.WriterConfig)) {
	db := open(t) // outside: the database has goroutines of its own
	synctest.Test(t, func(t *testing.T) {
		run(t, &attempts{begin: time.Now()}, store.WriterConfig{DB: db, Broker: newBroker(t)})
	})
}

func seconds(s ...float64) []time.Duration {
	var out []time.Duration
	for _, v := range s {
		out = append(out, time.Duration(v*float64(time.Second)))
	}
	return out
}

func TestRetriesComeLaterAndLaterUpToAMinute(t *testing.T) {
	inBubble(t, func(t *testing.T, a *attempts, cfg store.WriterConfig) {
		a.fails = 9
		cfg.Linger, cfg.Retry = time.Second, 2*time.Second
		w := store.NewWriterTo(cfg, a.write)
		put(t, w, lines(0, 1))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		want := seconds(1, 3, 7, 15, 31, 63, 123, 183, 243, 303) // 2 4 8 16 32 60 60 60 60
		if !slices.Equal(a.at, want) {
			t.Errorf("tried at %v, want %v", a.at, want)
		}
		if st := w.Stats(); st.Failures != 9 || st.Written != 1 || st.Waiting != 0 || st.WaitingBytes != 0 {
			t.Errorf("stats %+v", st)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestCloseTriesAtOnceAndThenSoon(t *testing.T) {
	inBubble(t, func(t *testing.T, a *attempts, cfg store.WriterConfig) {
		a.fails = 1000
		cfg.Retry, cfg.Flush = time.Hour, 8*time.Second
		w := store.NewWriterTo(cfg, a.write)
		put(t, w, lines(0, 2))
		time.Sleep(100 * time.Second)
		err := w.Close() // waiting for the hour to pass would outlive the flush
		took := time.Since(a.begin)
		if took != 108*time.Second {
			t.Errorf("Close came back after %v, the flush lasts 8 s", took-100*time.Second)
		}
		if want := seconds(0.2, 100, 101, 103, 107); !slices.Equal(a.at, want) {
			t.Errorf("tried at %v, want %v", a.at, want)
		}
		var typed *store.Error
		if !errors.As(err, &typed) || typed.Rows != 2 || !errors.Is(err, store.ErrClosed) {
			t.Errorf("Close: %v, want 2 utterances named", err)
		}
		if err := w.Close(); err != nil {
			t.Errorf("second Close: %v", err)
		}
	})
}

// TestWhatTheEndCutsOffIsNoFailure: a batch that still waits for the disk when the flush is over is
// lost with a number, and nothing is said to have failed.
func TestWhatTheEndCutsOffIsNoFailure(t *testing.T) {
	inBubble(t, func(t *testing.T, a *attempts, cfg store.WriterConfig) {
		busy, err := cfg.Broker.TryAcquire(compute.Demand{
			Artifact: "store.other/1", Class: compute.Data, Silicon: compute.SiliconDisk, Holder: "test", Cost: compute.Cost{Units: 100}, TTL: time.Hour,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer busy.Release()
		reports := 0
		cfg.Flush, cfg.Report = 8*time.Second, func(error) { reports++ }
		w := store.NewWriterTo(cfg, a.write)
		put(t, w, lines(0, 1))
		time.Sleep(10 * time.Second)
		err = w.Close()
		var typed *store.Error
		if !errors.As(err, &typed) || typed.Rows != 1 || time.Since(a.begin) != 18*time.Second {
			t.Errorf("after %v: %v", time.Since(a.begin), err)
		}
		if st := w.Stats(); st.Failures != 0 || st.Waiting != 1 || reports != 0 || len(a.at) != 0 {
			t.Errorf("stats %+v, %d reports, written at %v", st, reports, a.at)
		}
	})
}

func TestDefaultsOfAWriter(t *testing.T) {
	inBubble(t, func(t *testing.T, a *attempts, cfg store.WriterConfig) {
		a.fails = 1
		w := store.NewWriterTo(cfg, a.write)
		put(t, w, lines(0, 300))
		time.Sleep(time.Minute)
		synctest.Wait()
		if want := []int{128, 128, 128, 44}; !slices.Equal(a.sizes, want) {
			t.Errorf("batches of %v, want %v", a.sizes, want)
		}
		// A full batch does not linger; its first attempt fails, the next one comes 5 s later; the
		// last one waits for company for 200 ms.
		if want := seconds(0, 5, 5, 5.2); !slices.Equal(a.at, want) {
			t.Errorf("written at %v, want %v", a.at, want)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestQueueIsBoundedByNumberAndByBytes(t *testing.T) {
	for _, c := range []struct {
		name        string
		queue, size int
		text        string
		want        int // utterances that are taken while nothing can be written
	}{
		{"number", 8, 0, "x", 8},
		// 1850 and 138 for all else, and 148 for the one that is being written
		{"bytes", 1000, 148 + 5*1988, strings.Repeat("x", 1850), 5},
		{"a byte less", 1000, 148 + 5*1988 - 1, strings.Repeat("x", 1850), 4},
		{"one", 1, 0, "x", 1},
		{"defaults", 0, 0, "x", 1024},
		{"default bytes", 0, 0, strings.Repeat("x", 200_000), 41},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, _ *attempts, cfg store.WriterConfig) {
				var reports []error
				cfg.Queue, cfg.QueueBytes, cfg.Linger = c.queue, c.size, time.Second
				cfg.Report = func(err error) { reports = append(reports, err) }
				hold := make(chan struct{})
				w := store.NewWriterTo(cfg, func([]store.Utterance) error {
					<-hold
					return nil
				})
				put(t, w, lines(0, 1))
				time.Sleep(2 * time.Second) // it is being written and takes no place any more
				before := w.Stats().WaitingBytes
				taken := 0
				for range c.want + 10 {
					u := line(1, "lobby", "ada", c.text)
					switch err := w.Put(u); {
					case err == nil:
						taken++
					case !errors.Is(err, store.ErrQueueFull):
						t.Fatal(err)
					}
				}
				st := w.Stats()
				if taken != c.want || st.Lost != uint64(c.want+10-taken) || st.Waiting != taken+1 || st.WaitingBytes != before+taken*(138+len(c.text)) {
					t.Errorf("%d taken, want %d; stats %+v", taken, c.want, st)
				}
				if len(reports) != 1 || !errors.Is(reports[0], store.ErrQueueFull) {
					t.Errorf("reported %v, want once that the queue is full", reports)
				}
				close(hold)
				if err := w.Close(); err != nil {
					t.Error(err)
				}
				if st := w.Stats(); st.WaitingBytes != 0 || st.Waiting != 0 || st.Written != uint64(taken+1) {
					t.Errorf("stats at the end %+v", st)
				}
			})
		})
	}
}

// TestLosingIsSaidAgainAfterASuccess: once for each time that the queue runs over.
func TestLosingIsSaidAgainAfterASuccess(t *testing.T) {
	inBubble(t, func(t *testing.T, _ *attempts, cfg store.WriterConfig) {
		reports := 0
		cfg.Queue, cfg.Batch, cfg.Report = 2, 1, func(error) { reports++ }
		let := make(chan struct{})
		w := store.NewWriterTo(cfg, func([]store.Utterance) error {
			<-let
			return nil
		})
		for range 2 {
			for n := range 6 { // one is being written, two wait
				_ = w.Put(line(n, "lobby", "ada", "x"))
			}
			for w.Stats().Waiting > 0 {
				select {
				case let <- struct{}{}:
				case <-time.After(time.Second):
				}
			}
		}
		if reports != 2 {
			t.Errorf("%d reports of two times that the queue ran over", reports)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestRetentionReportsWhatItCouldNotDo(t *testing.T) {
	db := open(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var reports []error
		r := store.NewRetention(store.RetentionConfig{
			DB: db, Broker: newBroker(t), Keep: time.Hour, Report: func(err error) { reports = append(reports, err) },
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.Run(ctx)
		}()
		time.Sleep(2*time.Hour + time.Minute) // at once, after an hour and after two
		cancel()
		<-done
		if st := r.Stats(); st.Failed != 3 || st.Runs != 0 || len(reports) != 3 {
			t.Errorf("stats %+v, %d reports", st, len(reports))
		}
		for _, err := range reports {
			var typed *store.Error
			if !strings.Contains(err.Error(), "retention") || !errors.As(err, &typed) || typed.Path != db.Path() {
				t.Errorf("reported %v", err)
			}
		}
	})
}

// TestRetentionThatWouldDeleteEverythingIsRefused, and one that keeps everything deletes nothing.
func TestRetentionThatWouldDeleteEverythingIsRefused(t *testing.T) {
	db, broker := open(t), newBroker(t)
	if err := db.Append(t.Context(), lines(0, 3), nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		keep time.Duration
		rows int
		want error
	}{{-time.Hour, 0, store.ErrInvalid}, {time.Hour, -1, store.ErrInvalid}, {0, 0, nil}} {
		r := store.NewRetention(store.RetentionConfig{DB: db, Broker: broker, Keep: c.keep, Rows: c.rows})
		if n, err := r.Once(t.Context(), began.Add(time.Hour)); n != 0 || !errors.Is(err, c.want) {
			t.Errorf("%+v: %d deleted, %v", c, n, err)
		}
	}
	if got := list(t, db, store.Query{}); len(got) != 3 {
		t.Errorf("%d rows are left", len(got))
	}
}

func TestRetentionWaitsForItsLeases(t *testing.T) {
	db := open(t)
	for _, pool := range []compute.Pool{disk(), background()} { // the other one is not there
		half, err := compute.NewBroker(compute.Config{Budgets: []compute.Budget{{Pool: pool, Slots: 1, Units: 100}}})
		if err != nil {
			t.Fatal(err)
		}
		r := store.NewRetention(store.RetentionConfig{DB: db, Broker: half, Keep: time.Hour})
		if n, err := r.Once(t.Context(), began); n != 0 || err == nil {
			t.Errorf("%d deleted with a lease of %v alone, %v", n, pool, err)
		}
		if st := r.Stats(); st != (store.RetentionStats{Failed: 1}) {
			t.Errorf("stats %+v", st)
		}
	}
}
