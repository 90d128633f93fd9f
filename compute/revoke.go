package compute

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// RevokedError says why a lease was taken back. It unwraps to ErrRevoked, and to ErrStale where the
// work grew too old.
type RevokedError struct {
	Artifact string
	Reason   string
	stale    bool
}

// Error returns artifact and reason.
func (e *RevokedError) Error() string {
	return fmt.Sprintf("%s: %v: %s", e.Artifact, ErrRevoked, e.Reason)
}

// Unwrap returns ErrRevoked, and ErrStale where it applies.
func (e *RevokedError) Unwrap() []error {
	if e.stale {
		return []error{ErrRevoked, ErrStale}
	}
	return []error{ErrRevoked}
}

// Tier is how hard a pool is pressed. Each tier does what the one before it does and more.
type Tier uint8

// The tiers, and the level at which each begins.
const (
	// Normal, below 0.60: only what has expired is taken back.
	Normal Tier = iota
	// Warning, from 0.60: Hard leases too.
	Warning
	// High, from 0.80: holders of Graceful leases are asked, and have the grace period.
	High
	// Critical, from 0.95: Graceful leases end at once.
	Critical
)

const (
	warningLevel  = 0.60
	highLevel     = 0.80
	criticalLevel = 0.95
	// leastRelief is the part of a pool that is freed at least once it is worth the trouble.
	leastRelief = 0.10
)

// TierOf returns the tier of a level, the used part of a pool from 0 to 1.
func TierOf(level float64) Tier {
	switch {
	case level >= criticalLevel:
		return Critical
	case level >= highLevel:
		return High
	case level >= warningLevel:
		return Warning
	default:
		return Normal
	}
}

// String returns the tier's name.
func (t Tier) String() string {
	switch t {
	case Warning:
		return "warning"
	case High:
		return "high"
	case Critical:
		return "critical"
	default:
		return "normal"
	}
}

// MarshalText returns the tier's name.
func (t Tier) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// Relief is what a call of Relieve did.
type Relief struct {
	Tier Tier
	// Ended leases count no more; Asked ones are graceful and have the grace period.
	Ended, Asked []LeaseInfo
	// Freed is what the ended ones held; Coming is what the asked ones, now or before, will give
	// back.
	Freed, Coming Cost
	// Target is what was to be freed; what Freed and Coming lack of it is pinned or not there: the
	// pool is hot and stuck.
	Target Cost
}

// Short returns what could be neither freed nor asked for; zero when the target is met.
func (r *Relief) Short() Cost {
	return Cost{
		Units: max(r.Target.Units-r.Freed.Units-r.Coming.Units, 0),
		Bytes: max(r.Target.Bytes-r.Freed.Bytes-r.Coming.Bytes, 0),
	}
}

// Level returns the used part of a pool, 0 to 1: the larger one of units and bytes. Errors:
// ErrNoBudget.
func (b *Broker) Level(pool Pool) (float64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	state := b.find(pool)
	if state == nil {
		return 0, fmt.Errorf("%s: %w", pool, ErrNoBudget)
	}
	return state.ledger.level(), nil
}

func (l *ledger) level() float64 {
	level := float64(l.units) / float64(l.budget.Units)
	if l.budget.Bytes > 0 {
		level = max(level, float64(l.bytes)/float64(l.budget.Bytes))
	}
	return level
}

// Relieve takes leases of a pool back until it is down to 0.60 of its budget, and at least a tenth
// of it, from tier Warning on: expired ones, then Hard, then Graceful ones as the tier allows; the
// largest first; a Pinned one never. The level is what the caller measured, of the device's memory
// for example; below 0 means the ledger's own. What is freed is bytes where the budget bounds them,
// else units. Errors: ErrNoBudget.
func (b *Broker) Relieve(pool Pool, level float64) (Relief, error) {
	b.mu.Lock()
	defer b.unlock()
	state := b.find(pool)
	if state == nil {
		return Relief{}, fmt.Errorf("%s: %w", pool, ErrNoBudget)
	}
	if level < 0 {
		level = state.ledger.level()
	}
	relief := Relief{Tier: TierOf(level)}
	b.expireInto(&relief, state)
	if relief.Tier == Normal {
		return relief, nil
	}
	relief.Target = target(state.ledger.budget, max(level-warningLevel, leastRelief))
	if relief.Tier < Critical {
		relief.Coming = b.asked(state)
	}
	reason := fmt.Sprintf("%s at %.0f %% (%s)", pool, level*100, relief.Tier)
	for _, l := range b.victims(state, &relief) {
		if relief.Short() == (Cost{}) {
			break
		}
		b.take(l, &relief, reason)
	}
	return relief, nil
}

