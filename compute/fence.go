package compute

import (
	"fmt"
	"sync/atomic"
)

// Fence protects something that outlives leases, such as a stored row or a room's state, from late writers: it lets a token pass only if no
// higher one has passed before. The zero value lets every token pass first. Safe from any goroutine.
type Fence struct {
	highest atomic.Uint64
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
