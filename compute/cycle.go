package compute

import "slices"

// maxMembers bounds how many jobs of a cycle are named in each of its decisions.
const maxMembers = 16

// markCycles puts the jobs that wait for themselves into the bucket cycle, and reports whether
// there are any. Jobs that can never run but are not part of a cycle themselves only need one that
// is; the next propagateLoss finds them.
func (p *problem) markCycles(c coming) bool {
	w := walk{p: p, c: &c}
	for i := range p.jobs {
		if p.decisions[i].Bucket != 0 || c.viable[i] {
			continue
		}
		if w.index == nil {
			w.index, w.low = make([]int32, len(p.jobs)), make([]int32, len(p.jobs))
			w.onStack = make([]bool, len(p.jobs))
		}
		if w.index[i] == 0 {
			w.from(int32(i))
		}
	}
	for _, members := range w.cycles {
		ids := make([]string, len(members))
		for i, job := range members {
			ids[i] = p.jobs[job].ID
		}
		slices.Sort(ids)
		ids = ids[:min(len(ids), maxMembers):min(len(ids), maxMembers)]
		for _, job := range members {
			p.decisions[job].Bucket, p.decisions[job].Members = Cycle, ids
		}
	}
	return len(w.cycles) > 0
}

// walk finds strongly connected jobs among those that can never run (Tarjan's algorithm, with its
// own stack instead of recursion, as chains may be as long as the request).
type walk struct {
	p       *problem
	c       *coming
	counter int32
	index   []int32 // per job: order of the first visit, 0 for none
	low     []int32 // per job: the earliest job on the stack it reaches
	onStack []bool
	stack   []int32
	frames  []walkFrame
	cycles  [][]int32
}

// walkFrame is one job being visited: its next need, and the next maker of that need.
type walkFrame struct {
	job   int32
	need  int
	maker int32 // -1: take the next need
}

func (w *walk) from(start int32) {
	w.enter(start)
	for len(w.frames) > 0 {
		frame := &w.frames[len(w.frames)-1]
		next, ok := w.step(frame)
		if !ok {
			w.leave()
			continue
		}
		if w.index[next] == 0 {
			w.enter(next)
		} else if w.onStack[next] {
			w.low[frame.job] = min(w.low[frame.job], w.index[next])
		}
	}
}

func (w *walk) enter(job int32) {
	w.counter++
	w.index[job], w.low[job] = w.counter, w.counter
	w.stack = append(w.stack, job)
	w.onStack[job] = true
	w.frames = append(w.frames, walkFrame{job: job, maker: -1})
}

// step returns the next job that the frame's job waits for and that can never run either.
func (w *walk) step(frame *walkFrame) (int32, bool) {
	g := &w.p.graph
	for {
		if frame.maker < 0 {
			unmet := g.unmet(frame.job)
			if frame.need >= len(unmet) {
				return 0, false
			}
			artifact := unmet[frame.need]
			frame.need++
			if g.flags[artifact]&isComing != 0 {
				continue
			}
			frame.maker = g.firstMaker[artifact]
			continue
		}
		job := frame.maker
		frame.maker = g.nextMaker[job]
		if w.p.decisions[job].Bucket == 0 && !w.c.viable[job] {
			return job, true
		}
	}
}

// leave ends the visit of a job; when it reached nothing earlier, it and what lies above it on the
// stack belong together.
func (w *walk) leave() {
	job := w.frames[len(w.frames)-1].job
	w.frames = w.frames[:len(w.frames)-1]
	if len(w.frames) > 0 {
		parent := w.frames[len(w.frames)-1].job
		w.low[parent] = min(w.low[parent], w.low[job])
	}
	if w.low[job] != w.index[job] {
		return
	}
	at := len(w.stack) - 1
	for w.stack[at] != job {
		at--
	}
	members := slices.Clone(w.stack[at:])
	w.stack = w.stack[:at]
	for _, member := range members {
		w.onStack[member] = false
	}
	if len(members) > 1 || w.needsItself(job) {
		w.cycles = append(w.cycles, members)
	}
}

// needsItself reports whether a job waits for its own artifact and nobody else will make that.
func (w *walk) needsItself(job int32) bool {
	g := &w.p.graph
	made := g.makes[job]
	return g.flags[made]&isComing == 0 && slices.Contains(g.unmet(job), made)
}
