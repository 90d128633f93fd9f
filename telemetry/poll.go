package telemetry

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// Sources are what can be asked of a process at any moment, by any goroutine. A nil one, and one
// that says no, has nothing to say yet.
type Sources struct {
	Ledger  func() (compute.Snapshot, bool)
	Pool    func() (ort.PoolStatus, bool)
	Prompts func() ([]engine.PromptCacheStats, bool)
	// Seats counts the seats by their state, Rooms those that are open.
	Seats func() (byState map[string]int, rooms int, ok bool)
	// Store is how what is said is being kept; no where it is not.
	Store func() (StoreStatus, bool)
	// Frames counts pictures of tracks by how far they came; each only grows.
	Frames func() map[string]uint64
	// Drops counts what found no room in the process, by where; each only grows.
	Drops func() map[string]uint64
}

// StoreStatus is how what is said is being kept.
type StoreStatus struct {
	// Failures are writes that the store did not take, by reason, Written rows by kind; each only
	// grows.
	Failures, Written     map[string]uint64
	Waiting, WaitingBytes int
	// Since is when the first of the writes failed that nothing was written after; the zero time
	// for none.
	Since time.Time
}

// polledNames are the metrics that are asked for when somebody scrapes, though they are counters.
func polledNames() []string {
	return []string{"sensory.lease.granted", "sensory.lease.refused", "sensory.lease.lost", "sensory.process.dropped", "sensory.sight.frames", "sensory.store.failures", "sensory.store.written"}
}

func polled(name string) bool { return slices.Contains(polledNames(), name) }

// poll asks the sources. It is safe for concurrent use.
type poll struct {
	from  Sources
	descs map[string]*prometheus.Desc
	kinds map[string]prometheus.ValueType
}

func newPoll(from Sources) *poll {
	p := &poll{from: from, descs: map[string]*prometheus.Desc{}, kinds: map[string]prometheus.ValueType{}}
	for _, n := range Names() {
		kind := prometheus.GaugeValue
		if polled(n.Name) {
			kind = prometheus.CounterValue
		} else if n.Kind != Gauge {
			continue
		}
		p.descs[n.Name], p.kinds[n.Name] = prometheus.NewDesc(n.Prometheus(), n.Help, n.Labels, nil), kind
	}
	return p
}

// Describe implements prometheus.Collector.
func (p *poll) Describe(to chan<- *prometheus.Desc) {
	for _, d := range p.descs {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (p *poll) Collect(to chan<- prometheus.Metric) {
	put := func(name string, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(p.descs[name], p.kinds[name], v, labels...)
	}
	if ask := p.from.Ledger; ask != nil {
		if s, ok := ask(); ok {
			ledger(s, put)
		}
	}
	if ask := p.from.Pool; ask != nil {
		if s, ok := ask(); ok {
			models(s, put)
		}
	}
	if ask := p.from.Prompts; ask != nil {
		if all, ok := ask(); ok {
			for _, s := range all {
				put("sensory.prompts.bytes", float64(s.Bytes), s.Silicon.String())
			}
		}
	}
	if ask := p.from.Store; ask != nil {
		if s, ok := ask(); ok {
			keeping(s, put)
		}
	}
	if ask := p.from.Frames; ask != nil {
		for step, n := range ask() {
			put("sensory.sight.frames", float64(n), step)
		}
	}
	if ask := p.from.Drops; ask != nil {
		for hop, n := range ask() {
			put("sensory.process.dropped", float64(n), hop)
		}
	}
	if ask := p.from.Seats; ask != nil {
		if states, rooms, ok := ask(); ok {
			put("sensory.rooms", float64(rooms))
			for state, n := range states {
				put("sensory.seats", float64(n), state)
			}
		}
	}
}

type putter func(name string, v float64, labels ...string)

func ledger(s compute.Snapshot, put putter) {
	for _, p := range s.Pools {
		silicon, by := p.Silicon.String(), p.Provider
		put("sensory.lease.held", float64(p.Held), silicon, by)
		put("sensory.lease.waiting", float64(p.Waiting), silicon, by)
		put("sensory.lease.level", p.Level, silicon, by)
		put("sensory.lease.granted", float64(p.Granted), silicon, by)
		for _, reason := range refusals() {
			put("sensory.lease.refused", float64(p.Refused[reason]), silicon, by, reason)
		}
		for how, n := range map[string]uint64{"expired": p.Expired, "revoked": p.Revoked, "fenced": p.Fenced, "abandoned": p.Abandoned} {
			put("sensory.lease.lost", float64(n), silicon, by, how)
		}
	}
	for silicon := compute.Silicon(1); silicon.Valid(); silicon++ {
		put("sensory.lease.refused", float64(s.NoBudget[silicon.String()]), silicon.String(), "", noBudget)
	}
}

func keeping(s StoreStatus, put putter) {
	for reason, n := range s.Failures {
		put("sensory.store.failures", float64(n), reason)
	}
	for kind, n := range s.Written {
		put("sensory.store.written", float64(n), kind)
	}
	put("sensory.store.waiting", float64(s.Waiting))
	put("sensory.store.waiting.bytes", float64(s.WaitingBytes))
	var degraded time.Duration
	if !s.Since.IsZero() {
		degraded = time.Since(s.Since)
	}
	put("sensory.store.degraded", degraded.Seconds())
}

func models(s ort.PoolStatus, put putter) {
	loaded, bytes := map[string]int{}, map[string]int64{}
	for _, m := range s.Models {
		loaded[m.Place]++
		bytes[m.Place] += m.Bytes
	}
	for place, n := range loaded {
		put("sensory.models.loaded", float64(n), place)
		put("sensory.models.bytes", float64(bytes[place]), place)
	}
}
