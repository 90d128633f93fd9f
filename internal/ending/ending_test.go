package ending_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/internal/ending"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// exits remembers how the process would have ended.
type exits struct {
	code int
	why  string
	at   time.Time
	n    int
}

func watch(t *testing.T, limit time.Duration) (chan os.Signal, context.Context, func(), *exits) {
	t.Helper()
	signals, e := make(chan os.Signal), &exits{}
	ctx, stop := ending.Watch(t.Context(), ending.Config{Signals: signals, Limit: limit, Exit: func(code int, why string) {
		e.code, e.why, e.at, e.n = code, why, time.Now(), e.n+1
	}})
	return signals, ctx, stop, e
}

func TestTheFirstSignalAsksForAnOrderlyEnd(t *testing.T) {
	for signal, want := range map[os.Signal]string{syscall.SIGINT: "SIGINT", syscall.SIGTERM: "SIGTERM", syscall.SIGHUP: "SIGHUP", syscall.SIGUSR1: "user defined signal 1"} {
		synctest.Test(t, func(t *testing.T) {
			signals, ctx, stop, e := watch(t, time.Second)
			synctest.Wait()
			if ctx.Err() != nil {
				t.Fatal("ended without a signal")
			}
			signals <- signal
			<-ctx.Done()
			var by *ending.SignalError
			if !errors.As(context.Cause(ctx), &by) || by.Signal != signal || by.Error() != "ended by "+want || by.ExitCode() != 128+int(signal.(syscall.Signal)) {
				t.Errorf("%v", context.Cause(ctx))
			}
			time.Sleep(999 * time.Millisecond)
			stop()
			if e.n != 0 {
				t.Errorf("ended by force: %+v", e)
			}
		})
	}
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signals, _, stop, e := watch(t, time.Minute)
		begin := time.Now()
		signals <- syscall.SIGINT
		signals <- syscall.SIGTERM
		synctest.Wait()
		if e.n != 1 || e.code != 143 || !strings.Contains(e.why, "SIGTERM") || !e.at.Equal(begin) {
			t.Errorf("%+v", e)
		}
		stop()
	})
}

func TestAnEndThatTakesTooLongIsForcedAndNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		go stuckHere(hold)
		signals, _, stop, e := watch(t, 8*time.Second)
		begin := time.Now()
		signals <- syscall.SIGTERM
		time.Sleep(9 * time.Second)
		synctest.Wait()
		if e.n != 1 || e.code != ending.CodeForced || e.at.Sub(begin) != 8*time.Second || !strings.Contains(e.why, "8s") || !strings.Contains(e.why, "stuckHere (ending_test.go:") {
			t.Errorf("%+v", e)
		}
		close(hold)
		stop()
	})
}

func stuckHere(hold chan struct{}) { <-hold }

func TestStopWithoutASignal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, ctx, stop, e := watch(t, time.Second)
		stop()
		var by *ending.SignalError
		if ctx.Err() == nil || errors.As(context.Cause(ctx), &by) || e.n != 0 {
			t.Errorf("%v, %+v", context.Cause(ctx), e)
		}
	})
}

