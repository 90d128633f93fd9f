package scene

import (
	"slices"
	"strconv"
)

// reliableGroups are the groups of questions whose answers reached their goal in every table of
// models/calibration/README.md that has them, "latest" ones where every picture was shown with an
// earlier one. This is the one place that says so; a test compares both.
var reliableGroups = []string{
	"describe count", "describe emoji", "describe mixed 1", "describe mixed 2", "describe mixed 3", "describe number", "describe plain",
	"describe quadrants", "describe shapes 1", "describe shapes 2", "describe shapes 3",
	"at shape", "at emoji", "nothing-at", "colour", "colour-absent", "where shape", "where emoji", "where-absent", "is-there", "count",
	"quadrant", "plain", "background", "number", "number-colour", "no-text", "no-image", "chat", "one-picture",
	"latest describe", "latest at", "latest nothing-at", "latest colour", "latest colour-absent", "latest where", "latest where-absent",
	"latest is-there", "latest count", "latest quadrant", "latest plain", "latest background", "latest number", "latest number-colour",
	"latest no-text",
	"real face", "real screen", "real covered", "real noise", "real blur", "real texture", "real wall",
	"change appeared", "change gone", "change moved", "change recoloured", "change nothing", "held-up appeared", "held-up gone",
}

// Group names the sort of question that a question about this scene belongs to; figures are
// measured by group. It is the question's kind, with the kind of picture and the number of things
// for descriptions, and with "shape" or "emoji" where a single thing is asked for; of a real
// picture with what it is, of a change with what happened, and "latest" with the kind where the
// newer of two pictures is asked about.
func (s *Scene) Group(qa QA) string {
	name := string(qa.Kind)
	switch qa.Kind {
	case AskReal:
		return name + " " + s.Sort
	case AskChange, AskHeldUp:
		return name + " " + string(s.Change.What)
	case AskNoImage, AskChat:
		return name
	}
	if s.Before != nil {
		return "latest " + name
	}
	switch qa.Kind {
	case AskDescribe:
		name += " " + string(s.Kind)
		if s.Kind == KindShapes || s.Kind == KindMixed {
			name += " " + strconv.Itoa(len(s.Objects))
		}
	case AskAt, AskWhere:
		if slices.ContainsFunc(tokens(qa.Answer), func(t string) bool { return indexOf(emojiNames[:], t) >= 0 }) {
			return name + " emoji"
		}
		return name + " shape"
	}
	return name
}

// Reliable says whether the calibration model's answer to this question can be relied on.
// Demonstration and acceptance ask nothing else.
func (s *Scene) Reliable(qa QA) bool { return slices.Contains(reliableGroups, s.Group(qa)) }

// ReliableQA returns the canonical questions about the picture whose answers can be relied on.
func (s *Scene) ReliableQA() []QA {
	return slices.DeleteFunc(slices.Clone(s.QA), func(qa QA) bool { return !s.Reliable(qa) || qa.NoPicture })
}
