package model

import (
	"fmt"
	"slices"
	"strings"
)

// Part is one model of a Resolution: what is loaded to play a role. The zero value plays none.
type Part struct {
	// ID is the entry's id in the catalog, Family selects its runner.
	ID     string `json:"id"`
	Family string `json:"family"`
	// Files are the paths of its files below the model's folder, with forward slashes: what is
	// installed where the registry knows it, else what the catalog declares. None for what a server
	// runs.
	Files []string `json:"files,omitempty"`
}

// IsZero reports whether nobody plays the role.
func (p Part) IsZero() bool { return p.ID == "" }

// part is an entry as a Part; the zero one for none.
func part(e *Entry) Part {
	if e == nil {
		return Part{}
	}
	return Part{ID: e.ID, Family: e.Family, Files: slices.Clone(e.Files)}
}

// want is a role that is played beside the base model, whatever that can do itself: turns,
// interruptions and transcripts are made of what the ears understand, and words are spoken by a
// voice.
type want struct {
	role Role
	// ids may play it, best first; none means any adapter, by rank.
	ids []string
	// capability that an adapter in this role gives, "" for a component.
	capability Capability
	// asked is true where the profile asks for the capability, not for the role.
	asked bool
	found *Entry // who plays it; nil where nobody can
}

// findParts finds out who plays which role. A profile names an ear, a voice and a reader as
// adapters, the others as required components; for a role that it names nobody for its defaults
// stand.
func (s *solver) findParts() {
	for _, c := range []Capability{AudioInput, AudioOutput, Vision} {
		w := want{role: roleOf(c), ids: s.profile.Defaults[roleOf(c)], capability: c}
		i := slices.IndexFunc(s.profile.Needs, func(n Need) bool { return n.Capability == c && n.AdapterAllowed })
		if i >= 0 {
			w.ids, w.asked = s.profile.Needs[i].Adapters, true
		}
		if i >= 0 || len(w.ids) > 0 {
			s.wants = append(s.wants, w)
		}
	}
	components := map[Role][]string{}
	for _, id := range s.profile.Requires {
		e := s.registry.find(id)
		if e == nil {
			s.unknown = append(s.unknown, id)
			continue
		}
		role := s.component(e)
		if role == "" {
			s.strangers = append(s.strangers, e)
			continue
		}
		components[role] = append(components[role], id)
	}
	for _, role := range componentRoles() {
		w := want{role: role, ids: components[role]}
		if len(w.ids) > 1 {
			s.crowded = append(s.crowded, w)
		}
		if len(w.ids) == 0 {
			w.ids = s.profile.Defaults[role]
		}
		if len(w.ids) > 0 {
			s.wants = append(s.wants, w)
		}
	}
	for i := range s.wants {
		s.wants[i].found = s.choose(&s.wants[i])
	}
}

// component is the role that a required component plays, or "".
func (s *solver) component(e *Entry) Role {
	for _, role := range componentRoles() {
		if s.plays(e, role) {
			return role
		}
	}
	return ""
}

// componentRoles are the roles of components, in the order in which a component takes one.
func componentRoles() []Role { return []Role{RoleDetector, RoleInterim, RoleEndOfTurn, RoleNamer} }

// componentWords are the roles of components.
const componentWords = string(RoleDetector) + ", " + string(RoleInterim) + ", " + string(RoleEndOfTurn) + " or " + string(RoleNamer)

// choose returns the first installed entry that can play the role, or the first one that exists, or
// nil.
func (s *solver) choose(w *want) *Entry {
	var found *Entry
	for e := range s.offers(w) {
		if s.unfit(e, w) != "" {
			continue
		}
		if s.whole(e) {
			return e
		}
		if found == nil {
			found = e
		}
	}
	return found
}

// offers are the registered entries that may be considered for a role, best first.
func (s *solver) offers(w *want) func(yield func(*Entry) bool) {
	return func(yield func(*Entry) bool) {
		if len(w.ids) == 0 {
			for i := range s.registry.entries {
				if e := &s.registry.entries[i]; e.Kind == KindAdapter && !yield(e) {
					return
				}
			}
			return
		}
		for _, id := range w.ids {
			if e := s.registry.find(id); e != nil && !yield(e) {
				return
			}
		}
	}
}

// unfit says why an entry cannot play a role, or "".
func (s *solver) unfit(e *Entry, w *want) string {
	switch {
	case w.capability != "" && (e.Kind != KindAdapter || !e.Capabilities.Has(w.capability)):
		return fmt.Sprintf("%s is no adapter for %s", e.ID, w.capability)
	case w.capability != "" && !s.licensed(e):
		return fmt.Sprintf("%s has the licence %s", e.ID, e.Licence)
	case !s.plays(e, w.role):
		return e.ID + ": " + s.useless(e, string(w.role))
	}
	for _, id := range e.With {
		if s.registry.find(id) == nil {
			return fmt.Sprintf("%s is loaded with %s, which is not registered", e.ID, id)
		}
	}
	return ""
}

// part returns who plays a role, or nil.
func (s *solver) part(role Role) *Entry {
	for i := range s.wants {
		if s.wants[i].role == role {
			return s.wants[i].found
		}
	}
	return nil
}

// complete reports whether every role is played, and every capability that may come from an adapter
// does.
func (s *solver) complete(e *Entry) bool { return s.lacksParts(e) == "" }

// lacksParts says which roles nobody plays and which named entries play none, or "".
func (s *solver) lacksParts(e *Entry) string {
	var lacks []string
	for _, n := range s.profile.Needs {
		if n.AdapterAllowed && roleOf(n.Capability) == "" && !e.Capabilities.Has(n.Capability) {
			lacks = append(lacks, fmt.Sprintf("%s itself: no runner takes an adapter for it", n.Capability))
		}
	}
	for i := range s.wants {
		if w := &s.wants[i]; w.found == nil {
			lacks = append(lacks, s.lacksPart(w))
		}
	}
	if len(s.unknown) > 0 {
		lacks = append(lacks, "registered components "+strings.Join(s.unknown, ", "))
	}
	for _, c := range s.strangers {
		lacks = append(lacks, fmt.Sprintf("a use for the component %s: %s", c.ID, s.useless(c, componentWords)))
	}
	for _, w := range s.crowded {
		lacks = append(lacks, fmt.Sprintf("one component for %s, it requires %s", w.role, strings.Join(w.ids, ", ")))
	}
	return strings.Join(lacks, "; ")
}

// lacksPart says why nobody plays a role.
func (s *solver) lacksPart(w *want) string {
	lack := "a model for " + string(w.role)
	if w.asked {
		lack = "an adapter for " + string(w.capability)
	}
	if len(w.ids) == 0 {
		return lack
	}
	var reasons []string
	for _, id := range w.ids {
		e := s.registry.find(id)
		if e == nil {
			reasons = append(reasons, id+" is not registered")
			continue
		}
		if why := s.unfit(e, w); why != "" {
			reasons = append(reasons, why)
		}
	}
	return fmt.Sprintf("%s (none of %s can be used: %s)", lack, strings.Join(w.ids, ", "), strings.Join(reasons, "; "))
}
