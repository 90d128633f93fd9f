package compute

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// waiter is a demand in the queue. It leaves it with a lease or an error.
type waiter struct {
	demand   Demand
	pool     *poolState
	id       string
	since    time.Duration
	decision Decision // of the last plan
	decided  chan struct{}
	lease    *Lease
	err      error
}

func waiterID(serial uint64) string { return "demand-" + strconv.FormatUint(serial, 10) }

// plan lets the planner decide about everybody that waits: the admitted get their leases in order,
// the dropped their refusal.
func (b *Broker) plan() {
	now := b.now()
	p := problem{now: now, policy: b.cfg.Policy, lost: b.lost, jobs: make([]Job, len(b.waiting))}
	for i, w := range b.waiting {
		p.jobs[i] = w.demand.job(w.id)
	}
	p.ledgers = make([]ledger, len(b.pools))
	for i, pool := range b.pools {
		p.ledgers[i] = pool.ledger
	}
	b.stations(&p)
	if b.needy() {
		b.artifacts(&p)
	}
	p.solve()
	waiting := slices.Clone(b.waiting)
	for _, index := range p.admitted {
		w := waiting[index]
		w.lease = b.grant(&w.demand, w.pool, now)
	}
	for i, w := range waiting {
		w.decision = p.decisions[i]
		switch {
		case w.decision.Bucket == Admitted:
			b.settle(w, nil)
		case !w.decision.Bucket.Waiting():
			b.settle(w, &w.decision)
		}
	}
}

// needy reports whether anybody waits for an artifact.
func (b *Broker) needy() bool {
	return slices.ContainsFunc(b.waiting, func(w *waiter) bool { return len(w.demand.Needs) > 0 })
}

// artifacts tells the planner what is ready and what is being made.
func (b *Broker) artifacts(p *problem) {
	for artifact := range b.ready {
		p.ready = append(p.ready, artifact)
	}
	for _, l := range b.live {
		if l.done {
			p.ready = append(p.ready, l.demand.Artifact)
		} else {
			p.making = append(p.making, l.demand.Artifact)
		}
	}
}

// MarkReady makes an artifact ready that has no lease of its own, such as a stored snapshot, until
// Retire. Marking twice is harmless. Errors: *FieldError, ErrTooManyArtifacts.
func (b *Broker) MarkReady(artifact string) error {
	if problem := nameProblem(artifact); problem != "" {
		return invalid("artifact", problem)
	}
	b.mu.Lock()
	defer b.unlock()
	if _, ok := b.ready[artifact]; ok {
		return nil
	}
	if len(b.ready) >= b.cfg.MaxReady {
		return fmt.Errorf("%s: %d marked: %w", artifact, len(b.ready), ErrTooManyArtifacts)
	}
	b.ready[artifact] = struct{}{}
	b.dirty = true
	return nil
}

// Retire takes back MarkReady. Whoever waits for the artifact goes on waiting.
func (b *Broker) Retire(artifact string) {
	b.mu.Lock()
	defer b.unlock()
	delete(b.ready, artifact)
}

// settle takes a waiter out of the queue and lets its caller go on, with a refusal where a decision
// is given.
func (b *Broker) settle(w *waiter, refused *Decision) {
	index := slices.Index(b.waiting, w)
	b.waiting = slices.Delete(b.waiting, index, index+1)
	w.pool.waiting--
	queue(w.demand.At, -1)
	if refused != nil {
		w.err = b.refuse(&w.demand, *refused)
	}
	if w.decided != nil {
		close(w.decided)
	}
}

// leave takes a caller out whose context ended. A lease that was granted in the meantime is given
// back.
func (b *Broker) leave(w *waiter, cause error) error {
	b.mu.Lock()
	defer b.unlock()
	select {
	case <-w.decided:
		if w.err != nil {
			return w.err
		}
		if w.lease.ended == nil {
			w.lease.pool.count(w.demand.Class).abandoned++
			b.end(w.lease, ErrReleased)
		}
	default:
		w.pool.count(w.demand.Class).abandoned++
		b.settle(w, nil)
		b.dirty = true
		b.lost = append(b.lost, w.demand.Artifact)
	}
	return fmt.Errorf("lease for %s after %v in the queue: %w", w.demand.Artifact, b.now()-w.since, cause)
}
