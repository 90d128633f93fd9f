package ops

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Poll asks for a path of a running program again and again until the function that it returns is
// called, which says whether the last answer was an error, and has waited for it.
func Poll(ctx context.Context, address, path string, every time.Duration) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	var failed error
	work.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if _, err := Fetch(ctx, address, "", path); !errors.Is(ctx.Err(), context.Canceled) {
					failed = err
				}
			case <-ctx.Done():
				return
			}
		}
	})
	return func() error {
		cancel()
		work.Wait()
		return failed
	}
}
