package compute

import (
	"context"
	"math"
	"time"
)

// never is later than everything.
const never = time.Duration(math.MaxInt64)

// reap ends everything whose time is over.
func (b *Broker) reap(now time.Duration) {
	for len(b.live) > 0 && b.live[0].ends <= now {
		b.expire(b.live[0])
	}
}

// Sweep ends what has expired, drops demands that grew stale, and returns how long until there is
// something to do again: the next expiry or staleness, or -1 when nothing is due. Run does it by
// itself.
func (b *Broker) Sweep() time.Duration {
	b.mu.Lock()
	defer b.unlock()
	now := b.now()
	b.reap(now)
	b.dirty = b.dirty || len(b.waiting) > 0
	b.planIfDirty()
	b.runAt = never
	if len(b.live) > 0 {
		b.runAt = b.live[0].ends
	}
	for _, w := range b.waiting {
		if d := &w.demand; d.StaleAfter > 0 {
			b.runAt = min(b.runAt, d.Created+d.StaleAfter+1)
		}
	}
	if b.runAt == never {
		return -1
	}
	return max(b.runAt-now, 0)
}

// Run sweeps whenever something is due, until the context ends or the broker is closed. The caller
// starts it once, on a goroutine that it waits for. The broker's clock must run at the pace of
// time. Without Run leases expire when the next demand comes.
func (b *Broker) Run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for ctx.Err() == nil {
		b.mu.Lock()
		closed := b.closed && len(b.live) == 0
		b.mu.Unlock()
		if closed {
			return
		}
		if next := b.Sweep(); next >= 0 {
			timer.Reset(next)
		}
		select {
		case <-ctx.Done():
		case <-b.kick:
		case <-timer.C:
		}
	}
}

// due lets Run look at the clock when something is due before it would.
func (b *Broker) due(at time.Duration) {
	if at < b.runAt {
		b.runAt = at
		b.wakeRun()
	}
}

// wakeRun lets Run look at the clock again.
func (b *Broker) wakeRun() {
	select {
	case b.kick <- struct{}{}:
	default:
	}
}