func TestGoroutinesAreCountedByWhatTheyDo(t *testing.T) {
	hold, ready := make(chan struct{}), make(chan struct{})
	for range 3 {
		go func() {
			ready <- struct{}{}
			stuckHere(hold)
		}()
		<-ready
	}
	defer close(hold)
	got := ""
	for range 1000 { // until the last one has reached its place
		if got = ending.Goroutines(); strings.Contains(got, "   3 × ending_test.stuckHere") {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if !strings.Contains(got, "   3 × ending_test.stuckHere") || !strings.Contains(got, "begun in ending_test.TestGoroutines") || strings.Contains(got, "runtime.") {
		t.Error(got)
	}
}

type odd struct{}

func (odd) Signal()        {}
func (odd) String() string { return "odd" }

func TestCodes(t *testing.T) {
	if ending.Code(odd{}) != ending.CodeForced || ending.Code(syscall.SIGHUP) != 129 || ending.Name(odd{}) != "odd" {
		t.Errorf("%d, %d, %s", ending.Code(odd{}), ending.Code(syscall.SIGHUP), ending.Name(odd{}))
	}
}

func TestAwait(t *testing.T) {
	after := func(d time.Duration, err error) func() (int, error) {
		return func() (int, error) {
			time.Sleep(d)
			return 7, err
		}
	}
	broken := errors.New("broken")
	for _, c := range []struct {
		name  string
		takes time.Duration
		err   error
		want  int
		fails error
		at    time.Duration
		undo  int
	}{
		{"in time", 4 * time.Second, nil, 7, nil, 4 * time.Second, 0},
		{"fails in time", 4 * time.Second, broken, 7, broken, 4 * time.Second, 0},
		{"within the grace", 6 * time.Second, nil, 7, nil, 6 * time.Second, 0},
		{"too late", 9 * time.Second, nil, 0, ending.ErrLeft, 8 * time.Second, 7},
		{"fails too late", 9 * time.Second, broken, 0, ending.ErrLeft, 8 * time.Second, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			undone := 0
			got, err := ending.Await(ctx, 3*time.Second, after(c.takes, c.err), func(v int) { undone = v })
			if got != c.want || !errors.Is(err, c.fails) || time.Since(begin) != c.at {
				t.Errorf("%s: %d, %v after %s", c.name, got, err, time.Since(begin))
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			if undone != c.undo {
				t.Errorf("%s: %d was undone, want %d", c.name, undone, c.undo)
			}
		})
	}
}

// TestHangupsAreTakenInsteadOfEnding: while somebody wants them; the end by another signal is as
// ever.
func TestHangupsAreTakenInsteadOfEnding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signals, ctx, stop, e := watch(t, time.Minute)
		began, goOn, done := make(chan struct{}, 4), make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			ending.OnHangup(ctx, func() { began <- struct{}{}; <-goOn })
		}()
		synctest.Wait()
		for range 4 { // the first is taken, and the others are one
			signals <- syscall.SIGHUP
			synctest.Wait()
		}
		close(goOn)
		synctest.Wait()
		if len(began) != 2 || ctx.Err() != nil {
			t.Errorf("%d calls, %v", len(began), ctx.Err())
		}
		signals <- syscall.SIGTERM
		<-done
		signals <- syscall.SIGHUP
		synctest.Wait()
		if e.n != 1 || e.code != 129 || len(began) != 2 {
			t.Errorf("%+v", e)
		}
		stop()
	})
	synctest.Test(t, func(t *testing.T) {
		signals, ctx, stop, _ := watch(t, time.Minute)
		before, cancel := context.WithCancel(ctx)
		cancel()
		ending.OnHangup(before, func() { t.Error("nobody hung up") })
		signals <- syscall.SIGHUP
		<-ctx.Done()
		var by *ending.SignalError
		if !errors.As(context.Cause(ctx), &by) || by.Signal != syscall.SIGHUP {
			t.Error(context.Cause(ctx))
		}
		stop()
	})
	synctest.Test(t, func(t *testing.T) { // one that waits when the end comes is not taken
		signals, ctx, stop, _ := watch(t, time.Minute)
		goOn, done, calls := make(chan struct{}), make(chan struct{}), 0
		go func() {
			defer close(done)
			ending.OnHangup(ctx, func() { calls++; <-goOn })
		}()
		synctest.Wait()
		for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGHUP, syscall.SIGTERM} {
			signals <- s
			synctest.Wait()
		}
		close(goOn)
		<-done
		if calls != 1 {
			t.Errorf("%d calls", calls)
		}
		stop()
	})
	nobody, cancel := context.WithCancel(t.Context())
	cancel()
	ending.OnHangup(nobody, func() { t.Error("nobody watches") })
}
