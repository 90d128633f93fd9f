package ending_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/ending"
)

// stuck is a writer that nobody reads.
type stuck struct{ hold chan struct{} }

func (s stuck) Write(p []byte) (int, error) {
	<-s.hold
	return len(p), nil
}

// TestAForcedEndSaysWhy, and does not wait for who does not read.
func TestAForcedEndSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text strings.Builder
		code := 0
		begin := time.Now()
		ending.Exiting(&text, func(c int) { code = c })(130, "a second signal")
		if code != 130 || text.String() != "error: a second signal\n" || time.Since(begin) != 0 {
			t.Errorf("%d after %v: %q", code, time.Since(begin), text.String())
		}
		to := stuck{make(chan struct{})}
		ending.Exiting(to, func(c int) { code = c })(70, "too long")
		if code != 70 || time.Since(begin) != time.Second {
			t.Errorf("%d after %v", code, time.Since(begin))
		}
		close(to.hold)
	})
}

// TestSignalsArrive: those that ask for an end, and not the loss of a reader.
func TestSignalsArrive(t *testing.T) {
	signals := ending.Signals()
	for _, s := range []syscall.Signal{syscall.SIGPIPE, syscall.SIGTERM, syscall.SIGINT} {
		if err := syscall.Kill(os.Getpid(), s); err != nil {
			t.Fatal(err)
		}
		if s == syscall.SIGPIPE {
			continue
		}
		if got := <-signals; got != s {
			t.Errorf("%v was sent, %v came", s, got)
		}
	}
}
