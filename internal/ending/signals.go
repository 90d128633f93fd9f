package ending

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// lastWords is how long the reason of a forced end may take to be read.
const lastWords = time.Second

// Signals are those that ask a program to end: SIGINT, SIGTERM, and SIGHUP unless it is ignored, as
// nohup has it. From then on a reader that goes away is an error of the write, not the end of the
// process (SIGPIPE). It is called once, by main.
func Signals() <-chan os.Signal {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	return signals
}

// Exiting says why a program ends by force on w, if somebody reads it within a second, and then
// calls exit: w may be what is stuck.
func Exiting(w io.Writer, exit func(code int)) func(code int, why string) {
	return func(code int, why string) {
		said := make(chan struct{})
		go func() {
			defer close(said)
			_, _ = fmt.Fprintf(w, "error: %s\n", why)
		}()
		limit := time.NewTimer(lastWords)
		defer limit.Stop()
		select {
		case <-said:
		case <-limit.C:
		}
		exit(code)
	}
}
