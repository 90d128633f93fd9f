package compute

import "time"

// Cost is what a job takes from its pool besides one slot, for as long as it runs. Units are a
// share of the silicon that the budgets define (thousandths of a core, percent of a GPU, requests);
// Bytes are memory.
type Cost struct {
	Units int64 `json:"units"`
	Bytes int64 `json:"bytes"`
}

// Pool names a budget: a silicon, and for SiliconCloud a provider.
type Pool struct {
	Silicon  Silicon `json:"silicon"`
	Provider string  `json:"provider,omitempty"`
}

// String returns SILICON or SILICON/provider.
func (p Pool) String() string {
	if p.Provider == "" {
		return p.Silicon.String()
	}
	return p.Silicon.String() + "/" + p.Provider
}

// Budget is what a pool has to give.
type Budget struct {
	Pool
	// Slots is how many jobs may run at a time.
	Slots int64 `json:"slots"`
	// Units is the sum of their units.
	Units int64 `json:"units"`
	// Bytes is the sum of their bytes; 0 means that bytes are not bounded here.
	Bytes int64 `json:"bytes,omitempty"`
}

// Job is a piece of work that makes one artifact. Times are positions on the caller's clock, which
// only goes forward.
type Job struct {
	ID       string
	Artifact string
	Class    Class
	Pool
	// Holder is on whose behalf the job runs: a persona, a track, a room.
	Holder string
	// Priority is -1000 to 1000; higher runs first.
	Priority int
	Cost     Cost
	// At are the stations that the job needs a slot of, by name, each once.
	At []string
	// Needs are the artifacts that must be ready.
	Needs []string
	// Created is when the work came up, StaleAfter how long it is worth doing (0: always).
	Created    time.Duration
	StaleAfter time.Duration
	// Perishable work, such as a frame, loses its worth with age: the newest goes first. It must
	// have a StaleAfter.
	Perishable bool
}

// Held is a lease that counts against the budgets while a plan is made.
type Held struct {
	Artifact string
	Pool
	Cost Cost
	// At are the stations whose slots it takes.
	At []string
	// Done is true when the artifact was made and only its bytes remain: slots and units are free
	// again.
	Done bool
	// Pinned leases are not expected to end soon: a job that cannot fit beside them reserves
	// nothing.
	Pinned bool
}

// Policy sets how waiting raises a job. Zero fields take the defaults.
type Policy struct {
	// AgingStep is the waiting time that is worth one point of priority; default 1 s.
	AgingStep time.Duration
	// ReserveAfter is how long a durable job that does not fit waits before its pool is kept free
	// for it; default 2 s.
	ReserveAfter time.Duration
}

// Defaults of Policy and the range of priorities: a job of the lowest priority overtakes newcomers
// of the highest after 2000 aging steps.
const (
	defaultAgingStep    = time.Second
	defaultReserveAfter = 2 * time.Second
	maxPriority         = 1000
)

func (p Policy) withDefaults() Policy {
	if p.AgingStep <= 0 {
		p.AgingStep = defaultAgingStep
	}
	if p.ReserveAfter <= 0 {
		p.ReserveAfter = defaultReserveAfter
	}
	return p
}

// Request is everything that a plan depends on.
type Request struct {
	// Now is the time of the plan, on the clock of Job.Created.
	Now     time.Duration
	Policy  Policy
	Ready   []string
	Held    []Held
	Budgets []Budget
	// Stations that jobs and leases name.
	Stations []StationBudget
	Jobs     []Job
}
