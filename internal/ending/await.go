package ending

import (
	"context"
	"errors"
	"time"
)

// ErrLeft says that work went on when its time was over, and was left behind.
var ErrLeft = errors.New("left behind at work")

// Await runs work that cannot be interrupted everywhere, such as the loading of a model, and waits
// for its result. Once ctx has ended it waits grace longer; then it returns ErrLeft, and the work's
// goroutine goes on until the process ends: so it is only for processes that are ending. What
// left-behind work still brings is given to undo.
func Await[T any](ctx context.Context, grace time.Duration, work func() (T, error), undo func(T)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done, left := make(chan result), make(chan struct{})
	go func() {
		value, err := work()
		select {
		case done <- result{value, err}:
		case <-left:
			if err == nil {
				undo(value)
			}
		}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
	}
	limit := time.NewTimer(grace)
	defer limit.Stop()
	select {
	case r := <-done:
		return r.value, r.err
	case <-limit.C:
		close(left)
		var none T
		return none, ErrLeft
	}
}
