package model

import "slices"

// wantedProvider is the execution provider whose library must be installed: that of the place, or,
// where the profile forbids the place, the one that would have been allowed. For a remote model it
// is the one of its companions, which run on the processor, or "" where it has none.
func (s *solver) wantedProvider(v *verdict) string {
	if v.entry.remote() {
		if len(s.companions()) > 0 {
			return ProviderCPU
		}
		return ""
	}
	if s.resident(v.place.silicon) {
		return v.place.provider
	}
	for _, p := range v.entry.ExecutionProviders {
		if p != ProviderCPU {
			return p
		}
	}
	return v.place.provider
}

// companions are the entries that run beside the base model, each once.
func (s *solver) companions() []*Entry {
	var out []*Entry
	add := func(e *Entry) {
		if e != nil && !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	for i := range s.wants {
		e := s.wants[i].found
		if e == nil {
			continue
		}
		add(e)
		for _, id := range e.With {
			add(s.registry.find(id))
		}
	}
	return out
}

// whole reports whether an entry is installed with what it is loaded with.
func (s *solver) whole(e *Entry) bool {
	return s.ready.installed(e) && !slices.ContainsFunc(e.With, func(id string) bool {
		with := s.registry.find(id)
		return with == nil || !s.ready.installed(with)
	})
}

// companionBytes are what they need in main memory.
func (s *solver) companionBytes() int64 {
	var n int64
	for _, e := range s.companions() {
		n += e.MemoryBytes
	}
	return n
}

// absent returns the ids that are not installed: the base model, the library, then the companions.
func (s *solver) absent(v *verdict) []string {
	var out []string
	if v.stage < StageVerified {
		out = append(out, v.entry.ID)
	}
	if provider := s.wantedProvider(v); provider != "" {
		switch rt := s.runtimes[provider]; {
		case rt == nil:
			out = append(out, "runtime-"+provider)
		case !s.ready.installed(rt):
			out = append(out, rt.ID)
		}
	}
	for _, e := range s.companions() {
		if !s.ready.installed(e) {
			out = append(out, e.ID)
		}
	}
	return out
}
