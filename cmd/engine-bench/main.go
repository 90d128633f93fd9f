package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/sensory-agent/sensory-agent/bench/engine"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := engine.Main(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
