package compute_test

import (
	"slices"

	"github.com/sensory-agent/sensory-agent/compute"
)

// slowSeats is what is taken of stations, by name.
type slowSeats struct {
	slots, used, pinned map[string]int64
	kept                map[string]bool
}

func newSlowSeats(r compute.Request) *slowSeats {
	s := &slowSeats{map[string]int64{}, map[string]int64{}, map[string]int64{}, map[string]bool{}}
	for _, b := range r.Stations {
		s.slots[b.Name] = b.Slots
	}
	for _, h := range r.Held {
		if !h.Done {
			s.take(h.At, 1, h.Pinned)
		}
	}
	return s
}

func (s *slowSeats) take(names []string, n int64, pinned bool) {
	for _, name := range names {
		s.used[name] += n
		if pinned {
			s.pinned[name] += n
		}
	}
}

func (s *slowSeats) reserved(j compute.Job) bool {
	return slices.ContainsFunc(j.At, func(name string) bool { return s.kept[name] })
}

func (s *slowSeats) free(j compute.Job) bool {
	return !slices.ContainsFunc(j.At, func(name string) bool { return s.used[name] >= s.slots[name] })
}

func (s *slowSeats) willBeFree(j compute.Job) bool {
	return !slices.ContainsFunc(j.At, func(name string) bool { return s.pinned[name] >= s.slots[name] })
}

func (s *slowSeats) reserve(j compute.Job) {
	for _, name := range j.At {
		s.kept[name] = true
	}
}
