package tts

import (
	"context"
	"sync"
)

// turnstile lets one clause at a time through, in the order of arrival as far as the runtime keeps it, until it is closed.
type turnstile struct {
	free   chan struct{} // holds one token while nobody is inside
	once   sync.Once
	closed chan struct{}
}

func newTurnstile() *turnstile {
	t := &turnstile{free: make(chan struct{}, 1), closed: make(chan struct{})}
	t.free <- struct{}{}
	return t
}

// enter waits for its turn, the end of the context or the end of the voice.
func (t *turnstile) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-t.closed:
		return ErrClosed
	default:
	}
	select {
	case <-t.free:
		return nil
	case <-t.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *turnstile) leave() { t.free <- struct{}{} }

// close refuses further turns, waits for the one inside, runs release and returns its error. Later calls return nil at once.
func (t *turnstile) close(release func() error) error {
	var err error
	t.once.Do(func() {
		close(t.closed)
		<-t.free
		err = release()
	})
	return err
}
