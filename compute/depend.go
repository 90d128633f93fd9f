package compute

import "slices"

// depend finds what is lost, what waits for itself and what waits for others; the rest are the
// candidates.
func (p *problem) depend() {
	p.propagateLoss()
	coming := p.findComing()
	if p.markCycles(coming) {
		p.propagateLoss()
	}
	for i := range p.jobs {
		job := int32(i)
		if p.decisions[i].Bucket != 0 {
			if p.decisions[i].Bucket == DependencyLost {
				p.explainLoss(job)
			}
			continue
		}
		if len(p.graph.unmet(job)) == 0 {
			p.candidates = append(p.candidates, job)
			continue
		}
		p.decisions[i].Bucket = MissingDependency
		p.decisions[i].Missing = p.missing(job)
		p.decisions[i].BlockedBy = coming.root[i]
	}
}

// propagateLoss drops every job that needs an artifact which somebody was to make and nobody makes
// any more, and what needs theirs.
func (p *problem) propagateLoss() {
	g := &p.graph
	remaining := make([]int32, len(g.names)) // per artifact: jobs still expected to make it
	p.remaining = remaining
	var lost []int32
	for i := range g.names {
		artifact := int32(i)
		for job := g.firstMaker[artifact]; job >= 0; job = g.nextMaker[job] {
			switch p.decisions[job].Bucket {
			case 0:
				remaining[artifact]++
			case Superseded: // the job that is kept counts instead
			default:
				g.flags[artifact] |= isDropped
			}
		}
		lost = p.lose(artifact, remaining, lost)
	}
	for len(lost) > 0 {
		artifact := lost[len(lost)-1]
		lost = lost[:len(lost)-1]
		for need := g.firstUser[artifact]; need >= 0; need = g.nextUser[need] {
			job := g.userOf[need]
			if p.decisions[job].Bucket != 0 {
				continue
			}
			p.decisions[job].Bucket = DependencyLost
			made := g.makes[job]
			remaining[made]--
			g.flags[made] |= isDropped
			lost = p.lose(made, remaining, lost)
		}
	}
}

// lose appends an artifact to the list when its last maker is gone.
func (p *problem) lose(artifact int32, remaining, lost []int32) []int32 {
	flags := p.graph.flags[artifact]
	if remaining[artifact] > 0 || flags&isDropped == 0 || flags&(isReady|isMaking|isLost) != 0 {
		return lost
	}
	p.graph.flags[artifact] |= isLost
	return append(lost, artifact)
}

// coming says which jobs can run sooner or later, and which artifact each of them waits for in the
// end.
type coming struct {
	viable []bool   // per job
	root   []string // per job with unmet needs: the start of its chain

	rootOf []string // per artifact that is coming
	came   []int32  // per artifact: the round in which it came
	round  int32
}

// findComing starts from what is made now, what comes from outside and the jobs that need nothing
// more, and goes up the chains in rounds, so that the result does not depend on the order of the
// jobs.
func (p *problem) findComing() coming {
	g := &p.graph
	c := coming{
		viable: make([]bool, len(p.jobs)), root: make([]string, len(p.jobs)),
		rootOf: make([]string, len(g.names)), came: make([]int32, len(g.names)),
	}
	unmet := make([]int32, len(p.jobs))
	var round, jobs []int32
	for i := range p.jobs {
		if p.decisions[i].Bucket != 0 {
			continue
		}
		unmet[i] = int32(len(g.unmet(int32(i))))
		if unmet[i] == 0 {
			c.viable[i] = true
			round = c.come(g, g.makes[i], g.names[g.makes[i]], round)
		}
	}
	for _, artifact := range g.needs {
		if g.flags[artifact]&isMaking != 0 || p.remaining[artifact] == 0 {
			round = c.come(g, artifact, g.names[artifact], round)
		}
	}
	for len(round) > 0 {
		jobs = jobs[:0]
		for _, artifact := range round {
			for need := g.firstUser[artifact]; need >= 0; need = g.nextUser[need] {
				job := g.userOf[need]
				if unmet[job]--; unmet[job] == 0 && p.decisions[job].Bucket == 0 {
					c.viable[job] = true
					jobs = append(jobs, job)
				}
			}
		}
		round = c.next(g, jobs, round[:0])
	}
	return c
}

// next gives each job that became viable the smallest root of its needs, and lets their artifacts
// come.
func (c *coming) next(g *graph, jobs, round []int32) []int32 {
	c.round++
	for _, job := range jobs {
		for _, need := range g.unmet(job) {
			if c.root[job] == "" || c.rootOf[need] < c.root[job] {
				c.root[job] = c.rootOf[need]
			}
		}
	}
	for _, job := range jobs {
		round = c.come(g, g.makes[job], c.root[job], round)
	}
	return round
}

// come marks an artifact as coming. The first round decides about its root, within a round the
// smallest name.
func (c *coming) come(g *graph, artifact int32, root string, round []int32) []int32 {
	switch {
	case g.flags[artifact]&isReady != 0:
		return round
	case g.flags[artifact]&isComing == 0:
		g.flags[artifact] |= isComing
		c.rootOf[artifact], c.came[artifact] = root, c.round
		return append(round, artifact)
	case c.came[artifact] == c.round && root < c.rootOf[artifact]:
		c.rootOf[artifact] = root
	}
	return round
}

// missing returns the names of the unmet needs, sorted and without duplicates. Where that is what
// the job lists, the list itself is returned.
func (p *problem) missing(job int32) []string {
	unmet, needs := p.graph.unmet(job), p.jobs[job].Needs
	if len(unmet) == len(needs) && (len(needs) == 1 || slices.IsSorted(needs) && len(slices.Compact(slices.Clone(needs))) == len(needs)) {
		return needs[:len(needs):len(needs)]
	}
	names := make([]string, len(unmet))
	for i, artifact := range unmet {
		names[i] = p.graph.names[artifact]
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// explainLoss names the smallest of the lost artifacts that a job needs.
func (p *problem) explainLoss(job int32) {
	decision := &p.decisions[job]
	for _, artifact := range p.graph.unmet(job) {
		name := p.graph.names[artifact]
		if p.graph.flags[artifact]&isLost != 0 && (decision.BlockedBy == "" || name < decision.BlockedBy) {
			decision.BlockedBy = name
		}
	}
}
