package compute

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Demand asks for a lease.
type Demand struct {
	// Artifact is what will be made under the lease.
	Artifact string
	Class    Class
	// Silicon and Provider name the pool.
	Silicon  Silicon
	Provider string
	// Holder is on whose behalf: a persona, a track, a room.
	Holder string
	// Priority is -1000 to 1000.
	Priority int
	Cost     Cost
	// At are the stations that the work needs, each once: it gets a slot of each together with its
	// cost.
	At []*Station
	// Needs are the artifacts that must be ready first.
	Needs []string
	// From are the leases whose artifacts are needed too. Unlike Needs, where any maker will do and
	// may come later, a lease that has ended already refuses the demand at once: hand the lease
	// along with the data, and nobody waits for what is gone.
	From []*Lease
	// TTL is how long the lease lives unless it is renewed; 0 means the broker's default.
	TTL time.Duration
	// StaleAfter is how long after Created the work is worth doing; a demand that waits longer is
	// refused, and a Hard lease that is held longer is revoked. 0 means always.
	StaleAfter time.Duration
	// Created is when the work came up, on the broker's clock (Broker.Now); 0 means now.
	Created time.Duration
	// Perishable work goes newest first and needs a StaleAfter.
	Perishable bool
	// Revocation says how the lease may be taken back.
	Revocation Revocation
	// OnEnd is called once when the lease has ended, for whatever reason, and nobody is inside
	// Lease.Do: the place where buffers go back. It is called without a lock, on the goroutine that
	// ended the lease.
	OnEnd func()
}

func (d *Demand) pool() Pool { return Pool{Silicon: d.Silicon, Provider: d.Provider} }

// validate names the first wrong field. The rules are those of Job.
func (d *Demand) validate() error {
	job := d.job("demand")
	if field, problem := job.problem(); field != "" {
		return invalid("demand."+field, problem)
	}
	if !d.Revocation.Valid() {
		return invalid("demand.revocation", "unknown")
	}
	if slices.Contains(d.From, nil) || len(d.From) > maxNeeds {
		return invalid("demand.from", "holds no lease, or too many")
	}
	if problem := d.stationProblem(); problem != "" {
		return invalid("demand.at", problem)
	}
	if d.TTL < 0 || d.TTL > maxTime {
		return invalid("demand.ttl", "negative or out of range")
	}
	return nil
}

func (d *Demand) stationProblem() string {
	if len(d.At) > maxStations {
		return fmt.Sprintf("%d stations, at most %d", len(d.At), maxStations)
	}
	for i, s := range d.At {
		switch {
		case s == nil:
			return "no station"
		case slices.Contains(d.At[:i], s):
			return fmt.Sprintf("%s twice", s.Name())
		}
	}
	return ""
}

// needSources adds the artifacts of From to Needs, in a list of its own.
func (d *Demand) needSources() {
	if len(d.From) == 0 {
		return
	}
	needs := slices.Clone(d.Needs)
	for _, l := range d.From {
		needs = append(needs, l.demand.Artifact)
	}
	d.Needs = needs
}

func (d *Demand) job(id string) Job {
	return Job{
		ID: id, Artifact: d.Artifact, Class: d.Class, Pool: d.pool(), Holder: d.Holder, Priority: d.Priority, Cost: d.Cost,
		Needs: d.Needs, Created: d.Created, StaleAfter: d.StaleAfter, Perishable: d.Perishable,
	}
}

// Refusal says why a demand got no lease, with numbers. It unwraps to the sentinel of its bucket,
// or to ErrQueueFull.
type Refusal struct { //nolint:errname // a refusal is an answer, and callers read it as one
	Artifact string
	Pool     Pool
	Holder   string
	// Decision is the planner's word; its Bucket is 0 when the queue was full.
	Decision Decision
	// Held and Waiting are the leases and demands of the pool at that time.
	Held, Waiting int
	// QueueLimit is set when the queue was full.
	QueueLimit int
}

// Error returns one line with the reason and the numbers.
func (e *Refusal) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s on %s for %s refused: %v", e.Artifact, e.Pool, e.Holder, e.Unwrap())
	d := &e.Decision
	if s := d.Shortage; s != nil {
		fmt.Fprintf(&b, ": %s", s)
	}
	if len(d.Missing) > 0 {
		fmt.Fprintf(&b, ": missing %s", strings.Join(d.Missing, ", "))
	}
	if d.BlockedBy != "" && len(d.Missing) == 0 {
		fmt.Fprintf(&b, ": %s", d.BlockedBy)
	}
	if d.By != "" {
		fmt.Fprintf(&b, ": %s goes first", d.By)
	}
	if e.QueueLimit > 0 {
		fmt.Fprintf(&b, ": %d waiting", e.QueueLimit)
	}
	fmt.Fprintf(&b, " (%d held, %d waiting)", e.Held, e.Waiting)
	return b.String()
}

// Unwrap returns the sentinel.
func (e *Refusal) Unwrap() error {
	if e.QueueLimit > 0 {
		return ErrQueueFull
	}
	return e.Decision.Bucket.err()
}
