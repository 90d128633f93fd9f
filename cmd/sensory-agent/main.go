package main

import (
	"context"
	"errors"
	"os"

	"github.com/sensory-agent/sensory-agent/internal/ending"
)

func main() {
	ctx, stop := ending.Watch(context.Background(), ending.Config{
		Signals: ending.Signals(), Limit: endLimit, Exit: ending.Exiting(os.Stderr, os.Exit),
	})
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// closing closes something and joins its error to the one that is returned.
func closing(err *error, shut func() error) { *err = errors.Join(*err, shut()) }
