package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/ending"
)

func main() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // a reader that goes away is an error of the write, not the end of the process
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup
		signal.Notify(signals, syscall.SIGHUP)
	}
	ctx, stop := ending.Watch(context.Background(), ending.Config{Signals: signals, Limit: endLimit, Exit: exitNow})
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// exitNow says why, if somebody reads it, and ends the process.
func exitNow(code int, why string) {
	said := make(chan struct{})
	go func() {
		defer close(said)
		_, _ = fmt.Fprintf(os.Stderr, "error: %s\n", why) // standard error may be what is stuck
	}()
	select {
	case <-said:
	case <-time.After(time.Second):
	}
	os.Exit(code)
}
