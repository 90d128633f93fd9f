package model

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Role is what an entry does for a persona. It says more than a capability: two ears may both take
// speech, and only one of them is good enough to have the last word.
type Role string

// The roles.
const (
	// RoleBase answers.
	RoleBase Role = "base model"
	// RoleEar makes the final transcripts.
	RoleEar Role = "final transcripts"
	// RoleInterim makes the transcripts while somebody still speaks.
	RoleInterim Role = "interim transcripts"
	// RoleVoice speaks.
	RoleVoice Role = "voice"
	// RoleDetector finds the start and end of speech.
	RoleDetector Role = "voice activity"
	// RoleEndOfTurn hears whether somebody who has fallen silent has finished.
	RoleEndOfTurn Role = "end of turn"
	// RoleReader reads text in pictures, for a base model that has no eyes.
	RoleReader Role = "text in pictures"
	// RoleNamer names what pictures show, for a base model that has no eyes.
	RoleNamer Role = "names of things"
	// RoleRuntime runs the others.
	RoleRuntime Role = "inference library"
)

// Roles returns all roles in their fixed order.
func Roles() []Role {
	return []Role{RoleBase, RoleEar, RoleInterim, RoleVoice, RoleDetector, RoleEndOfTurn, RoleReader, RoleNamer, RoleRuntime}
}

// Family is a model family that a build has a runner for, and the roles that this runner can play.
type Family struct {
	Name  string `json:"name"`
	Roles []Role `json:"roles"`
}

// UnmarshalJSON reads the object, whose roles older files of a host call parts, or, as in still
// older ones, a name alone, which stands for every role.
func (f *Family) UnmarshalJSON(data []byte) error {
	var name string
	if json.Unmarshal(data, &name) == nil {
		*f = Family{Name: name, Roles: Roles()}
		return nil
	}
	var object struct {
		Name  string `json:"name"`
		Roles []Role `json:"roles"`
		Parts []Role `json:"parts"`
	}
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	*f = Family{Name: object.Name, Roles: slices.Concat(object.Roles, object.Parts)}
	return nil
}

// roleOf is the role of an adapter for a capability, or "" where no runner takes adapters for it.
func roleOf(c Capability) Role {
	switch c {
	case AudioInput:
		return RoleEar
	case AudioOutput:
		return RoleVoice
	case Vision:
		return RoleReader
	case Chat, ToolUse, Streaming, Embedding:
	}
	return ""
}

// family returns what the build says of an entry's family; ok is false where it has no runner for
// it.
func (s *solver) family(e *Entry) (f Family, ok bool) {
	i := slices.IndexFunc(s.host.Families, func(f Family) bool { return f.Name == e.Family })
	if i < 0 {
		return Family{}, false
	}
	return s.host.Families[i], true
}

// plays tells whether this build can run an entry in a role. What a server runs is a base model and
// needs no runner. A host that lists no families has a runner for whatever an entry's kind admits.
func (s *solver) plays(e *Entry, role Role) bool {
	if e.remote() {
		return role == RoleBase
	}
	if len(s.host.Families) == 0 {
		return e.mayPlay(role)
	}
	f, _ := s.family(e)
	return slices.Contains(f.Roles, role)
}

// mayPlay tells whether an entry's kind and capabilities admit a role.
func (e *Entry) mayPlay(role Role) bool {
	switch role {
	case RoleBase:
		return e.Kind == KindModel
	case RoleEar, RoleInterim:
		return e.Kind == KindAdapter && e.Capabilities.Has(AudioInput)
	case RoleVoice:
		return e.Kind == KindAdapter && e.Capabilities.Has(AudioOutput)
	case RoleReader:
		return e.Kind == KindAdapter && e.Capabilities.Has(Vision)
	case RoleDetector, RoleEndOfTurn, RoleNamer:
		return e.Kind == KindComponent
	case RoleRuntime:
		return e.Kind == KindRuntime
	}
	return false
}

// useless says why an entry cannot play a role.
func (s *solver) useless(e *Entry, role string) string {
	if e.remote() {
		return fmt.Sprintf("what a server runs is for %s, not for %s", RoleBase, role)
	}
	f, ok := s.family(e)
	switch {
	case len(s.host.Families) == 0:
		return fmt.Sprintf("the kind %s is not for %s", e.Kind, role)
	case !ok || len(f.Roles) == 0:
		return fmt.Sprintf("this build has no runner for family %q", e.Family)
	}
	can := make([]string, len(f.Roles))
	for i, r := range f.Roles {
		can[i] = string(r)
	}
	return fmt.Sprintf("family %q is for %s, not for %s", e.Family, strings.Join(can, ", "), role)
}
