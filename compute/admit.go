package compute

import "slices"

// admit goes through the candidates in order and takes what fits.
func (p *problem) admit() {
	order := p.candidates
	slices.SortFunc(order, func(a, b int32) int { return compareKeys(&p.keys[a], &p.keys[b]) })
	for rank, job := range order {
		decision := &p.decisions[job]
		decision.Rank = rank + 1
		if by := p.reservedFor(job); by != "" {
			decision.Bucket, decision.By = Pressure, by
			continue
		}
		if short := p.short(job); short != nil {
			decision.Bucket, decision.Shortage = Pressure, short
			p.reserve(job)
			continue
		}
		decision.Bucket = Admitted
		p.ledgers[p.pools[job]].take(p.jobs[job].Cost, false, false)
		for _, at := range p.seats(job) {
			p.stands[at].take(false)
		}
		p.admitted = append(p.admitted, job)
	}
}

// seats are the stations of a job.
func (p *problem) seats(job int32) []int32 {
	if p.at == nil {
		return nil
	}
	return p.at[job]
}

// reservedFor is the job that something the given one needs is kept free for, or "".
func (p *problem) reservedFor(job int32) string {
	for _, at := range p.seats(job) {
		if by := p.stands[at].reservedFor; by != "" {
			return by
		}
	}
	return p.ledgers[p.pools[job]].reservedFor
}

// short is what the job lacks, a slot of a station before its share of the pool, or nil.
func (p *problem) short(job int32) *Shortage {
	for _, at := range p.seats(job) {
		if p.stands[at].full() {
			return p.stands[at].shortage()
		}
	}
	if l := &p.ledgers[p.pools[job]]; !l.fits(p.jobs[job].Cost) {
		return l.shortage(p.jobs[job].Cost)
	}
	return nil
}

// reserve keeps free what a durable job needs that has waited for long: its stations, and once they
// have slots for it its pool too. Until then the pool could do nothing for it.
func (p *problem) reserve(index int32) {
	job, l := &p.jobs[index], &p.ledgers[p.pools[index]]
	if job.Perishable || age(job, p.now) < p.policy.ReserveAfter || !l.fitsBesidePinned(job.Cost) {
		return
	}
	full := false
	for _, at := range p.seats(index) {
		s := &p.stands[at]
		if s.pinned >= s.budget.Slots {
			return
		}
		full = full || s.full()
	}
	for _, at := range p.seats(index) {
		p.stands[at].reservedFor = job.ID
	}
	if !full {
		l.reservedFor = job.ID
	}
}
