package model

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// maxSightWait bounds what a profile may have answers wait for: who waits longer has gone.
// MaxPictures bounds the pictures of an answer, maxSightWithin how old the oldest may be: sights
// are not kept longer.
const (
	maxSightWait   = time.Minute
	MaxPictures    = 8
	maxSightWithin = 5 * time.Minute
)

// What holds for the pictures of an answer where the profile says nothing. The calibration model
// was trained with pictures of 1 to 40 s between them.
const (
	DefaultSightSpacing = time.Second
	DefaultSightWithin  = 40 * time.Second
)

// Residency says which silicon a base model may live on.
type Residency string

const (
	// ResidencyAny allows every silicon.
	ResidencyAny Residency = "any"
	// ResidencyGPU allows a GPU or unified memory only.
	ResidencyGPU Residency = "gpu-or-unified"
)

// ProviderPolicy says who may run a base model.
type ProviderPolicy string

const (
	// LocalOnly allows this process only.
	LocalOnly ProviderPolicy = "local-only"
	// PreferLocal allows remote providers after local ones.
	PreferLocal ProviderPolicy = "prefer-local"
	// PreferCloud allows local models after remote ones.
	PreferCloud ProviderPolicy = "prefer-cloud"
	// CloudOnly allows remote providers only.
	CloudOnly ProviderPolicy = "cloud-only"
	// AnyProvider orders by rank alone.
	AnyProvider ProviderPolicy = "any"
)

// Need is one capability that a profile asks for.
type Need struct {
	Capability Capability
	// AdapterAllowed permits an adapter where the base model lacks the capability natively.
	AdapterAllowed bool
	// Adapters are the ids that may do it, best first; empty means any adapter, by rank.
	Adapters []string
}

// Profile is a named requirement.
type Profile struct {
	ID          string
	Description string
	Needs       []Need
	// ContextMin is the smallest acceptable window in tokens.
	ContextMin int
	Residency  Residency
	Providers  ProviderPolicy
	// Licences that are acceptable; empty means any.
	Licences []string
	// Requires are components that run beside the model: at most one for each of RoleDetector,
	// RoleInterim, RoleEndOfTurn and RoleNamer.
	Requires []string
	// Defaults are the ids that may play a role that the profile names nobody for, best first. A
	// role that is named nowhere is not played. They count like what the profile names: in memory,
	// in what must be installed, in the Resolution.
	Defaults map[Role][]string
	// Models limits the base models to these ids; empty means any.
	Models []string
	// SightWait is what an answer may wait for a picture: its encoding and its reading. 0 bounds
	// nothing: pictures are made as large as the model's own processor allows, whatever that costs.
	SightWait time.Duration
	// SightPictures bounds how many pictures an answer is made from; 0 leaves it to the model, see
	// Entry.Pictures. SightSpacing is how much older a picture is at least than the next of the
	// same answer, SightWithin how much older than the newest at most; 0 means the defaults, one
	// second and 40.
	SightPictures             int
	SightSpacing, SightWithin time.Duration
}

// Native returns the capabilities that the base model itself must have.
func (p *Profile) Native() Set {
	var s Set
	for _, n := range p.Needs {
		if !n.AdapterAllowed {
			s |= bit(n.Capability)
		}
	}
	return s
}

// Names returns every entry id that the profile mentions.
func (p *Profile) Names() []string {
	out := slices.Concat(p.Requires, p.Models)
	for _, n := range p.Needs {
		out = append(out, n.Adapters...)
	}
	for _, role := range Roles() {
		out = append(out, p.Defaults[role]...)
	}
	return out
}

