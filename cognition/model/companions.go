package model

// wantedProvider is the execution provider whose library must be installed: that of the place, or, where the profile forbids the
// place, the one that would have been allowed. For a remote model it is the one of its companions, which run on the processor, or ""
// where it has none.
func (s *solver) wantedProvider(v *verdict) string {
	if v.entry.remote() {
		return s.companionProvider(v.entry)
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

func (s *solver) companionProvider(e *Entry) string {
	if len(s.profile.Requires) > 0 {
		return ProviderCPU
	}
	for i, n := range s.profile.Needs {
		if a := s.adapters[i]; a != nil && !a.remote() && !e.Capabilities.Has(n.Capability) {
			return ProviderCPU
		}
	}
	return ""
}

// present reports whether absent would return nothing.
func (s *solver) present(v *verdict) bool {
	if v.stage < StageVerified || len(s.missing) > 0 {
		return false
	}
	if provider := s.wantedProvider(v); provider != "" {
		if rt := s.runtimes[provider]; rt == nil || !s.ready.installed(rt) {
			return false
		}
	}
	for i, n := range s.profile.Needs {
		if a := s.adapters[i]; a != nil && !v.entry.Capabilities.Has(n.Capability) && !s.ready.installed(a) {
			return false
		}
	}
	return true
}

// absent returns the ids that are not installed, the base model first.
func (s *solver) absent(v *verdict) []string {
	var out []string
	e := v.entry
	if v.stage < StageVerified {
		out = append(out, e.ID)
	}
	if provider := s.wantedProvider(v); provider != "" {
		switch rt := s.runtimes[provider]; {
		case rt == nil:
			out = append(out, "runtime-"+provider)
		case !s.ready.installed(rt):
			out = append(out, rt.ID)
		}
	}
	for i, n := range s.profile.Needs {
		if a := s.adapters[i]; a != nil && !e.Capabilities.Has(n.Capability) && !s.ready.installed(a) {
			out = append(out, a.ID)
		}
	}
	return append(out, s.missing...)
}
