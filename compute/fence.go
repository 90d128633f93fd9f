package compute

import (
	"fmt"
	"sync/atomic"
)

// Fence protects something that outlives leases, such as a stored row or a room's state, from late
// writers: it lets a token pass only if no higher one has passed before. The zero value lets every
// token pass first. Safe from any goroutine.
type Fence struct {
	highest atomic.Uint64
}

// Accept lets the result of a lease through if the lease is still live and no result with a higher
// token has passed; else the refusal is counted with the lease's class. It is called when a result
// is handed over, after it was made. Errors: ErrFenced, and why the lease ended.
func (f *Fence) Accept(l *Lease) error {
	b := l.broker
	b.mu.Lock()
	defer b.unlock()
	if l.ended == nil && l.ends <= b.now() {
		b.expire(l)
	}
	err := l.ended
	if err != nil {
		err = fmt.Errorf("%s with token %d: %w: %w", l.demand.Artifact, l.token, ErrFenced, err)
	} else {
		err = f.Pass(l.token)
	}
	if err != nil {
		l.pool.count(l.demand.Class).fenced++
	}
	return err
}

// Pass lets a result with this fencing token through. Errors: ErrFenced.
func (f *Fence) Pass(token uint64) error {
	for {
		highest := f.highest.Load()
		if token < highest {
			return fmt.Errorf("token %d after %d: %w", token, highest, ErrFenced)
		}
		if token == highest || f.highest.CompareAndSwap(highest, token) {
			return nil
		}
	}
}
