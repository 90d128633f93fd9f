package compute

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Plan decides about every job of a request; see the package documentation for the rules. It is
// pure, safe for concurrent use and keeps no memory of the request except what Decision.Missing
// shares. Errors: a *FieldError when the request is malformed.
func Plan(r Request) (Outcome, error) {
	if err := r.Validate(); err != nil {
		return Outcome{}, err
	}
	p := problem{now: r.Now, policy: r.Policy.withDefaults(), ready: r.Ready, jobs: r.Jobs}
	p.ledgers = make([]ledger, len(r.Budgets))
	for i, budget := range r.Budgets {
		p.ledgers[i].budget = budget
	}
	slices.SortFunc(p.ledgers, func(a, b ledger) int { return comparePools(a.budget.Pool, b.budget.Pool) })
	for i := range r.Held {
		held := &r.Held[i]
		if l := p.find(held.Pool); l >= 0 {
			p.ledgers[l].take(held.Cost, held.Done, held.Pinned)
		}
		if !held.Done {
			p.making = append(p.making, held.Artifact)
		}
	}
	p.seatJobs(&r)
	p.solve()
	out := Outcome{Admitted: make([]string, len(p.admitted)), Decisions: p.decisions, Pools: make([]PoolUse, len(p.ledgers))}
	for i, job := range p.admitted {
		out.Admitted[i] = r.Jobs[job].ID
	}
	for i := range p.ledgers {
		out.Pools[i] = p.ledgers[i].use()
	}
	for i := range p.stands {
		out.Stations = append(out.Stations, p.stands[i].use())
	}
	return out, nil
}

func comparePools(a, b Pool) int {
	if a.Silicon != b.Silicon {
		return cmp.Compare(a.Silicon, b.Silicon)
	}
	return strings.Compare(a.Provider, b.Provider)
}

// problem is one plan being made. The first block is given, the second is what it works out.
type problem struct {
	now     time.Duration
	policy  Policy
	ready   []string // artifacts that are ready
	making  []string // artifacts that a lease is making now
	lost    []string // artifacts whose maker was dropped before this plan
	ledgers []ledger // sorted by pool
	stands  []stand  // the stations that jobs need
	jobs    []Job
	at      [][]int32 // per job: index of its stations; nil where no job needs any

	decisions  []Decision
	keys       []key   // per job
	pools      []int32 // per job: index of its ledger
	graph      graph
	remaining  []int32 // per artifact: jobs still expected to make it
	candidates []int32
	admitted   []int32 // in order
}

// find returns the index of a pool's ledger, or -1.
func (p *problem) find(pool Pool) int {
	index, ok := slices.BinarySearchFunc(p.ledgers, pool, func(l ledger, pool Pool) int { return comparePools(l.budget.Pool, pool) })
	if !ok {
		return -1
	}
	return index
}

func (p *problem) solve() {
	p.decisions = make([]Decision, len(p.jobs))
	p.keys = make([]key, len(p.jobs))
	p.pools = make([]int32, len(p.jobs))
	for i := range p.jobs {
		p.screen(i)
	}
	p.graph.build(p)
	p.coalesce()
	p.depend()
	p.admit()
}

// screen drops what is stale and what no budget can ever hold.
func (p *problem) screen(i int) {
	job, decision := &p.jobs[i], &p.decisions[i]
	decision.ID = job.ID
	p.keys[i] = keyOf(job, p.now, p.policy)
	p.pools[i] = int32(p.find(job.Pool))
	switch {
	case job.StaleAfter > 0 && age(job, p.now) > job.StaleAfter:
		decision.Bucket = Stale
	case p.pools[i] < 0:
		decision.Bucket = NoBudget
	default:
		if short := p.ledgers[p.pools[i]].neverFits(job.Cost); short != nil {
			decision.Bucket, decision.Shortage = NeverFits, short
		}
	}
}

// coalesce keeps the first in order of the jobs with equal class, holder and artifact.
func (p *problem) coalesce() {
	var group []int32
	for artifact := range p.graph.names {
		group = group[:0]
		for job := p.graph.firstMaker[artifact]; job >= 0; job = p.graph.nextMaker[job] {
			if p.decisions[job].Bucket == 0 {
				group = append(group, job)
			}
		}
		if len(group) < 2 {
			continue
		}
		slices.SortFunc(group, p.compareDuplicates)
		best := group[0]
		for _, job := range group[1:] {
			if p.jobs[job].Class != p.jobs[best].Class || p.jobs[job].Holder != p.jobs[best].Holder {
				best = job
				continue
			}
			p.decisions[job].Bucket, p.decisions[job].By = Superseded, p.jobs[best].ID
		}
	}
}

func (p *problem) compareDuplicates(a, b int32) int {
	x, y := &p.jobs[a], &p.jobs[b]
	return cmp.Or(cmp.Compare(x.Class, y.Class), strings.Compare(x.Holder, y.Holder), compareKeys(&p.keys[a], &p.keys[b]))
}