// asked is what holders in their grace period will give back.
func (b *Broker) asked(state *poolState) Cost {
	var sum Cost
	for _, l := range b.live {
		if l.pool == state && l.notice != nil {
			sum = sum.plus(l.remaining())
		}
	}
	return sum
}

// target is the share of a budget that is to be freed.
func target(budget Budget, share float64) Cost {
	if budget.Bytes > 0 {
		return Cost{Bytes: int64(share * float64(budget.Bytes))}
	}
	return Cost{Units: int64(share * float64(budget.Units))}
}

// expireInto ends what has expired in a pool.
func (b *Broker) expireInto(r *Relief, state *poolState) {
	now := b.now()
	for len(b.live) > 0 && b.live[0].ends <= now {
		l := b.live[0]
		if l.pool == state {
			r.Ended = append(r.Ended, l.info(now))
			r.Freed = r.Freed.plus(l.remaining())
		}
		b.expire(l)
	}
}

// victims returns the leases that the tier allows to take and that hold what is short: Hard before
// Graceful, the largest first, then the oldest.
func (b *Broker) victims(state *poolState, relief *Relief) []*Lease {
	holds := func(l *Lease) int64 {
		if relief.Target.Bytes > 0 {
			return l.remaining().Bytes
		}
		return l.remaining().Units
	}
	var list []*Lease
	for _, l := range b.live {
		allowed := l.demand.Revocation == Hard || l.demand.Revocation == Graceful && relief.Tier >= High
		if l.pool == state && allowed && holds(l) > 0 && (l.notice == nil || relief.Tier == Critical) {
			list = append(list, l)
		}
	}
	slices.SortFunc(list, func(x, y *Lease) int {
		return cmp.Or(
			cmp.Compare(y.demand.Revocation, x.demand.Revocation), // Hard is the larger one
			cmp.Compare(holds(y), holds(x)), cmp.Compare(x.token, y.token),
		)
	})
	return list
}

// remaining is what ending the lease gives back.
func (l *Lease) remaining() Cost {
	if l.done {
		return Cost{Bytes: l.demand.Cost.Bytes}
	}
	return l.demand.Cost
}

func (c Cost) plus(other Cost) Cost { return Cost{c.Units + other.Units, c.Bytes + other.Bytes} }

// take ends a lease, or asks for it where it is graceful and the tier leaves time.
func (b *Broker) take(l *Lease, r *Relief, reason string) {
	now := b.now()
	cause := &RevokedError{Artifact: l.demand.Artifact, Reason: reason}
	info := l.info(now)
	if l.demand.Revocation == Graceful && r.Tier < Critical {
		b.ask(l, cause, now)
		r.Asked, r.Coming = append(r.Asked, info), r.Coming.plus(l.remaining())
		return
	}
	r.Ended, r.Freed = append(r.Ended, info), r.Freed.plus(l.remaining())
	b.revoke(l, cause)
}

// ask gives the holder the grace period to release.
func (b *Broker) ask(l *Lease, cause error, now time.Duration) {
	l.tell(cause)
	b.live.move(l, min(l.ends, now+b.cfg.Grace))
	b.due(l.ends)
}

// revoke ends a lease at once.
func (b *Broker) revoke(l *Lease, cause error) {
	l.tell(cause)
	l.pool.count(l.demand.Class).revoked++
	b.end(l, cause)
}

// expire ends a lease whose time is over: by revocation where it was being taken back or its work
// is stale.
func (b *Broker) expire(l *Lease) {
	if l.notice != nil {
		b.revoke(l, l.notice)
		return
	}
	d := &l.demand
	if d.Revocation == Hard && d.StaleAfter > 0 && l.ends >= d.Created+d.StaleAfter {
		b.revoke(l, &RevokedError{Artifact: d.Artifact, Reason: fmt.Sprintf("older than %v", d.StaleAfter), stale: true})
		return
	}
	l.tell(ErrExpired)
	l.pool.count(d.Class).expired++
	b.end(l, ErrExpired)
}

// Revoke takes a lease back on somebody's word: a Hard one at once, a Graceful one after the grace
// period. It reports whether the lease was live and not Pinned.
func (b *Broker) Revoke(l *Lease, reason string) bool {
	b.mu.Lock()
	defer b.unlock()
	if l.ended != nil || l.pinned() {
		return false
	}
	cause := &RevokedError{Artifact: l.demand.Artifact, Reason: reason}
	if l.demand.Revocation == Hard {
		b.revoke(l, cause)
	} else if l.notice == nil {
		b.ask(l, cause, b.now())
	}
	return true
}
