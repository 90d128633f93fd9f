package compute

import (
	"context"
	"fmt"
	"time"
)

// Lease is the right to use a share of a pool. It is made by a Broker and belongs to the holder;
// all methods are safe from any goroutine.
type Lease struct {
	broker *Broker
	token  uint64
	demand Demand

	// Under the broker's lock.
	acquired time.Duration
	ends     time.Duration // expiry, or the end of the grace period
	place    int           // in the expiry heap, -1 once ended
	pool     *poolState
	done     bool  // published: slots and units are free again
	seated   bool  // holds slots of its stations
	notice   error // why it is being taken back; it may still be live (graceful)
	ended    error // why it ended
	users    int   // callers inside Do
	revoked  chan struct{}
	cancels  []context.CancelCauseFunc
}

// Token is the fencing token: each grant of a broker has a higher one than the grant before.
func (l *Lease) Token() uint64 { return l.token }

// Artifact is what is made under the lease.
func (l *Lease) Artifact() string { return l.demand.Artifact }

// Revoked is closed when the lease is being taken back or has expired: the holder stops and
// releases. A graceful revocation leaves it a grace period in which the lease still counts. Release
// does not close it.
func (l *Lease) Revoked() <-chan struct{} {
	l.broker.mu.Lock()
	defer l.broker.mu.Unlock()
	if l.revoked == nil {
		l.revoked = make(chan struct{})
		if l.notice != nil {
			close(l.revoked)
		}
	}
	return l.revoked
}

// Context returns a context that is cancelled, with the reason as its cause, when Revoked closes or
// the parent ends. Call cancel when the work is done.
func (l *Lease) Context(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	l.broker.mu.Lock()
	defer l.broker.mu.Unlock()
	switch {
	case l.notice != nil:
		cancel(l.notice)
	case l.ended != nil:
		cancel(l.ended)
	default:
		l.cancels = append(l.cancels, cancel)
	}
	return ctx, func() { cancel(context.Canceled) }
}

// Err is nil while the lease is live and not being taken back, else the reason: ErrReleased,
// ErrExpired, or one that wraps ErrRevoked.
func (l *Lease) Err() error {
	l.broker.mu.Lock()
	defer l.broker.mu.Unlock()
	return l.why()
}

func (l *Lease) why() error {
	if l.ended != nil {
		return l.ended
	}
	return l.notice
}

// Do runs fn while what the lease covers is guaranteed to stay: if the lease ends meanwhile, OnEnd
// waits until fn has returned. When the lease has ended already fn is not run. Errors: those of fn
// and Err.
func (l *Lease) Do(fn func() error) error {
	l.broker.mu.Lock()
	if err := l.ended; err != nil {
		l.broker.mu.Unlock()
		return fmt.Errorf("%s: %w", l.demand.Artifact, err)
	}
	l.users++
	l.broker.mu.Unlock()
	defer func() {
		l.broker.mu.Lock()
		l.users--
		last := l.users == 0 && l.ended != nil
		l.vacate()
		l.broker.unlock()
		if last && l.demand.OnEnd != nil {
			l.demand.OnEnd()
		}
	}()
	return fn()
}

// Renew lets the lease live for ttl from now (0: the broker's default). A lease that has ended or
// is being taken back cannot be renewed. Errors: those of Err.
func (l *Lease) Renew(ttl time.Duration) error {
	b := l.broker
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := l.why(); err != nil {
		return fmt.Errorf("renew %s: %w", l.demand.Artifact, err)
	}
	now := b.now()
	if l.ends <= now {
		return fmt.Errorf("renew %s: %w", l.demand.Artifact, ErrExpired)
	}
	b.live.move(l, b.expiry(&l.demand, ttl, now))
	return nil
}

// Publish makes the lease's artifact ready for those that wait for it, until the lease ends. Slots
// and units are free from now on; bytes are held on. Publishing twice is harmless. A lease that has
// ended, or is past its expiry, publishes nothing: its result is from an old fencing token. Errors:
// those of Err.
func (l *Lease) Publish() error {
	b := l.broker
	b.mu.Lock()
	defer b.unlock()
	if l.ended == nil && l.ends <= b.now() {
		b.expire(l)
	}
	if l.ended != nil {
		l.pool.count(l.demand.Class).fenced++
		return fmt.Errorf("publish %s with token %d: %w", l.demand.Artifact, l.token, l.ended)
	}
	if l.done {
		return nil
	}
	l.pool.ledger.give(l.demand.Cost, false, l.pinned())
	l.done = true
	l.pool.ledger.take(l.demand.Cost, true, l.pinned())
	l.pool.published++
	l.vacate()
	b.dirty = true
	return nil
}

// Resize changes how many bytes the lease holds, which it does without a slot and waiting for
// nobody: where its pool has not so many more free, nothing changes. It is for what grows and
// shrinks while its lease lives, such as the prompt that a persona keeps from reply to reply.
// Errors: *FieldError, *Refusal, and those of Err.
func (l *Lease) Resize(bytes int64) error {
	if bytes < 0 || bytes > maxCost {
		return invalid("lease.bytes", "negative or out of range")
	}
	b := l.broker
	b.mu.Lock()
	defer b.unlock()
	if l.ended == nil && l.ends <= b.now() {
		b.expire(l)
	}
	if l.ended != nil {
		return fmt.Errorf("resize %s: %w", l.demand.Artifact, l.ended)
	}
	more, pool := bytes-l.demand.Cost.Bytes, &l.pool.ledger
	if limit := pool.budget.Bytes; more > 0 && limit > 0 && !room(more, pool.bytes, limit) {
		short := &Shortage{Resource: Bytes, Need: more, Free: max(limit-pool.bytes, 0), Limit: limit}
		return b.refuse(&l.demand, Decision{Bucket: Pressure, Shortage: short})
	}
	pool.give(l.demand.Cost, l.done, l.pinned())
	l.demand.Cost.Bytes = bytes
	pool.take(l.demand.Cost, l.done, l.pinned())
	b.dirty = true
	return nil
}

// Release gives the lease back. Releasing again, or after the lease ended another way, is harmless.
func (l *Lease) Release() {
	if l == nil {
		return
	}
	b := l.broker
	b.mu.Lock()
	if l.ended != nil {
		b.mu.Unlock()
		return
	}
	l.pool.count(l.demand.Class).completed++
	b.end(l, ErrReleased)
	b.unlock()
}

func (l *Lease) pinned() bool { return l.demand.Revocation == Pinned }

// tell closes the channel and cancels the contexts. The broker's lock is held; cancelling runs no
// foreign code that takes it, as context callbacks run on goroutines of their own.
func (l *Lease) tell(reason error) {
	if l.notice != nil {
		return
	}
	l.notice = reason
	if l.revoked != nil {
		close(l.revoked)
	}
	l.cancel(reason)
}

func (l *Lease) cancel(reason error) {
	for _, cancel := range l.cancels {
		cancel(reason)
	}
	l.cancels = nil
}
