package compute

import "fmt"

// Bucket is what became of a job.
type Bucket uint8

// The buckets. The zero value means undecided and never leaves a plan.
const (
	Admitted Bucket = iota + 1
	MissingDependency
	NoBudget
	Pressure
	Stale
	Superseded
	NeverFits
	Cycle
	DependencyLost
	bucketEnd
)

func bucketName(b Bucket) string {
	names := [...]string{
		"", "admitted", "missing_dependency", "no_budget", "pressure", "stale", "superseded", "never_fits", "cycle", "dependency_lost",
	}
	return names[b]
}

// String returns the name used in JSON.
func (b Bucket) String() string {
	if b == 0 || b >= bucketEnd {
		return fmt.Sprintf("Bucket(%d)", uint8(b))
	}
	return bucketName(b)
}

// MarshalText returns the name used in JSON.
func (b Bucket) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// Waiting reports whether a later plan may admit the job.
func (b Bucket) Waiting() bool { return b == MissingDependency || b == Pressure }

// Misconfigured reports whether the job can only run after somebody changed the configuration.
func (b Bucket) Misconfigured() bool { return b == NoBudget || b == NeverFits || b == Cycle }

// err returns the sentinel that a refusal for this bucket unwraps to.
func (b Bucket) err() error {
	switch b {
	case MissingDependency:
		return ErrMissingDependency
	case NoBudget:
		return ErrNoBudget
	case Pressure:
		return ErrPressure
	case Stale:
		return ErrStale
	case Superseded:
		return ErrSuperseded
	case NeverFits:
		return ErrNeverFits
	case Cycle:
		return ErrCycle
	case DependencyLost:
		return ErrDependencyLost
	default:
		return ErrInvalid
	}
}

// Resource is one of the three things a pool gives.
type Resource string

// The resources of a pool.
const (
	Slots Resource = "slots"
	Units Resource = "units"
	Bytes Resource = "bytes"
)

// Shortage says which resource was short and by how much.
type Shortage struct {
	Resource Resource `json:"resource"`
	// Station is set where it is a station that has no slot, not the pool.
	Station string `json:"station,omitempty"`
	// Need is what the job asks for, Free what the pool had left, Limit the whole budget.
	Need  int64 `json:"need"`
	Free  int64 `json:"free"`
	Limit int64 `json:"limit"`
}

// String says what is needed and how much of it is free.
func (s *Shortage) String() string {
	if s.Station != "" {
		return fmt.Sprintf("needs a slot of %s, %d of %d free", s.Station, s.Free, s.Limit)
	}
	return fmt.Sprintf("needs %d %s, %d of %d free", s.Need, s.Resource, s.Free, s.Limit)
}

// Decision is the outcome for one job. Only the fields that its bucket explains are set.
type Decision struct {
	ID     string `json:"id"`
	Bucket Bucket `json:"bucket"`
	// Rank is the place in the order among the jobs that could run, from 1: for admitted and
	// pressure.
	Rank int `json:"rank,omitempty"`
	// Missing are the needed artifacts that are not ready: for missing_dependency. It may share
	// memory with the job's Needs.
	Missing []string `json:"missing,omitempty"`
	// BlockedBy is the artifact at the start of the chain: for missing_dependency the one that must
	// arrive or that a job is about to make, for dependency_lost the needed one that nobody makes
	// any more.
	BlockedBy string `json:"blocked_by,omitempty"`
	// By is the job that is preferred: for superseded, and for pressure where room is kept for an
	// older job.
	By string `json:"by,omitempty"`
	// Shortage has the numbers: for pressure without By, and for never_fits.
	Shortage *Shortage `json:"shortage,omitempty"`
	// Members are the jobs that wait for each other, at most 16 of them: for cycle.
	Members []string `json:"members,omitempty"`
}

// PoolUse is a pool before and after the admitted jobs start.
type PoolUse struct {
	Budget
	// UsedSlots, UsedUnits and UsedBytes count what is held and what this plan admits.
	UsedSlots int64 `json:"used_slots"`
	UsedUnits int64 `json:"used_units"`
	UsedBytes int64 `json:"used_bytes"`
}

// Outcome is a plan.
type Outcome struct {
	// Admitted are the ids of the admitted jobs, in order.
	Admitted []string `json:"admitted"`
	// Decisions has one entry for each job of the request, in the request's order.
	Decisions []Decision `json:"decisions"`
	// Pools are the budgets, sorted by silicon and provider, with their use after this plan.
	Pools []PoolUse `json:"pools"`
	// Stations are those of the request, sorted by name, with their use after this plan.
	Stations []StationUse `json:"stations,omitempty"`
}

// Count returns how many jobs landed in the bucket.
func (o *Outcome) Count(bucket Bucket) int {
	n := 0
	for i := range o.Decisions {
		if o.Decisions[i].Bucket == bucket {
			n++
		}
	}
	return n
}
