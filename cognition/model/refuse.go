package model

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// maxMisses bounds how many models without the capabilities a refusal describes: the nearest ones.
const maxMisses = 8

// maxBlocked bounds how many candidates a refusal describes check by check: the preferred ones. All
// are listed with their silicon.
const maxBlocked = 24

// pullCommand is the command line that installs entries.
const pullCommand = "sensory-agent models pull "

// refusal says why no verdict survived.
func (s *solver) refusal() *RefusalError {
	out := &RefusalError{Profile: s.profile.ID, RegistryCount: len(s.verdicts), Reason: ReasonNoMatch}
	decisive := filterCount
	for f := filter(0); f < filterCount; f++ {
		out.Filters = append(out.Filters, FilterCount{Filter: f.String(), Left: s.left[f]})
		if s.left[f] == 0 {
			decisive = f
			break
		}
	}
	out.Reason = s.reason(decisive)
	if s.profile.Residency == ResidencyGPU && len(s.host.GPUs) == 0 {
		out.Host = "no usable GPU"
		if s.host.GPUProblem != "" {
			out.Host += ": " + s.host.GPUProblem
		}
	}
	candidates := s.candidates()
	out.Candidates = make([]Candidate, 0, len(candidates))
	for i, v := range candidates {
		out.Candidates = append(out.Candidates, Candidate{
			Model: v.entry.ID, Silicon: v.place.silicon, Device: v.place.device,
			ExpectedBytes: s.expected(v), FreeBytes: v.place.free,
		})
		for f := filter(0); f < filterCount && i < maxBlocked; f++ {
			if v.fails(f) {
				out.Blockers = append(out.Blockers, s.blocker(v, f))
			}
		}
	}
	if len(candidates) == 0 {
		for _, v := range s.misses() {
			out.Blockers = append(out.Blockers, s.blocker(v, v.first))
		}
	}
	if near := s.nearest(); near != nil {
		b := s.blocker(near, near.first)
		out.Nearest = &b
		if near.failed&^(1<<filterInstalled|1<<filterReady) == 0 && near.fails(filterInstalled) {
			out.Command = pullCommand + strings.Join(s.absent(near), " ")
		}
	}
	return out
}

func (s *solver) reason(decisive filter) Reason {
	switch decisive {
	case filterCapabilities:
		if bits.OnesCount16(uint16(s.native&SetOf(Chat, Vision, AudioInput, AudioOutput))) > 1 {
			return ReasonNoMultimodal
		}
	case filterResidency:
		return ReasonResidency
	case filterMemory:
		return ReasonFit
	case filterInstalled:
		return ReasonInstall
	case filterReady:
		return ReasonReady
	case filterNamed, filterParts, filterRunner, filterContext, filterLicence, filterProvider, filterCount:
	}
	return ReasonNoMatch
}

// candidates are the models with all capabilities, in preference order.
func (s *solver) candidates() []*verdict {
	var out []*verdict
	for i := range s.verdicts {
		if v := &s.verdicts[i]; v.first > filterCapabilities {
			out = append(out, v)
		}
	}
	return out
}

// misses are the models that lack the fewest capabilities, at most maxMisses.
func (s *solver) misses() []*verdict {
	out := make([]*verdict, 0, len(s.verdicts))
	for i := range s.verdicts {
		out = append(out, &s.verdicts[i])
	}
	slices.SortStableFunc(out, func(a, b *verdict) int { return s.lacking(a) - s.lacking(b) })
	return out[:min(len(out), maxMisses)]
}

func (s *solver) lacking(v *verdict) int {
	return bits.OnesCount16(uint16(s.native &^ v.entry.Capabilities))
}

// nearest is the model that came furthest; of those the one with the fewest failed filters and
// missing capabilities.
func (s *solver) nearest() *verdict {
	var best *verdict
	for i := range s.verdicts {
		v := &s.verdicts[i]
		if best == nil || s.closer(v, best) {
			best = v
		}
	}
	return best
}

func (s *solver) closer(a, b *verdict) bool {
	if a.first != b.first {
		return a.first > b.first
	}
	if x, y := bits.OnesCount16(a.failed), bits.OnesCount16(b.failed); x != y {
		return x < y
	}
	if x, y := s.lacking(a), s.lacking(b); x != y || !a.fails(filterInstalled) {
		return x < y
	}
	return s.lackingFiles(a) < s.lackingFiles(b)
}

// lackingFiles counts the entries that must be installed for a model.
func (s *solver) lackingFiles(v *verdict) int { return len(s.absent(v)) }

// blocker describes one failed filter of one model.
func (s *solver) blocker(v *verdict, f filter) Blocker {
	e := v.entry
	b := Blocker{Model: e.ID, Filter: f.String()}
	switch f {
	case filterNamed:
		b.Lacks = "is not one of " + strings.Join(s.profile.Models, ", ")
	case filterCapabilities:
		b.Lacks = (s.native &^ e.Capabilities).String()
	case filterParts:
		b.Lacks = s.lacksParts(e)
	case filterRunner:
		b.Lacks = s.useless(e, "a "+string(RoleBase))
	case filterContext:
		b.Lacks = fmt.Sprintf("a context window of %d tokens, it has %d", s.profile.ContextMin, e.Context)
	case filterLicence:
		b.Lacks = fmt.Sprintf("an allowed licence (%s), it has %s", strings.Join(s.profile.Licences, ", "), e.Licence)
	case filterProvider:
		b.Lacks = fmt.Sprintf("an allowed provider, %q is not %s", e.Provider, s.profile.Providers)
	case filterResidency:
		b.Lacks = s.lacksResidency(v)
	case filterMemory:
		b.Lacks = s.lacksMemory(v)
	case filterInstalled:
		absent := s.absent(v)
		b.Lacks = "installed files of " + strings.Join(absent, ", ")
		b.Fix = pullCommand + strings.Join(absent, " ")
	case filterReady:
		st := s.ready.state(e)
		b.Lacks = fmt.Sprintf("to be %s, it is %s", s.ready.Want, st.Stage)
		if st.Problem != "" {
			b.Lacks += ": " + st.Problem
		}
	case filterCount:
	}
	return b
}

func (s *solver) lacksResidency(v *verdict) string {
	if v.place.silicon == "" {
		return fmt.Sprintf("a place to run: it needs %s", strings.Join(v.entry.ExecutionProviders, " or "))
	}
	return fmt.Sprintf("%s residency, it would run on %s (%s)", s.profile.Residency, v.place.silicon, v.place.device)
}

func (s *solver) lacksMemory(v *verdict) string {
	if need := s.companionBytes(); (v.place.silicon == SiliconGPU || v.entry.remote()) && need > s.host.MemoryFree {
		return fmt.Sprintf("%d bytes of main memory for ears and voice, %d are free", need, s.host.MemoryFree)
	}
	return fmt.Sprintf("%d bytes on %s, %d are free", s.expected(v), v.place.device, v.place.free)
}
