package model

import (
	"slices"
)

// filter is one check of a base model. The order of the constants is the order of decision.
type filter int

const (
	filterNamed filter = iota
	filterCapabilities
	filterParts
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
		"named by the profile", "capabilities", "parts", "runner", "context", "licence",
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
	// wants are the roles beside the base model. Of the required components unknown ones are not
	// registered, this build has no use for strangers, and crowded roles have more than one.
	wants     []want
	unknown   []string
	strangers []*Entry
	crowded   []want
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
		runtimes: map[string]*Entry{},
	}
	for i := range r.entries {
		if e := &r.entries[i]; e.Kind == KindRuntime {
			if have := s.runtimes[e.Provides]; have == nil || !ready.installed(have) && ready.installed(e) {
				s.runtimes[e.Provides] = e
			}
		}
	}
	s.findParts()
	s.judgeAll()
	return s, nil
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
	mark(filterParts, s.complete(e))
	mark(filterRunner, s.plays(e, RoleBase))
	mark(filterContext, e.Context >= s.profile.ContextMin)
	mark(filterLicence, s.licensed(e))
	mark(filterProvider, s.allowed(e))
	mark(filterResidency, s.resident(v.place.silicon))
	if v.place.silicon != "" {
		mark(filterMemory, s.fits(&v))
	}
	mark(filterInstalled, len(s.absent(&v)) == 0)
	mark(filterReady, v.stage >= s.ready.Want || v.stage < StageVerified) // what is not installed fell out before
	return v
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

// place chooses the silicon: a GPU that the entry can use; else the CPU. Under ResidencyAny a GPU
// is used only if its runtime is installed and the model fits there.
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
	return v.entry.MemoryBytes + s.companionBytes()
}

// fits compares what is needed with what is free: of the base model and of every part beside it. A
// model that is loaded already has its memory; of a remote one only the companions are here.
func (s *solver) fits(v *verdict) bool {
	if v.stage >= StageLoaded {
		return true
	}
	if v.entry.remote() {
		return s.companionBytes() <= s.host.MemoryFree
	}
	if v.place.silicon == SiliconGPU && s.companionBytes() > s.host.MemoryFree {
		return false
	}
	return s.expected(v) <= v.place.free
}
