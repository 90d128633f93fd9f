package scene

import (
	"slices"
	"strings"
)

// Check says whether an answer to a question about this scene is right, by its content: every
// keyword is said, and nothing is said of the picture that the right answer does not say. Order,
// filler words, case and spelling are free.
func (s *Scene) Check(qa QA, answer string) bool {
	switch qa.Kind {
	case AskDescribe, AskPlain:
		return s.checkDescription(answer)
	case AskNoImage, AskColourAbsent, AskWhereAbsent, AskNoText:
		return denies(answer) && saysNothingElse(qa, answer) && hasKeywords(qa, answer)
	case AskIsThere:
		return checkYesNo(qa, answer)
	case AskReal:
		return SaysReal(answer)
	case AskChange:
		return s.checkChange(qa, answer)
	}
	return hasKeywords(qa, answer) && saysNothingElse(qa, answer)
}

// hasKeywords says whether every keyword is among the answer's tokens in one of its spellings.
func hasKeywords(qa QA, answer string) bool {
	said := tokens(answer)
	for _, spelled := range qa.Keywords {
		found := slices.ContainsFunc(spelled, func(k string) bool {
			want := tokens(k)
			return len(want) == 1 && (slices.Contains(said, want[0]) || slices.Contains(said, negated(want[0], said)))
		})
		if !found {
			return false
		}
	}
	return true
}

// negated lets "no" stand for "not": "I see no circle".
func negated(want string, said []string) string {
	if want == "not" && slices.Contains(said, "no") {
		return "no"
	}
	return want
}

// saysNothingElse says whether every token of content belongs to the right answer or to the
// question.
func saysNothingElse(qa QA, answer string) bool {
	allowed := append(tokens(qa.Answer), tokens(qa.Question)...)
	switch qa.Kind {
	case AskColour, AskQuadrant, AskWhere, AskCount, AskChange, AskHeldUp:
		allowed = tokens(qa.Answer)
	}
	for _, t := range tokens(answer) {
		if isContent(t) && !slices.Contains(allowed, t) {
			return false
		}
	}
	return true
}

// denies says whether a text denies something.
func denies(text string) bool { return slices.ContainsFunc(tokens(text), isNegation) }

// checkYesNo takes the answer's first yes or no.
func checkYesNo(qa QA, answer string) bool {
	want := qa.Keywords[0][0]
	for _, t := range tokens(answer) {
		switch {
		case t == "yes":
			return want == "yes" && !denies(answer) && saysNothingElse(qa, answer)
		case isNegation(t):
			return want == "no"
		}
	}
	return false
}

// checkDescription says whether an answer mentions everything in the picture and nothing wrong.
func (s *Scene) checkDescription(answer string) bool {
	said := mentions(answer)
	if len(said) == 0 {
		return false
	}
	for _, m := range said {
		if !s.isTrue(m) {
			return false
		}
	}
	stated := s.StatedFacts(answer)
	for _, f := range s.Facts {
		needed := f.Kind == FactName || f.Kind == FactNumber || f.Kind == FactQuadrant || f.Kind == FactPlain
		if s.Kind == KindCount && len(s.Objects) > 1 {
			needed = f.Kind == FactName || f.Kind == FactColour || f.Kind == FactCount
		} else if len(s.Objects) > 0 {
			needed = f.Kind == FactName || f.Kind == FactColour || f.Kind == FactPosition
		}
		if needed && !slices.ContainsFunc(stated, f.equal) {
			return false
		}
	}
	return true
}

// isTrue says whether one thing in the picture is all that a mention says.
func (s *Scene) isTrue(m mention) bool {
	switch m.name {
	case "background":
		return m.colour == "" || m.colour == s.Background
	case "number":
		return (m.count == "" || sameNumber(m.count, s.Text)) && (m.colour == "" || m.colour == s.TextColour) && s.Text != ""
	case "plain":
		return s.plain() && (m.colour == "" || m.colour == s.Background)
	case "object":
		return m.count == countWords[min(len(s.Objects), len(countWords)-1)]
	case "":
		return s.isTruePanel(m)
	}
	if m.count != "" && m.count != countWords[min(s.named(m.name), len(countWords)-1)] {
		return false
	}
	return slices.ContainsFunc(s.Objects, func(o Object) bool {
		return o.Name == m.name && (m.colour == "" || o.Colour == m.colour) && (m.position == "" || o.Position == m.position)
	})
}

// isTruePanel judges what is said without a noun: colours, places, a bare count of something the
// reader does not know.
func (s *Scene) isTruePanel(m mention) bool {
	if len(s.Panels) > 0 {
		return m.colour == "" && m.position == "" || slices.ContainsFunc(s.Panels, func(p Panel) bool {
			return (m.colour == "" || p.Colour == m.colour) && (m.position == "" || p.Position == m.position)
		})
	}
	if s.Kind == KindPlain {
		return m.colour == s.Background && m.position == "" && m.count == ""
	}
	return m.colour == "" && m.count == ""
}

// sameNumber compares digits; a count word stands for its digit.
func sameNumber(said, written string) bool {
	if i := indexOf(countWords[:], said); i >= 0 {
		said = string(rune('0' + i))
	}
	return said == written
}

func (f Fact) equal(o Fact) bool { return f.Kind == o.Kind && slices.Equal(f.Words, o.Words) }

// StatedFacts returns the facts of this scene that a text states, in the order of Facts. A fact
// about a thing is stated when the text says its words of one thing: "a red circle and a blue star"
// does not state that the circle is blue.
func (s *Scene) StatedFacts(answer string) []Fact {
	said := mentions(answer)
	var stated []Fact
	for _, f := range s.Facts {
		if slices.ContainsFunc(said, func(m mention) bool { return s.states(m, f) }) {
			stated = append(stated, f)
		}
	}
	return stated
}

func (s *Scene) states(m mention, f Fact) bool {
	switch f.Kind {
	case FactName:
		return m.name == f.Words[0]
	case FactColour:
		return m.name == f.Words[0] && m.colour == f.Words[1]
	case FactPosition:
		return m.name == f.Words[0] && m.position == f.Words[1]
	case FactCount:
		all := m.name == "object" || s.Kind == KindCount && len(s.Objects) > 0 && m.name == s.Objects[0].Name
		return all && m.count == f.Words[0]
	case FactNumber:
		return m.name == "number" && m.count != "" && sameNumber(m.count, f.Words[0])
	case FactTextColour:
		return m.name == "number" && m.colour == f.Words[0]
	case FactQuadrant:
		return m.name == "" && m.colour == f.Words[0] && m.position == f.Words[1]
	case FactPlain:
		return (m.name == "plain" || m.name == "") && m.colour == f.Words[0] && m.position == ""
	case FactBackground:
		return m.name == "background" && m.colour == f.Words[0]
	}
	return false
}

// String writes a fact for people.
func (f Fact) String() string { return string(f.Kind) + ": " + strings.Join(f.Words, " ") }
