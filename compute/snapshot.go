package compute

import (
	"cmp"
	"slices"
	"time"
)

// counts are what happened to the demands and leases of one class in one pool.
type counts struct {
	granted, completed, expired, revoked, abandoned, fenced uint64
	refused                                                 [bucketEnd]uint64 // by bucket; 0 is a full queue
}

// Counts are totals since the broker was made.
type Counts struct {
	// Granted leases; each ends once, as Completed, Expired, Revoked or Abandoned, or is held.
	Granted   uint64 `json:"granted"`
	Completed uint64 `json:"completed"`
	Expired   uint64 `json:"expired"`
	Revoked   uint64 `json:"revoked"`
	// Abandoned demands: their caller gave up while it waited, or just as the lease was granted.
	Abandoned uint64 `json:"abandoned"`
	// Fenced results were published after their lease had ended, and refused.
	Fenced uint64 `json:"fenced"`
	// Refused demands by bucket; queue_full beside them.
	Refused map[string]uint64 `json:"refused,omitempty"`
}

func (c *counts) public() Counts {
	out := Counts{
		Granted: c.granted, Completed: c.completed, Expired: c.expired, Revoked: c.revoked, Abandoned: c.abandoned, Fenced: c.fenced,
	}
	for bucket, n := range c.refused {
		if n == 0 {
			continue
		}
		if out.Refused == nil {
			out.Refused = map[string]uint64{}
		}
		name := "queue_full"
		if bucket > 0 {
			name = Bucket(bucket).String()
		}
		out.Refused[name] = n
	}
	return out
}

func (c *counts) add(other *counts) {
	c.granted += other.granted
	c.completed += other.completed
	c.expired += other.expired
	c.revoked += other.revoked
	c.abandoned += other.abandoned
	c.fenced += other.fenced
	for i := range c.refused {
		c.refused[i] += other.refused[i]
	}
}

// LeaseInfo describes a held lease. Ages are durations, as the broker's clock has no date.
type LeaseInfo struct {
	Token      uint64     `json:"token"`
	Artifact   string     `json:"artifact"`
	Class      Class      `json:"class"`
	Pool       Pool       `json:"pool"`
	Holder     string     `json:"holder"`
	Cost       Cost       `json:"cost"`
	Revocation Revocation `json:"revocation"`
	// At are the stations whose slots it was given.
	At        []string      `json:"at,omitempty"`
	HeldFor   time.Duration `json:"held_for_ns"`
	ExpiresIn time.Duration `json:"expires_in_ns"`
	// Published is true when the result is there and only its bytes are held.
	Published bool `json:"published,omitempty"`
	// Revoking is true during the grace period.
	Revoking bool `json:"revoking,omitempty"`
}

func (l *Lease) info(now time.Duration) LeaseInfo {
	return LeaseInfo{
		Token: l.token, Artifact: l.demand.Artifact, Class: l.demand.Class, Pool: l.demand.pool(), Holder: l.demand.Holder,
		Cost: l.demand.Cost, At: stationNames(l.demand.At), Revocation: l.demand.Revocation, HeldFor: now - l.acquired, ExpiresIn: l.ends - now,
		Published: l.done, Revoking: l.notice != nil,
	}
}

// WaitInfo describes a demand in the queue.
type WaitInfo struct {
	Artifact string        `json:"artifact"`
	Class    Class         `json:"class"`
	Pool     Pool          `json:"pool"`
	Holder   string        `json:"holder"`
	Priority int           `json:"priority"`
	Cost     Cost          `json:"cost"`
	At       []string      `json:"at,omitempty"`
	Waiting  time.Duration `json:"waiting_ns"`
	// Decision is what the planner last said: the missing artifacts or the shortage.
	Decision Decision `json:"decision"`
}

// PoolInfo is one pool: budget, use, queue and totals.
type PoolInfo struct {
	PoolUse
	Level   float64 `json:"level"`
	Tier    Tier    `json:"tier"`
	Held    int     `json:"held"`
	Waiting int     `json:"waiting"`
	Counts
	// Classes are the totals of each class that used the pool.
	Classes []ClassInfo `json:"classes,omitempty"`
}

// ClassInfo is one class within one pool.
type ClassInfo struct {
	Class   Class `json:"class"`
	Held    int   `json:"held"`
	Waiting int   `json:"waiting"`
	Counts
}

// StationInfo is one station: slots, use and queue.
type StationInfo struct {
	StationUse
	Waiting int `json:"waiting"`
}

// Snapshot is everything that a broker knows at one moment.
type Snapshot struct {
	// Token is the fencing token of the last grant.
	Token uint64     `json:"token"`
	Pools []PoolInfo `json:"pools"`
	// Stations are those in use or waited for, by name.
	Stations []StationInfo `json:"stations,omitempty"`
	Leases   []LeaseInfo   `json:"leases"`
	Waiting  []WaitInfo    `json:"waiting"`
	// Ready are the artifacts marked ready without a lease, sorted.
	Ready []string `json:"ready,omitempty"`
	// NoBudget counts the demands for pools that nobody configured, by silicon.
	NoBudget map[string]uint64 `json:"no_budget,omitempty"`
}

// Snapshot returns a copy of the ledger: pools by silicon and provider, leases by token, waiting
// demands by arrival.
func (b *Broker) Snapshot() Snapshot {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	s := Snapshot{Token: b.token, Leases: make([]LeaseInfo, 0, len(b.live)), Waiting: make([]WaitInfo, 0, len(b.waiting))}
	for _, l := range b.live {
		s.Leases = append(s.Leases, l.info(now))
	}
	slices.SortFunc(s.Leases, func(x, y LeaseInfo) int { return cmp.Compare(x.Token, y.Token) })
	for _, w := range b.waiting {
		d := &w.demand
		s.Waiting = append(s.Waiting, WaitInfo{
			Artifact: d.Artifact, Class: d.Class, Pool: d.pool(), Holder: d.Holder, Priority: d.Priority, Cost: d.Cost,
			At:      stationNames(d.At),
			Waiting: now - w.since, Decision: w.decision,
		})
	}
	for _, pool := range b.pools {
		s.Pools = append(s.Pools, b.poolInfo(pool))
	}
	s.Stations = b.stationInfo()
	for artifact := range b.ready {
		s.Ready = append(s.Ready, artifact)
	}
	slices.Sort(s.Ready)
	for silicon, n := range b.noBudget {
		if n == 0 {
			continue
		}
		if s.NoBudget == nil {
			s.NoBudget = map[string]uint64{}
		}
		s.NoBudget[Silicon(silicon).String()] = n
	}
	return s
}

func (b *Broker) poolInfo(pool *poolState) PoolInfo {
	info := PoolInfo{PoolUse: pool.ledger.use(), Level: pool.ledger.level(), Held: pool.held, Waiting: pool.waiting}
	info.Tier = TierOf(info.Level)
	var held, waiting [classEnd]int
	for _, l := range b.live {
		if l.pool == pool {
			held[l.demand.Class]++
		}
	}
	for _, w := range b.waiting {
		if w.pool == pool {
			waiting[w.demand.Class]++
		}
	}
	var total counts
	for class := Class(1); class < classEnd; class++ {
		c := pool.count(class)
		total.add(c)
		if *c != (counts{}) || held[class] > 0 || waiting[class] > 0 {
			info.Classes = append(info.Classes, ClassInfo{Class: class, Held: held[class], Waiting: waiting[class], Counts: c.public()})
		}
	}
	info.Counts = total.public()
	return info
}
