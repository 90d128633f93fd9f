package compute

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// StationBudget is a station in a Request: see Station.
type StationBudget struct {
	Name string `json:"name"`
	// Slots is how many jobs may be at it at a time, whatever pools they belong to.
	Slots int64 `json:"slots"`
}

// StationUse is a station and how many of its slots are taken.
type StationUse struct {
	StationBudget
	UsedSlots int64 `json:"used_slots"`
}

// maxStations bounds how many stations one job needs.
const maxStations = 8

// Station is something that work needs beside its share of a pool and that only so many jobs use at
// once: a loaded model that runs one picture at a time, the prompt cache of one persona. A Demand
// names its stations in At, and gets a slot of each of them together with slot, units and bytes of
// its pool, or waits in the broker's one queue and holds nothing.
//
// A lease keeps its slots for as long as somebody is inside Lease.Do, even when it ended before:
// who gets the slot next finds the station empty. Publishing gives them back like the units. Why
// nobody can wait for ever: see the package comment. A station belongs to its broker, is kept by
// whoever uses it and needs no closing. Safe from any goroutine.
type Station struct {
	broker *Broker
	stand  stand // under the broker's lock
	// waiting demands that name it.
	waiting int
}

// Station makes a station. slots is at least 1; the name is for people, and need not differ from
// those of others. Errors: *FieldError.
func (b *Broker) Station(name string, slots int) (*Station, error) {
	budget := StationBudget{Name: name, Slots: int64(slots)}
	if field, problem := budget.problem(); field != "" {
		return nil, invalid("station."+field, problem)
	}
	return &Station{broker: b, stand: stand{budget: budget}}, nil
}

// Name is the station's name.
func (s *Station) Name() string { return s.stand.budget.Name }

func (s StationBudget) problem() (field, problem string) {
	if problem := nameProblem(s.Name); problem != "" {
		return "name", problem
	}
	if s.Slots < 1 || s.Slots > maxCost {
		return "slots", fmt.Sprintf("%d is not at least 1", s.Slots)
	}
	return "", ""
}

// stand is a station and what is taken of it.
type stand struct {
	budget StationBudget
	used   int64
	pinned int64 // of used: not expected to come back soon
	// reservedFor is the job that it is kept free for in the plan being made.
	reservedFor string
}

func (s *stand) full() bool { return s.used >= s.budget.Slots }

func (s *stand) take(pinned bool) { s.add(1, pinned) }

func (s *stand) give(pinned bool) { s.add(-1, pinned) }

func (s *stand) add(n int64, pinned bool) {
	s.used += n
	if pinned {
		s.pinned += n
	}
}

// shortage explains why a job does not get a slot.
func (s *stand) shortage() *Shortage {
	return &Shortage{
		Resource: Slots, Station: s.budget.Name, Need: 1, Free: max(s.budget.Slots-s.used, 0), Limit: s.budget.Slots,
	}
}

func (s *stand) use() StationUse { return StationUse{StationBudget: s.budget, UsedSlots: s.used} }

// open reports whether all stations have a slot that nobody waits for.
func open(stations []*Station) bool {
	return !slices.ContainsFunc(stations, func(s *Station) bool { return s.waiting > 0 || s.stand.full() })
}

// queue counts a demand that waits in, or out again.
func queue(stations []*Station, n int) {
	for _, s := range stations {
		s.waiting += n
	}
}

// seat takes a slot of each of the lease's stations. The caller has checked that they have one.
func (l *Lease) seat() {
	l.seated = len(l.demand.At) > 0
	for _, s := range l.demand.At {
		s.stand.take(l.pinned())
		l.broker.inUse[s] = struct{}{}
	}
}

// vacate gives the slots back once the lease needs them no more and nobody is inside. The broker's
// lock is held.
func (l *Lease) vacate() {
	if !l.seated || l.users > 0 || l.ended == nil && !l.done {
		return
	}
	l.seated = false
	for _, s := range l.demand.At {
		s.stand.give(l.pinned())
		if s.stand.used == 0 {
			delete(l.broker.inUse, s)
		}
	}
	l.broker.dirty = true
}

// stations tells the planner which stations those that wait need, and what is taken of them.
func (b *Broker) stations(p *problem) {
	index := map[*Station]int32{}
	for job, w := range b.waiting {
		for _, s := range w.demand.At {
			at, ok := index[s]
			if !ok {
				at = int32(len(p.stands))
				index[s] = at
				p.stands = append(p.stands, s.stand)
			}
			if p.at == nil {
				p.at = make([][]int32, len(b.waiting))
			}
			p.at[job] = append(p.at[job], at)
		}
	}
}

// stationInfo lists the stations that are used or waited for, by name, with how many wait.
func (b *Broker) stationInfo() []StationInfo {
	named := maps.Clone(b.inUse)
	for _, w := range b.waiting {
		for _, s := range w.demand.At {
			named[s] = struct{}{}
		}
	}
	out := make([]StationInfo, 0, len(named))
	for s := range named {
		out = append(out, StationInfo{StationUse: s.stand.use(), Waiting: s.waiting})
	}
	slices.SortFunc(out, func(x, y StationInfo) int {
		return cmp.Or(strings.Compare(x.Name, y.Name), cmp.Compare(x.Waiting, y.Waiting), cmp.Compare(x.UsedSlots, y.UsedSlots))
	})
	return out
}

func stationNames(stations []*Station) []string {
	var names []string
	for _, s := range stations {
		names = append(names, s.Name())
	}
	return names
}

// seatJobs finds the stations of a request's jobs and takes what is held of them. The request was
// validated.
func (p *problem) seatJobs(r *Request) {
	if len(r.Stations) == 0 {
		return
	}
	for _, s := range r.Stations {
		p.stands = append(p.stands, stand{budget: s})
	}
	slices.SortFunc(p.stands, func(a, b stand) int { return strings.Compare(a.budget.Name, b.budget.Name) })
	find := func(name string) int32 {
		at, _ := slices.BinarySearchFunc(p.stands, name, func(s stand, name string) int { return strings.Compare(s.budget.Name, name) })
		return int32(at)
	}
	for i := range r.Held {
		for _, name := range r.Held[i].At {
			if !r.Held[i].Done {
				p.stands[find(name)].take(r.Held[i].Pinned)
			}
		}
	}
	p.at = make([][]int32, len(r.Jobs))
	for i := range r.Jobs {
		for _, name := range r.Jobs[i].At {
			p.at[i] = append(p.at[i], find(name))
		}
	}
}
