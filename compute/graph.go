package compute

// graph links jobs through the artifacts that they make and need. Artifacts are numbered in the
// order in which they are met; lists of jobs are threaded through arrays, so that building it costs
// one map and a few slices.
type graph struct {
	number map[string]int32
	names  []string
	flags  []artifactFlag

	firstMaker []int32 // per artifact: the last job met that makes it, or -1
	nextMaker  []int32 // per job: the next one that makes the same artifact, or -1

	makes     []int32 // per job: its artifact
	needStart []int32 // per job, one more at the end: where its needs begin
	needs     []int32 // needed artifacts that are not ready
	firstUser []int32 // per artifact: the first entry in needs that names it, or -1
	nextUser  []int32 // per need: the next entry that names the same artifact, or -1
	userOf    []int32 // per need: the job
}

type artifactFlag uint8

const (
	isReady   artifactFlag = 1 << iota
	isMaking               // a lease makes it now
	isDropped              // a job or lease that would have made it was dropped
	isLost                 // dropped, and nobody else makes it
	isComing               // it may become ready: somebody makes it or it comes from outside
)

// build numbers all artifacts and links the jobs. Jobs that were dropped already are makers, so
// that their users can be told, but users no more.
func (g *graph) build(p *problem) {
	n := len(p.jobs)
	room := n + len(p.ready) + len(p.making)
	g.number = make(map[string]int32, room)
	g.names, g.flags = make([]string, 0, room), make([]artifactFlag, 0, room)
	g.firstMaker, g.firstUser = make([]int32, 0, room), make([]int32, 0, room)
	g.needs, g.nextUser, g.userOf = make([]int32, 0, n), make([]int32, 0, n), make([]int32, 0, n)
	g.mark(p.ready, isReady)
	g.mark(p.making, isMaking)
	g.mark(p.lost, isDropped)
	g.makes, g.nextMaker = make([]int32, n), make([]int32, n)
	for i := range p.jobs {
		artifact := g.intern(p.jobs[i].Artifact)
		g.makes[i] = artifact
		g.nextMaker[i] = g.firstMaker[artifact]
		g.firstMaker[artifact] = int32(i)
	}
	g.needStart = make([]int32, n+1)
	for i := range p.jobs {
		g.needStart[i] = int32(len(g.needs))
		if p.decisions[i].Bucket != 0 {
			continue
		}
		for _, need := range p.jobs[i].Needs {
			artifact := g.intern(need)
			if g.flags[artifact]&isReady != 0 {
				continue
			}
			g.nextUser = append(g.nextUser, g.firstUser[artifact])
			g.firstUser[artifact] = int32(len(g.needs))
			g.needs = append(g.needs, artifact)
			g.userOf = append(g.userOf, int32(i))
		}
	}
	g.needStart[n] = int32(len(g.needs))
}

func (g *graph) mark(artifacts []string, flag artifactFlag) {
	for _, name := range artifacts {
		g.flags[g.intern(name)] |= flag
	}
}

func (g *graph) intern(name string) int32 {
	if number, ok := g.number[name]; ok {
		return number
	}
	number := int32(len(g.names))
	g.number[name] = number
	g.names = append(g.names, name)
	g.flags = append(g.flags, 0)
	g.firstMaker = append(g.firstMaker, -1)
	g.firstUser = append(g.firstUser, -1)
	return number
}

// unmet returns the needed artifacts of a job that are not ready.
func (g *graph) unmet(job int32) []int32 { return g.needs[g.needStart[job]:g.needStart[job+1]] }