// Validate reports the first fault of a profile as ErrBadProfile: unknown words, no need at all, a
// capability asked for twice.
func (p *Profile) Validate() error {
	bad := func(field string, value any) error { return fmt.Errorf("%w: %s: %v", ErrBadProfile, field, value) }
	if p.ID == "" {
		return bad("id", "missing")
	}
	if len(p.Needs) == 0 {
		return bad("native", "at least one capability is required")
	}
	var seen Set
	for _, n := range p.Needs {
		if _, err := ParseCapability(string(n.Capability)); err != nil {
			return fmt.Errorf("%w: %w", ErrBadProfile, err)
		}
		if seen.Has(n.Capability) {
			return bad("native, adapted", string(n.Capability)+" appears twice")
		}
		seen |= bit(n.Capability)
	}
	if p.Native() == 0 {
		return bad("native", "at least one capability must be native")
	}
	for role := range p.Defaults {
		if !slices.Contains([]Role{RoleEar, RoleInterim, RoleVoice, RoleDetector, RoleEndOfTurn}, role) {
			return bad("defaults", fmt.Sprintf("%q is no role beside the base model", role))
		}
	}
	if p.ContextMin < 0 {
		return bad("context_min", p.ContextMin)
	}
	if err := p.validateSight(bad); err != nil {
		return err
	}
	if !slices.Contains([]Residency{ResidencyAny, ResidencyGPU}, p.Residency) {
		return bad("residency", fmt.Sprintf("%q is neither %q nor %q", p.Residency, ResidencyAny, ResidencyGPU))
	}
	if !slices.Contains([]ProviderPolicy{LocalOnly, PreferLocal, PreferCloud, CloudOnly, AnyProvider}, p.Providers) {
		return bad("providers", fmt.Sprintf("%q", p.Providers))
	}
	return nil
}

// validateSight is the part of Validate that is about pictures.
func (p *Profile) validateSight(bad func(field string, value any) error) error {
	for _, d := range []struct {
		field     string
		is, limit time.Duration
	}{{"sight.wait", p.SightWait, maxSightWait}, {"sight.spacing", p.SightSpacing, maxSightWithin}, {"sight.within", p.SightWithin, maxSightWithin}} {
		if d.is < 0 || d.is%time.Millisecond != 0 || d.is > d.limit {
			return bad(d.field, fmt.Sprintf("%v is no whole number of milliseconds up to %v", d.is, d.limit))
		}
	}
	if p.SightPictures < 0 || p.SightPictures > MaxPictures {
		return bad("sight.pictures", fmt.Sprintf("%d is none of 1 to %d", p.SightPictures, MaxPictures))
	}
	if spacing, within := cmp.Or(p.SightSpacing, DefaultSightSpacing), cmp.Or(p.SightWithin, DefaultSightWithin); spacing >= within {
		return bad("sight.spacing", fmt.Sprintf("%v apart, no two pictures are within %v", spacing, within))
	}
	said := p.SightWait > 0 || p.SightPictures > 0 || p.SightSpacing > 0 || p.SightWithin > 0
	if said && !slices.ContainsFunc(p.Needs, func(n Need) bool { return n.Capability == Vision }) {
		return bad("sight", "the profile asks for no vision")
	}
	return nil
}

// WithVoice returns the profile with ids in the place of the voices that it names, best first: what
// somebody chose. Without ids no voice is resolved.
func (p Profile) WithVoice(ids ...string) Profile {
	p.Needs = slices.Clone(p.Needs)
	p.Defaults = maps.Clone(p.Defaults)
	p.Needs = slices.DeleteFunc(p.Needs, func(n Need) bool { return n.Capability == AudioOutput && n.AdapterAllowed && len(ids) == 0 })
	for i := range p.Needs {
		if n := &p.Needs[i]; n.Capability == AudioOutput && n.AdapterAllowed {
			n.Adapters = slices.Clone(ids)
		}
	}
	delete(p.Defaults, RoleVoice)
	if len(ids) > 0 {
		if p.Defaults == nil {
			p.Defaults = map[Role][]string{}
		}
		p.Defaults[RoleVoice] = slices.Clone(ids)
	}
	return p
}
