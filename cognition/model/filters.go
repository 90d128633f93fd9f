package model

import (
	"slices"
)

// filter is one check of a base model. The order of the constants is the order of decision.
type filter int

const (
	filterNamed filter = iota
	filterCapabilities
	filterAdapters
	filterRunner
	filterContext
	filterLicence
	filterProvider
	filterResidency
	filterMemory
	filterInstalled
	filterReady
	filterCount // number of filters; as verdict.first: none failed
)

// String returns the word that explanations show.
func (f filter) String() string {
	return [...]string{
		"named by the profile", "capabilities", "adapters", "runner", "context", "licence",
		"provider", "residency", "memory", "installed", "ready", "qualified",
	}[f]
}

// place is where a base model would run.
type place struct {
	silicon  Silicon
	provider string
	device   string
	index    int
	free     int64
}

// verdict is what all filters say about one base model.
type verdict struct {
	entry *Entry
	// failed has one bit for each failed filter.
	failed uint16
	first  filter
	place  place
	stage  Stage
}

func (v *verdict) fails(f filter) bool { return v.failed&(1<<f) != 0 }

// solver holds one resolution. Everything in it is derived from the arguments of Resolve.
type solver struct {
	profile  *Profile
	registry *Registry
	host     *Host
	ready    *Readiness
	native   Set
	// adapters has one entry for each need, nil where none is allowed or none exists.
	adapters []*Entry
	// missing components of the profile are not installed; unknown ones are not even registered; componentBytes is their memory.
	missing        []string
	unknown        []string
	strangers      []*Entry // required components that this build has no use for
	componentBytes int64
	// runtimes has the inference library of each execution provider.
	runtimes map[string]*Entry
	verdicts []verdict
	left     [filterCount]int
}

func newSolver(p Profile, r *Registry, h Host, ready Readiness) (*solver, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	ready.Want = max(ready.Want, StageVerified)
	s := &solver{
		profile: &p, registry: r, host: &h, ready: &ready, native: p.Native(),
		adapters: make([]*Entry, len(p.Needs)), runtimes: map[string]*Entry{},
	}
	for i := range r.entries {
		if e := &r.entries[i]; e.Kind == KindRuntime {
			if have := s.runtimes[e.Provides]; have == nil || !ready.installed(have) && ready.installed(e) {
				s.runtimes[e.Provides] = e
			}
		}
	}
	for i, n := range p.Needs {
		if n.AdapterAllowed {
			s.adapters[i] = s.adapter(n)
		}
	}
	for _, id := range p.Requires {
		e := r.find(id)
		if e == nil {
			s.unknown = append(s.unknown, id)
			continue
		}
		if !s.plays(e, componentParts()...) {
			s.strangers = append(s.strangers, e)
		}
		s.componentBytes += e.MemoryBytes
		if !ready.installed(e) {
			s.missing = append(s.missing, id)
		}
	}
	s.judgeAll()
	return s, nil
}

// adapter returns the first installed adapter for a need, or the first one that exists, or nil.
func (s *solver) adapter(n Need) *Entry {
	var found *Entry
	try := func(e *Entry) bool {
		if e == nil || e.Kind != KindAdapter || !e.Capabilities.Has(n.Capability) || !s.licensed(e) || !s.plays(e, partFor(n.Capability)) {
			return false
		}
		if found == nil {
			found = e
		}
		if s.ready.installed(e) {
			found = e
			return true
		}
		return false
	}
	if len(n.Adapters) > 0 {
		for _, id := range n.Adapters {
			if try(s.registry.find(id)) {
				break
			}
		}
		return found
	}
	for i := range s.registry.entries {
		if try(&s.registry.entries[i]) {
			break
		}
	}
	return found
}

func (s *solver) judgeAll() {
	s.verdicts = make([]verdict, 0, len(s.registry.entries))
	for i := range s.registry.entries {
		if e := &s.registry.entries[i]; e.Kind == KindModel {
			s.verdicts = append(s.verdicts, s.judge(e))
		}
	}
	for i := range s.verdicts {
		for f := filter(0); f < s.verdicts[i].first; f++ {
			s.left[f]++
		}
	}
}

