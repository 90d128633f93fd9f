package compute_test

import (
	"cmp"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

// slowPlan decides by the documented rules alone: sets, fixpoints and loops over everything. It
// knows nothing of how the real one works.
type slowPlan struct {
	r        compute.Request
	buckets  map[string]compute.Bucket
	admitted []string
}

func newSlowPlan(r compute.Request) *slowPlan {
	if r.Policy.AgingStep == 0 {
		r.Policy.AgingStep = time.Second
	}
	if r.Policy.ReserveAfter == 0 {
		r.Policy.ReserveAfter = 2 * time.Second
	}
	return &slowPlan{r: r, buckets: map[string]compute.Bucket{}}
}

func (s *slowPlan) solve() map[string]compute.Bucket {
	s.screen()
	s.coalesce()
	s.lose()
	s.cycles()
	s.lose()
	s.admit()
	return s.buckets
}

func (s *slowPlan) age(j compute.Job) time.Duration { return max(s.r.Now-j.Created, 0) }

func (s *slowPlan) budget(p compute.Pool) (compute.Budget, bool) {
	i := slices.IndexFunc(s.r.Budgets, func(b compute.Budget) bool { return b.Pool == p })
	if i < 0 {
		return compute.Budget{}, false
	}
	return s.r.Budgets[i], true
}

func (s *slowPlan) screen() {
	for _, j := range s.r.Jobs {
		b, ok := s.budget(j.Pool)
		switch {
		case j.StaleAfter > 0 && s.age(j) > j.StaleAfter:
			s.buckets[j.ID] = compute.Stale
		case !ok:
			s.buckets[j.ID] = compute.NoBudget
		case j.Cost.Units > b.Units || b.Bytes > 0 && j.Cost.Bytes > b.Bytes:
			s.buckets[j.ID] = compute.NeverFits
		}
	}
}

// before is the documented order.
func (s *slowPlan) before(a, b compute.Job) bool {
	effective := func(j compute.Job) float64 {
		p := float64(j.Priority)
		if !j.Perishable {
			p += float64(s.age(j)) / float64(s.r.Policy.AgingStep)
		}
		return p
	}
	if x, y := effective(a), effective(b); x != y {
		return x > y
	}
	if a.Perishable != b.Perishable {
		return a.Perishable
	}
	if a.Created != b.Created {
		return (a.Created > b.Created) == a.Perishable
	}
	return a.ID < b.ID
}

func (s *slowPlan) coalesce() {
	var out []string
	for _, j := range s.open() {
		for _, k := range s.open() {
			if j.ID != k.ID && j.Class == k.Class && j.Holder == k.Holder && j.Artifact == k.Artifact && s.before(k, j) {
				out = append(out, j.ID)
			}
		}
	}
	for _, id := range out {
		s.buckets[id] = compute.Superseded
	}
}

// open returns the jobs without a bucket.
func (s *slowPlan) open() []compute.Job {
	return slices.DeleteFunc(slices.Clone(s.r.Jobs), func(j compute.Job) bool { return s.buckets[j.ID] != 0 })
}

func (s *slowPlan) unmet(j compute.Job) []string {
	return slices.DeleteFunc(slices.Clone(j.Needs), func(a string) bool { return slices.Contains(s.r.Ready, a) })
}

func (s *slowPlan) making(artifact string) bool {
	return slices.ContainsFunc(s.r.Held, func(h compute.Held) bool { return h.Artifact == artifact && !h.Done })
}

// makers returns how many jobs make an artifact that are still expected to, and how many were
// dropped.
func (s *slowPlan) makers(artifact string) (expected, dropped int) {
	for _, j := range s.r.Jobs {
		if j.Artifact != artifact {
			continue
		}
		switch s.buckets[j.ID] {
		case 0:
			expected++
		case compute.Superseded:
		default:
			dropped++
		}
	}
	return expected, dropped
}

func (s *slowPlan) lose() {
	for again := true; again; {
		again = false
		for _, j := range s.open() {
			for _, need := range s.unmet(j) {
				if expected, dropped := s.makers(need); expected == 0 && dropped > 0 && !s.making(need) {
					s.buckets[j.ID] = compute.DependencyLost
					again = true
				}
			}
		}
	}
}

func (s *slowPlan) cycles() {
	viable := map[string]bool{}
	possible := func(need string) bool {
		if expected, _ := s.makers(need); expected == 0 || s.making(need) {
			return true
		}
		return slices.ContainsFunc(s.open(), func(j compute.Job) bool { return j.Artifact == need && viable[j.ID] })
	}
	for again := true; again; {
		again = false
		for _, j := range s.open() {
			if !viable[j.ID] && !slices.ContainsFunc(s.unmet(j), func(a string) bool { return !possible(a) }) {
				viable[j.ID], again = true, true
			}
		}
	}
	next := func(j compute.Job) []compute.Job {
		var out []compute.Job
		for _, k := range s.open() {
			if !viable[k.ID] && slices.Contains(s.unmet(j), k.Artifact) && !possible(k.Artifact) {
				out = append(out, k)
			}
		}
		return out
	}
	var cyclic []string
	for _, j := range s.open() {
		if viable[j.ID] {
			continue
		}
		reached := map[string]bool{}
		for todo := next(j); len(todo) > 0; todo = todo[1:] {
			if !reached[todo[0].ID] {
				reached[todo[0].ID] = true
				todo = append(todo, next(todo[0])...)
			}
		}
		if reached[j.ID] {
			cyclic = append(cyclic, j.ID)
		}
	}
	for _, id := range cyclic {
		s.buckets[id] = compute.Cycle
	}
}

// slowUse is what is taken from a pool.
type slowUse struct{ slots, units, bytes int64 }

func (u slowUse) fits(b compute.Budget, c compute.Cost) bool {
	units := c.Units == 0 || u.units+c.Units <= b.Units
	bytes := c.Bytes == 0 || b.Bytes == 0 || u.bytes+c.Bytes <= b.Bytes
	return u.slots+1 <= b.Slots && units && bytes
}

func (s *slowPlan) admit() {
	used, pinned := map[compute.Pool]slowUse{}, map[compute.Pool]slowUse{}
	for _, h := range s.r.Held {
		add := func(m map[compute.Pool]slowUse) {
			u := m[h.Pool]
			if !h.Done {
				u.slots++
				u.units += h.Cost.Units
			}
			u.bytes += h.Cost.Bytes
			m[h.Pool] = u
		}
		add(used)
		if h.Pinned {
			add(pinned)
		}
	}
	jobs := s.open()
	slices.SortFunc(jobs, func(a, b compute.Job) int {
		if s.before(a, b) {
			return -1
		}
		return cmp.Compare(1, 0)
	})
	reserved, seats := map[compute.Pool]bool{}, newSlowSeats(s.r)
	for _, j := range jobs {
		b, _ := s.budget(j.Pool)
		u := used[j.Pool]
		switch {
		case len(s.unmet(j)) > 0:
			s.buckets[j.ID] = compute.MissingDependency
		case !reserved[j.Pool] && !seats.reserved(j) && seats.free(j) && u.fits(b, j.Cost):
			s.buckets[j.ID] = compute.Admitted
			s.admitted = append(s.admitted, j.ID)
			used[j.Pool] = slowUse{u.slots + 1, u.units + j.Cost.Units, u.bytes + j.Cost.Bytes}
			seats.take(j.At, 1, false)
		default:
			s.buckets[j.ID] = compute.Pressure
			blocked := reserved[j.Pool] || seats.reserved(j)
			if !blocked && !j.Perishable && s.age(j) >= s.r.Policy.ReserveAfter && pinned[j.Pool].fits(b, j.Cost) && seats.willBeFree(j) {
				reserved[j.Pool] = seats.free(j)
				seats.reserve(j)
			}
		}
	}
}
