package tts

import (
	"context"
	"sync"
)

// gate lets clauses in until it is closed, any number at a time: how many at once is decided by
// whoever calls the voice.
type gate struct {
	mu     sync.Mutex
	closed bool
	inside sync.WaitGroup // added to with mu held, before closed is set
}

// enter lets a clause in, which calls leave in the end. Errors: ErrClosed, the context's.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil, ErrClosed
	}
	g.inside.Add(1)
	return g.inside.Done, nil
}

// close refuses further clauses, waits for those inside, runs release and returns its error. Later
// calls return nil at once.
func (g *gate) close(release func() error) error {
	g.mu.Lock()
	closed := g.closed
	g.closed = true
	g.mu.Unlock()
	if closed {
		return nil
	}
	g.inside.Wait()
	return release()
}
