package ending

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"
)

// CodeForced is the exit code of a program that did not come to an orderly end within the limit.
const CodeForced = 4

// codeSignal is what shells add to the number of a signal that ended a program.
const codeSignal = 128

// SignalError is why a context ended: a signal came.
type SignalError struct{ Signal os.Signal }

// Error names the signal.
func (e *SignalError) Error() string { return "ended by " + Name(e.Signal) }

// ExitCode is 128 + the number of the signal.
func (e *SignalError) ExitCode() int { return Code(e.Signal) }

// Name is the name that people know a signal by.
func Name(s os.Signal) string {
	switch s {
	case syscall.SIGINT:
		return "SIGINT"
	case syscall.SIGTERM:
		return "SIGTERM"
	case syscall.SIGHUP:
		return "SIGHUP"
	}
	return s.String()
}

// Code is 128 + the number of a signal, or CodeForced where it has none.
func Code(s os.Signal) int {
	if n, ok := s.(syscall.Signal); ok {
		return codeSignal + int(n)
	}
	return CodeForced
}

// Config of Watch.
type Config struct {
	// Signals are those that end the program.
	Signals <-chan os.Signal
	// Limit of the orderly end, from the first signal.
	Limit time.Duration
	// Exit ends the process at once; why is one line or more for people. It is called at most once,
	// from a goroutine of Watch.
	Exit func(code int, why string)
}

// Watch returns a context that the first signal ends, with a *SignalError as its cause. stop ends
// the watch and waits for its goroutine; it is called when the program's work is over.
func Watch(parent context.Context, cfg Config) (ctx context.Context, stop func()) {
	d := &diversion{}
	ctx, cancel := context.WithCancelCause(context.WithValue(parent, diverted{}, d))
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		cfg.watch(d, cancel, over)
	}()
	return ctx, func() {
		close(over)
		<-ended
		cancel(context.Canceled)
	}
}

func (c Config) watch(d *diversion, cancel context.CancelCauseFunc, over <-chan struct{}) {
	for asked := false; !asked; {
		select {
		case s := <-c.Signals:
			if asked = s != syscall.SIGHUP || !d.take(); asked {
				cancel(&SignalError{s})
			}
		case <-over:
			return
		}
	}
	limit := time.NewTimer(c.Limit)
	defer limit.Stop()
	select {
	case s := <-c.Signals:
		c.Exit(Code(s), "a second signal, "+Name(s)+": ended at once")
	case <-limit.C:
		c.Exit(CodeForced, fmt.Sprintf("no orderly end within %s; still at work:\n%s", c.Limit, Goroutines()))
	case <-over:
	}
}
