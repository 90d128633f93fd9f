package ort

import (
	"cmp"
	"slices"
	"time"
)

// PoolCounts are totals since the pool was made.
type PoolCounts struct {
	// Loads are models that were loaded, Hits handles that needed no load, Failed loads that
	// failed.
	Loads  uint64 `json:"loads"`
	Hits   uint64 `json:"hits"`
	Failed uint64 `json:"failed"`
	// Evictions are idle models closed to make room, Expired those closed because nobody used them.
	Evictions uint64 `json:"evictions"`
	Expired   uint64 `json:"expired"`
	// Refusals are models for which there was no room; Abandoned callers gave up while a model was
	// loaded.
	Refusals  uint64 `json:"refusals"`
	Abandoned uint64 `json:"abandoned"`
}

// States of a model in a pool.
const (
	StateLoading = "loading"
	StateHeld    = "held"
	StateIdle    = "idle"
)

// ModelStatus describes one loaded model: the bytes of its file with the options it was loaded
// with.
type ModelStatus struct {
	Name    string `json:"name"`
	Place   string `json:"place"`
	Threads int    `json:"threads"`
	State   string `json:"state"`
	// Holders are the open handles; while it is loaded, those that wait for it.
	Holders int `json:"holders"`
	// Bytes are those of the model's files.
	Bytes int64 `json:"bytes"`
	// IdleFor is how long nobody has held it, ClosesIn when it will be closed.
	IdleFor  time.Duration `json:"idle_for_ns,omitempty"`
	ClosesIn time.Duration `json:"closes_in_ns,omitempty"`
	// Hits are the handles that needed no load.
	Hits uint64        `json:"hits"`
	Took time.Duration `json:"load_took_ns"`
}

// PlaceStatus is the room of one place, in bytes of model files.
type PlaceStatus struct {
	Place string `json:"place"`
	Used  int64  `json:"used"`
	// Limit is 0 where there is no bound.
	Limit int64 `json:"limit"`
}

// PoolStatus is everything that a pool knows at one moment.
type PoolStatus struct {
	PoolCounts
	Places []PlaceStatus `json:"places"`
	Models []ModelStatus `json:"models"`
}

// Status returns a copy of the pool's books: models by name, places by their name.
func (p *Pool) Status() PoolStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	out := PoolStatus{PoolCounts: p.counts, Places: []PlaceStatus{}, Models: make([]ModelStatus, 0, len(p.entries))}
	for place, used := range p.used {
		out.Places = append(out.Places, PlaceStatus{Place: place.String(), Used: used, Limit: p.cfg.limit(place)})
	}
	for _, e := range p.entries {
		out.Models = append(out.Models, p.status(e, now))
	}
	slices.SortFunc(out.Places, func(a, b PlaceStatus) int { return cmp.Compare(a.Place, b.Place) })
	slices.SortFunc(out.Models, func(a, b ModelStatus) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Place, b.Place), cmp.Compare(a.Threads, b.Threads))
	})
	return out
}

func (p *Pool) status(e *entry, now time.Time) ModelStatus {
	s := ModelStatus{
		Name: e.name, Place: e.id.place().String(), Threads: e.id.opt.Threads, State: StateHeld, Holders: e.refs,
		Bytes: e.bytes, Hits: e.hits,
	}
	switch {
	case e.model == nil:
		s.State = StateLoading
		return s
	case e.timer != nil:
		s.State, s.IdleFor = StateIdle, now.Sub(e.idleSince)
		s.ClosesIn = p.cfg.Idle - s.IdleFor
	}
	s.Took = e.took
	return s
}