// judge runs every filter, also those behind the first failure: a refusal names them all.
func (s *solver) judge(e *Entry) verdict {
	state := s.ready.state(e)
	v := verdict{entry: e, place: s.place(e), stage: state.Stage, first: filterCount}
	mark := func(f filter, ok bool) {
		if !ok {
			v.failed |= 1 << f
			v.first = min(v.first, f)
		}
	}
	mark(filterNamed, len(s.profile.Models) == 0 || slices.Contains(s.profile.Models, e.ID))
	mark(filterCapabilities, e.Capabilities&s.native == s.native)
	mark(filterAdapters, s.adapted(e) && len(s.unknown) == 0 && len(s.strangers) == 0)
	mark(filterRunner, s.plays(e, PartMind))
	mark(filterContext, e.Context >= s.profile.ContextMin)
	mark(filterLicence, s.licensed(e))
	mark(filterProvider, s.allowed(e))
	mark(filterResidency, s.resident(v.place.silicon))
	if v.place.silicon != "" {
		mark(filterMemory, s.fits(&v))
	}
	mark(filterInstalled, s.present(&v))
	mark(filterReady, v.stage >= s.ready.Want || v.stage < StageVerified) // what is not installed fell out before
	return v
}

func (s *solver) adapted(e *Entry) bool {
	for i, n := range s.profile.Needs {
		if n.AdapterAllowed && !e.Capabilities.Has(n.Capability) && s.adapters[i] == nil {
			return false
		}
	}
	return true
}

func (s *solver) licensed(e *Entry) bool {
	return len(s.profile.Licences) == 0 || slices.Contains(s.profile.Licences, e.Licence)
}

func (s *solver) allowed(e *Entry) bool {
	switch s.profile.Providers {
	case LocalOnly:
		return !e.remote()
	case CloudOnly:
		return e.remote()
	case PreferLocal, PreferCloud, AnyProvider:
	}
	return true
}

// resident reports whether a base model may live there. The empty silicon is no place at all.
func (s *solver) resident(where Silicon) bool {
	if s.profile.Residency == ResidencyGPU {
		return where == SiliconGPU || where == SiliconUnified
	}
	return where != ""
}

// place chooses the silicon: a GPU that the entry can use; else the CPU. Under ResidencyAny a GPU is used only if its runtime is
// installed and the model fits there.
func (s *solver) place(e *Entry) place {
	if e.remote() {
		return place{silicon: SiliconCloud, device: e.Provider, index: -1}
	}
	var best *GPU
	for i := range s.host.GPUs {
		g := &s.host.GPUs[i]
		if slices.Contains(e.ExecutionProviders, g.Provider) && (best == nil || g.MemoryFree > best.MemoryFree) {
			best = g
		}
	}
	if best != nil {
		silicon := SiliconGPU
		if best.Unified {
			silicon = SiliconUnified
		}
		rt := s.runtimes[best.Provider]
		usable := rt != nil && s.ready.installed(rt) && e.MemoryBytes <= best.MemoryFree
		if s.profile.Residency == ResidencyGPU || usable {
			return place{silicon: silicon, provider: best.Provider, device: best.Name, index: best.Index, free: best.MemoryFree}
		}
	}
	if slices.Contains(e.ExecutionProviders, ProviderCPU) {
		device := s.host.CPU
		if device == "" {
			device = s.host.Arch
		}
		return place{silicon: SiliconCPU, provider: ProviderCPU, device: device, index: -1, free: s.host.MemoryFree}
	}
	return place{index: -1}
}

// expected returns the bytes that the place must have.
func (s *solver) expected(v *verdict) int64 {
	if v.entry.remote() {
		return 0
	}
	if v.place.silicon == SiliconGPU {
		return v.entry.MemoryBytes
	}
	return v.entry.MemoryBytes + s.companions(v.entry)
}

// companions returns the bytes that adapters and components need in main memory.
func (s *solver) companions(e *Entry) int64 {
	n := s.componentBytes
	for i, need := range s.profile.Needs {
		if a := s.adapters[i]; a != nil && !e.Capabilities.Has(need.Capability) {
			n += a.MemoryBytes
		}
	}
	return n
}

// fits compares what is needed with what is free. A model that is loaded already has its memory; of a remote one only the companions
// are here.
func (s *solver) fits(v *verdict) bool {
	if v.stage >= StageLoaded {
		return true
	}
	if v.entry.remote() {
		return s.companions(v.entry) <= s.host.MemoryFree
	}
	if v.place.silicon == SiliconGPU && s.companions(v.entry) > s.host.MemoryFree {
		return false
	}
	return s.expected(v) <= v.place.free
}
