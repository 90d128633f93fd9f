package model

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Part is what an entry does for a persona. It says more than a capability: two ears may both take speech, and only one of them is good enough
// to be the last word.
type Part string

// The parts.
const (
	// PartMind answers: the base model.
	PartMind Part = "base model"
	// PartEar makes the final transcripts.
	PartEar Part = "final transcripts"
	// PartInterim makes the transcripts while somebody still speaks.
	PartInterim Part = "interim transcripts"
	// PartVoice speaks.
	PartVoice Part = "voice"
	// PartDetector finds the start and end of speech.
	PartDetector Part = "voice activity"
	// PartRuntime runs the others.
	PartRuntime Part = "inference library"
)

// Parts returns all parts in their fixed order.
func Parts() []Part {
	return []Part{PartMind, PartEar, PartInterim, PartVoice, PartDetector, PartRuntime}
}

// Family is a model family that a build has a runner for, and what that runner can do.
type Family struct {
	Name  string `json:"name"`
	Parts []Part `json:"parts"`
}

// UnmarshalJSON reads the object, or, as in older files of a host, a name alone, which stands for every part.
func (f *Family) UnmarshalJSON(data []byte) error {
	var name string
	if json.Unmarshal(data, &name) == nil {
		*f = Family{Name: name, Parts: Parts()}
		return nil
	}
	type plain Family
	return json.Unmarshal(data, (*plain)(f))
}

// part is the part that an entry of this kind, native to these capabilities, is asked to play for a need.
func partFor(c Capability) Part {
	switch c {
	case AudioInput:
		return PartEar
	case AudioOutput:
		return PartVoice
	case Chat, Vision, ToolUse, Streaming, Embedding:
	}
	return PartMind
}

// family returns what the build says of an entry's family; ok is false where it has no runner for it.
func (s *solver) family(e *Entry) (f Family, ok bool) {
	i := slices.IndexFunc(s.host.Families, func(f Family) bool { return f.Name == e.Family })
	if i < 0 {
		return Family{}, false
	}
	return s.host.Families[i], true
}

// plays tells whether this build can run an entry in one of the parts. What a server runs is a mind and needs no runner, and a host that lists no
// families has one for all.
func (s *solver) plays(e *Entry, parts ...Part) bool {
	if e.remote() || len(s.host.Families) == 0 {
		return true
	}
	f, _ := s.family(e)
	return slices.ContainsFunc(f.Parts, func(p Part) bool { return slices.Contains(parts, p) })
}

// useless says why an entry cannot play the part.
func (s *solver) useless(e *Entry, part string) string {
	f, ok := s.family(e)
	if !ok || len(f.Parts) == 0 {
		return fmt.Sprintf("this build has no runner for family %q", e.Family)
	}
	can := make([]string, len(f.Parts))
	for i, p := range f.Parts {
		can[i] = string(p)
	}
	return fmt.Sprintf("family %q is for %s, not for %s", e.Family, strings.Join(can, ", "), part)
}

// componentParts are what a required component may be.
func componentParts() []Part { return []Part{PartDetector, PartInterim} }

// componentWords are the same in words.
const componentWords = string(PartDetector) + " or " + string(PartInterim)
