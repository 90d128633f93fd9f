package output_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/internal/output"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pipe is a destination whose reader takes a line when told to.
type pipe struct {
	mu    sync.Mutex
	lines []string
	read  chan struct{} // one line may pass; closed: all may
	err   error
}

func (p *pipe) Write(line []byte) (int, error) {
	<-p.read
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return 0, p.err
	}
	p.lines = append(p.lines, strings.TrimSuffix(string(line), "\n"))
	return len(line), nil
}

func (p *pipe) got() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, " ")
}

func notice(n uint64) []byte { return fmt.Appendf(nil, "-%d\n", n) }

func put(t *testing.T, q *output.Queue, lines ...string) {
	t.Helper()
	for _, l := range lines {
		if n, err := q.Write([]byte(l + "\n")); err != nil || n != len(l)+1 {
			t.Fatalf("%s: %d, %v", l, n, err)
		}
	}
}

func closed(t *testing.T, q *output.Queue, limit time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	return q.Close(ctx)
}

func TestNobodyWaitsForAReaderWhoDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipe{read: make(chan struct{})}
		q := output.New(p, output.Config{Lines: 4, Notice: notice})
		begin := time.Now()
		put(t, q, "a", "b", "c", "d", "e", "f") // a is being written and takes room
		synctest.Wait()
		if s := q.Stats(); s != (output.Stats{Dropped: 2, Waiting: 4}) || time.Since(begin) != 0 {
			t.Fatalf("%+v after %s", s, time.Since(begin))
		}
		p.read <- struct{}{}
		synctest.Wait()
		put(t, q, "g") // three of four wait: still dropped, or there would be a notice for every other line
		p.read <- struct{}{}
		synctest.Wait()
		put(t, q, "h", "i")
		synctest.Wait()
		close(p.read)
		synctest.Wait()
		if got := p.got(); got != "a b c d -3 h -1" {
			t.Errorf("read %q", got)
		}
		put(t, q, "j")
		if err := closed(t, q, time.Second); err != nil {
			t.Error(err)
		}
		if got, s := p.got(), q.Stats(); got != "a b c d -3 h -1 j" || s != (output.Stats{Written: 8, Dropped: 4}) {
			t.Errorf("read %q, %+v", got, s)
		}
	})
}

func TestAMissingEndIsSaidToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipe{read: make(chan struct{})}
		q := output.New(p, output.Config{Lines: 1, Notice: notice})
		put(t, q, "a", "b", "c")
		close(p.read)
		synctest.Wait()
		if got := p.got(); got != "a -2" {
			t.Errorf("read %q", got)
		}
		if err := closed(t, q, time.Second); err != nil {
			t.Error(err)
		}
	})
}

func TestBytesAreBoundedToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipe{read: make(chan struct{})}
		q := output.New(p, output.Config{Bytes: 10, Notice: notice})
		put(t, q, "1234", "5678", "9") // 5 and 5 bytes fit exactly
		if s := q.Stats(); s.Waiting != 2 || s.Dropped != 1 {
			t.Errorf("%+v", s)
		}
		p.read <- struct{}{}
		synctest.Wait()
		put(t, q, "x")
		close(p.read)
		if err := closed(t, q, time.Second); err != nil {
			t.Error(err)
		}
		if got := p.got(); got != "1234 5678 -1 x" {
			t.Errorf("read %q", got)
		}
	})
}

func TestDefaultsAndTheSentenceOfTheNotice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipe{read: make(chan struct{})}
		q := output.New(p, output.Config{})
		for range 4100 {
			put(t, q, "a")
		}
		if s := q.Stats(); s.Waiting != 4096 || s.Dropped != 4 {
			t.Errorf("%+v", s)
		}
		close(p.read)
		synctest.Wait()
		if !strings.HasSuffix(p.got(), " a 4 lines are missing here: nobody read them") {
			t.Errorf("ends with %q", p.got()[len(p.got())-60:])
		}
		put(t, q, strings.Repeat("x", 4<<20)) // one byte too many
		if s := q.Stats(); s.Dropped != 5 {
			t.Errorf("%+v", s)
		}
		if err := closed(t, q, time.Second); err != nil {
			t.Error(err)
		}
	})
}

func TestCloseWaitsNoLongerThanItMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipe{read: make(chan struct{})}
		q := output.New(p, output.Config{Lines: 2, Notice: notice})
		put(t, q, "a", "b", "c")
		synctest.Wait()
		begin := time.Now()
		var stuck *output.StuckError
		if err := closed(t, q, 2*time.Second); !errors.As(err, &stuck) || stuck.Lines != 3 || time.Since(begin) != 2*time.Second || !strings.Contains(err.Error(), "3 lines") {
			t.Errorf("%v after %s", err, time.Since(begin))
		}
		if n, err := q.Write([]byte("d\n")); n != 0 || !errors.Is(err, output.ErrClosed) {
			t.Errorf("after the end: %d, %v", n, err)
		}
		close(p.read)
		if err := closed(t, q, time.Second); err != nil {
			t.Errorf("once it reads: %v", err)
		}
		if got := p.got(); got != "a b -1" {
			t.Errorf("read %q", got)
		}
	})
}

func TestAReaderWhoGoesAwayIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipe{read: make(chan struct{}), err: errors.New("broken pipe")}
		q := output.New(p, output.Config{})
		put(t, q, "a", "b")
		select {
		case <-q.Gone():
			t.Error("gone before anything was written")
		default:
		}
		if q.Err() != nil {
			t.Error(q.Err())
		}
		close(p.read)
		<-q.Gone()
		if err := q.Err(); !errors.Is(err, output.ErrGone) || !errors.Is(err, p.err) {
			t.Errorf("%v", err)
		}
		if n, err := q.Write([]byte("c\n")); n != 0 || !errors.Is(err, output.ErrGone) {
			t.Errorf("%d, %v", n, err)
		}
		if s := q.Stats(); s.Waiting != 0 || s.Written != 0 {
			t.Errorf("%+v", s)
		}
		done, cancel := context.WithCancel(t.Context())
		cancel()
		synctest.Wait()
		if err := q.Close(done); !errors.Is(err, output.ErrGone) {
			t.Errorf("%v", err)
		}
	})
}

func TestLinesOfManyKeepTheirOrder(t *testing.T) {
	var to bytes.Buffer
	q := output.New(&to, output.Config{})
	var work sync.WaitGroup
	for who := range 8 {
		work.Go(func() {
			for i := range 100 {
				line := fmt.Appendf(nil, "%d %02d\n", who, i)
				_, _ = q.Write(line)
				copy(line, "XXXXXX") // the queue has its own
			}
		})
	}
	work.Wait()
	if n, err := q.Write(nil); n != 0 || err != nil {
		t.Errorf("nothing: %d, %v", n, err)
	}
	if err := closed(t, q, time.Minute); err != nil {
		t.Fatal(err)
	}
	next := map[string]int{}
	for line := range strings.Lines(to.String()) {
		who, number, _ := strings.Cut(strings.TrimSpace(line), " ")
		if number != fmt.Sprintf("%02d", next[who]) {
			t.Fatalf("%q out of order", line)
		}
		next[who]++
	}
	if len(next) != 8 || q.Stats().Written != 800 {
		t.Errorf("%v, %+v", next, q.Stats())
	}
}
