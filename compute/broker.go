package compute

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Broker is the ledger of leases and the queue in front of it. It orders the queue with the
// planner. All methods are safe from any goroutine; none calls back with the lock held.
type Broker struct {
	cfg Config

	mu      sync.Mutex
	pools   []*poolState // sorted by pool
	bySilo  [siliconEnd]*poolState
	live    expiryHeap
	waiting []*waiter // in order of arrival
	ready   map[string]struct{}
	inUse   map[*Station]struct{} // stations of which somebody has a slot
	token   uint64                // of the last grant
	serial  uint64                // of the last demand that waited
	closed  bool
	dirty   bool     // something changed that a waiter may be waiting for
	lost    []string // artifacts whose lease ended since the last plan
	after   []func() // to call once the lock is free
	kick    chan struct{}
	runAt   time.Duration // when Run looks again
	// noBudget counts the demands for pools that nobody configured, by silicon.
	noBudget [siliconEnd]uint64
}

// poolState is a budget, what is taken from it and what was counted.
type poolState struct {
	ledger    ledger
	held      int
	published int // of held: only their bytes remain
	waiting   int
	counts    [classEnd]counts
}

func (p *poolState) count(class Class) *counts { return &p.counts[class] }

// NewBroker returns a broker with nothing held. Errors: a *FieldError that names what is wrong with
// the configuration.
func NewBroker(cfg Config) (*Broker, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	b := &Broker{cfg: cfg, ready: map[string]struct{}{}, inUse: map[*Station]struct{}{}, kick: make(chan struct{}, 1), runAt: never}
	for _, budget := range cfg.Budgets {
		b.pools = append(b.pools, &poolState{ledger: ledger{budget: budget}})
	}
	slices.SortFunc(b.pools, func(x, y *poolState) int { return comparePools(x.ledger.budget.Pool, y.ledger.budget.Pool) })
	for _, pool := range b.pools {
		if pool.ledger.budget.Silicon != SiliconCloud {
			b.bySilo[pool.ledger.budget.Silicon] = pool
		}
	}
	return b, nil
}

// Now is the time on the broker's clock.
func (b *Broker) Now() time.Duration { return b.cfg.Clock() }

func (b *Broker) now() time.Duration { return b.cfg.Clock() }

// find returns the state of a pool, or nil.
func (b *Broker) find(pool Pool) *poolState {
	if pool.Silicon != SiliconCloud {
		return b.bySilo[pool.Silicon]
	}
	index, ok := slices.BinarySearchFunc(b.pools, pool, func(p *poolState, pool Pool) int { return comparePools(p.ledger.budget.Pool, pool) })
	if !ok {
		return nil
	}
	return b.pools[index]
}

// TryAcquire grants a lease now or refuses with the reason and numbers. It passes nobody that waits
// and comes earlier in order. Errors: *FieldError, *Refusal, ErrClosed.
func (b *Broker) TryAcquire(d Demand) (*Lease, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.unlock()
	lease, w, err := b.enter(d)
	if lease != nil || err != nil {
		return lease, err
	}
	b.plan()
	if w.lease == nil && w.err == nil {
		b.settle(w, &w.decision)
	}
	return w.lease, w.err
}

// Acquire grants a lease, waiting in the queue while the pool has no room or a needed artifact is
// not ready. A demand that can never be granted is refused at once; one that waits is refused when
// it grows stale, is superseded or loses a dependency. When the context ends first nothing is held.
// Errors: *FieldError, *Refusal, ErrClosed, the context's cause.
func (b *Broker) Acquire(ctx context.Context, d Demand) (*Lease, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("lease for %s: %w", d.Artifact, context.Cause(ctx))
	}
	b.mu.Lock()
	lease, w, err := b.enter(d)
	if lease != nil || err != nil {
		b.unlock()
		return lease, err
	}
	w.decided = make(chan struct{})
	if d.StaleAfter > 0 {
		b.due(w.demand.Created + d.StaleAfter + 1)
	}
	b.dirty = true
	b.unlock()
	select {
	case <-w.decided:
		return w.lease, w.err
	case <-ctx.Done():
		return nil, b.leave(w, context.Cause(ctx))
	}
}

// enter grants at once where that passes nobody, refuses what can never be granted, and else puts
// the demand into the queue.
func (b *Broker) enter(d Demand) (*Lease, *waiter, error) {
	if b.closed {
		return nil, nil, ErrClosed
	}
	now := b.now()
	b.reap(now)
	if d.Created == 0 {
		d.Created = now
	}
	pool := b.find(d.pool())
	if pool == nil {
		return nil, nil, b.refuse(&d, Decision{Bucket: NoBudget})
	}
	if short := pool.ledger.neverFits(d.Cost); short != nil {
		return nil, nil, b.refuse(&d, Decision{Bucket: NeverFits, Shortage: short})
	}
	if d.StaleAfter > 0 && now-d.Created > d.StaleAfter {
		return nil, nil, b.refuse(&d, Decision{Bucket: Stale})
	}
	if slices.ContainsFunc(d.At, func(s *Station) bool { return s.broker != b }) {
		return nil, nil, invalid("demand.at", "a station of another broker")
	}
	ready, lost, err := b.sources(&d)
	if err != nil {
		return nil, nil, err
	}
	if lost != "" {
		return nil, nil, b.refuse(&d, Decision{Bucket: DependencyLost, BlockedBy: lost})
	}
	if pool.waiting == 0 && ready && len(d.Needs) == 0 && open(d.At) && pool.ledger.fits(d.Cost) {
		return b.grant(&d, pool, now), nil, nil
	}
	if len(b.waiting) >= b.cfg.QueueLimit {
		refusal := b.refuse(&d, Decision{})
		refusal.QueueLimit = b.cfg.QueueLimit
		return nil, nil, refusal
	}
	b.serial++
	d.needSources()
	w := &waiter{demand: d, pool: pool, id: waiterID(b.serial), since: now}
	b.waiting = append(b.waiting, w)
	pool.waiting++
	queue(d.At, 1)
	return nil, w, nil
}

// sources reports whether the artifacts of all leases in From are ready, and the first one whose
// lease has ended.
func (b *Broker) sources(d *Demand) (ready bool, lost string, err error) {
	ready = true
	for _, l := range d.From {
		if l.broker != b {
			return false, "", invalid("demand.from", "a lease of another broker")
		}
		if l.ended != nil {
			return false, l.demand.Artifact, nil //nolint:nilerr // why the lease ended is not this demand's error
		}
		ready = ready && l.done
	}
	return ready, "", nil
}

// grant makes the lease. The caller has checked that it fits.
func (b *Broker) grant(d *Demand, pool *poolState, now time.Duration) *Lease {
	b.token++
	l := &Lease{broker: b, token: b.token, demand: *d, acquired: now, pool: pool}
	l.demand.Needs, l.demand.From = nil, nil // a lease keeps nothing of what it came from
	l.ends = b.expiry(d, d.TTL, now)
	pool.ledger.take(d.Cost, false, l.pinned())
	l.seat()
	pool.held++
	pool.count(d.Class).granted++
	b.live.push(l)
	b.due(l.ends)
	return l
}

// expiry returns when a lease ends: after its time to live, and a Hard one also when its work is
// stale.
func (b *Broker) expiry(d *Demand, ttl, now time.Duration) time.Duration {
	ends := now + orDefault(ttl, b.cfg.TTL)
	if d.Revocation == Hard && d.StaleAfter > 0 {
		ends = min(ends, d.Created+d.StaleAfter)
	}
	return ends
}

// refuse counts a refusal and describes it.
func (b *Broker) refuse(d *Demand, decision Decision) *Refusal {
	refusal := &Refusal{Artifact: d.Artifact, Pool: d.pool(), Holder: d.Holder, Decision: decision}
	if pool := b.find(refusal.Pool); pool != nil {
		refusal.Held, refusal.Waiting = pool.held, pool.waiting
		pool.count(d.Class).refused[decision.Bucket]++
	} else {
		b.noBudget[d.Silicon]++
	}
	return refusal
}

// end takes a live lease out of the ledger.
func (b *Broker) end(l *Lease, reason error) {
	l.ended = reason
	b.live.remove(l)
	l.pool.ledger.give(l.demand.Cost, l.done, l.pinned())
	l.pool.held--
	if l.done {
		l.pool.published--
	}
	l.cancel(reason)
	l.vacate()
	if len(b.waiting) > 0 {
		b.dirty = true
		b.lost = append(b.lost, l.demand.Artifact)
	}
	if l.users == 0 && l.demand.OnEnd != nil {
		b.after = append(b.after, l.demand.OnEnd)
	}
}

// Close refuses whoever waits and whoever comes later. Leases that are held stay valid until they
// end; Close does not wait for them. Idempotent.
func (b *Broker) Close() error {
	b.mu.Lock()
	defer b.unlock()
	b.closed = true
	for len(b.waiting) > 0 {
		w := b.waiting[0]
		w.err = ErrClosed
		b.settle(w, nil)
	}
	b.wakeRun()
	return nil
}

// planIfDirty plans for those that wait, if something changed.
func (b *Broker) planIfDirty() {
	for b.dirty && len(b.waiting) > 0 {
		b.dirty = false
		b.plan()
	}
	b.dirty = false
	b.lost = b.lost[:0]
}

// unlock plans if something changed, frees the lock and then calls what was put off.
func (b *Broker) unlock() {
	b.planIfDirty()
	after := b.after
	b.after = nil
	b.mu.Unlock()
	for _, call := range after {
		call()
	}
}
