package scene

import "strings"

// ask returns every question of a kind that the scene can answer.
func (s *Scene) ask(kind QuestionKind) []question {
	switch kind {
	case AskDescribe:
		return s.askDescribe()
	case AskAt, AskNothingAt:
		return s.askAt(kind)
	case AskColour:
		return s.askColour()
	case AskWhere:
		return s.askWhere()
	case AskWhereAbsent, AskColourAbsent:
		return s.askAbsent(kind)
	case AskIsThere:
		return s.askIsThere()
	case AskCount:
		return s.askCount()
	case AskQuadrant:
		return s.askQuadrant()
	case AskReal:
		return s.askReal()
	case AskChange:
		return s.askChange()
	case AskHeldUp:
		return s.askHeldUp()
	case AskNoImage:
		return s.askNoImage()
	case AskChat:
		return askChat()
	}
	return s.askSimple(kind)
}

// newQuestion makes a question whose keywords are the given words; x and is fill the forms.
func newQuestion(kind QuestionKind, canonical, answer string, forms []string, x []string, is string, keywords ...string) question {
	q := question{QA: QA{Kind: kind, Answer: answer}, canonical: canonical, forms: forms, x: x, is: is}
	for _, k := range keywords {
		q.Keywords = append(q.Keywords, spellings(k))
	}
	return q
}

// spellings lists the ways to write one keyword.
func spellings(word string) []string {
	switch word {
	case "gray":
		return []string{"gray", "grey"}
	case "center":
		return []string{"center", "centre", "middle"}
	}
	return []string{word}
}

// answerWords are what must be said to give an answer: its words that carry content.
func answerWords(answer string) []string {
	var words []string
	for _, t := range tokens(answer) {
		if isContent(t) {
			words = append(words, t)
		}
	}
	return words
}

func (s *Scene) askDescribe() []question {
	if s.Kind == KindDense || s.Kind == KindReal {
		return nil
	}
	forms := describeForms
	if s.Kind == KindQuadrants {
		forms = append(append([]string(nil), forms...), describeManyForms...)
	}
	answer := s.description()
	return []question{newQuestion(AskDescribe, "What do you see in the picture?", answer, forms, nil, "", answerWords(answer)...)}
}

func (s *Scene) askAt(kind QuestionKind) []question {
	if len(s.Objects) == 0 {
		return nil
	}
	var all []question
	for _, p := range positionNames {
		answer, keywords := "There is nothing "+at(p)+".", []string{"nothing"}
		if o := s.objectAt(p); o != nil {
			answer = "There " + isAre(o.Name) + " " + phrase(*o) + " " + at(p) + "."
			keywords = answerWords(phrase(*o))
		}
		if (keywords[0] == "nothing") != (kind == AskNothingAt) {
			continue
		}
		canonical := "What is " + at(p) + "?"
		all = append(all, newQuestion(kind, canonical, answer, atForms, askedPositions(p), "", keywords...))
	}
	return all
}

// askedPositions are the ways in which people name a field.
func askedPositions(p string) []string {
	switch {
	case p == "center":
		return []string{"center", "center", "middle", "centre"}
	case p == "left" || p == "right":
		return []string{p, p, p, p + " side"}
	case strings.Contains(p, " "):
		row, side, _ := strings.Cut(p, " ")
		other := map[string]string{"top": "upper", "bottom": "lower"}[row]
		return []string{p, p, p + " corner", p + " corner", other + " " + side, other + " " + side + " corner"}
	}
	return []string{p, p, p, p + " side"}
}

func (s *Scene) objectAt(position string) *Object {
	for i := range s.Objects {
		if s.Objects[i].Position == position {
			return &s.Objects[i]
		}
	}
	return nil
}

// named counts the objects of a name.
func (s *Scene) named(name string) int {
	n := 0
	for _, o := range s.Objects {
		if o.Name == name {
			n++
		}
	}
	return n
}

func (s *Scene) askColour() []question {
	var all []question
	for _, o := range s.Objects {
		if o.Colour == "" || s.named(o.Name) > 1 {
			continue
		}
		forms := colourForms
		if len(s.Objects) == 1 {
			forms = append(append([]string(nil), forms...), onlyColourForms...)
		}
		all = append(all, newQuestion(AskColour, "What color is the "+o.Name+"?", "The "+o.Name+" is "+o.Colour+".",
			forms, []string{o.Name}, "is", o.Colour))
	}
	return all
}

func (s *Scene) askWhere() []question {
	var all []question
	for _, o := range s.Objects {
		if s.named(o.Name) > 1 {
			continue
		}
		is := isAre(o.Name)
		all = append(all, newQuestion(AskWhere, "Where "+is+" the "+o.Name+"?", "The "+o.Name+" "+is+" "+at(o.Position)+".",
			whereForms, []string{o.Name}, is, o.Position))
	}
	return all
}

// absent lists the names that are not in the picture.
func (s *Scene) absent() []string {
	var all []string
	for _, names := range [][]string{shapeNames[:], emojiNames[:]} {
		for _, name := range names {
			if s.named(name) == 0 {
				all = append(all, name)
			}
		}
	}
	return all
}

func (s *Scene) askAbsent(kind QuestionKind) []question {
	if len(s.Objects) == 0 {
		return nil
	}
	var all []question
	for _, name := range s.absent() {
		canonical, forms := "Where "+isAre(name)+" the "+name+"?", whereForms
		if kind == AskColourAbsent {
			if indexOf(shapeNames[:], name) < 0 {
				continue
			}
			canonical, forms = "What color is the "+name+"?", colourForms
		}
		all = append(all, newQuestion(kind, canonical, "I do not see "+withArticle(name)+".", forms, []string{name}, isAre(name), "not", name))
	}
	return all
}

func (s *Scene) askCount() []question {
	n := len(s.Objects)
	if n == 0 || n >= len(countWords) {
		return nil
	}
	all := []question{newQuestion(AskCount, "How many objects do you see?", countAnswer(n, "object"), countForms,
		[]string{"objects", "objects", "things", "items"}, "", countWords[n])}
	if s.Kind == KindCount {
		name := s.Objects[0].Name
		all = append(all, newQuestion(AskCount, "How many "+pluralOf(name)+" do you see?", countAnswer(n, name), countForms,
			[]string{pluralOf(name)}, "", countWords[n]))
	}
	return all
}

func (s *Scene) askQuadrant() []question {
	var all []question
	for _, p := range s.Panels {
		all = append(all, newQuestion(AskQuadrant, "What color is "+at(p.Position)+"?", "The "+p.Position+" is "+p.Colour+".",
			quadrantForms, askedPositions(p.Position), "", p.Colour))
	}
	return all
}

// askSimple makes the questions that a picture answers in one way only.
func (s *Scene) askSimple(kind QuestionKind) []question {
	var q question
	switch {
	case kind == AskPlain && s.plain():
		q = newQuestion(kind, "What color do you see?", s.description(), plainForms, nil, "", s.Background)
	case kind == AskBackground && s.Background != "" && !s.plain() && s.Kind != KindDense:
		q = newQuestion(kind, "What color is the background?", "The background is "+s.Background+".", backgroundForms, nil, "", s.Background)
	case kind == AskNumber && s.Text != "":
		q = newQuestion(kind, "What number do you see?", "The number is "+s.Text+".", numberForms, nil, "", s.Text)
	case kind == AskNumberColour && s.Text != "":
		q = newQuestion(kind, "What color is the number?", "The number is "+s.TextColour+".", numberColourForms, nil, "", s.TextColour)
	case kind == AskNoText && len(s.Objects) > 0:
		q = newQuestion(kind, "What number do you see?", "I do not see any text.", noTextForms, nil, "", "not", "text")
	case kind == AskOnePicture && s.Kind != KindReal && s.Before == nil:
		q = newQuestion(kind, "What changed?", OnePicture, changeForms, nil, "", "one", "image")
	default:
		return nil
	}
	return []question{q}
}

// askNoImage puts the questions about this picture without showing it.
func (s *Scene) askNoImage() []question {
	var all []question
	for _, kind := range QuestionKinds() {
		if kind == AskNoImage || kind == AskChat {
			continue
		}
		of := s.ask(kind)
		for i := range of[:min(len(of), 6)] {
			q := of[i*max(1, len(of)/6)]
			q.QA = newQuestion(AskNoImage, "", NoImage, nil, nil, "", "not", "image").QA
			q.NoPicture = true
			all = append(all, q)
		}
	}
	return all
}

func askChat() []question {
	var all []question
	for _, c := range chats {
		q := newQuestion(AskChat, strings.ToUpper(c.forms[0][:1])+c.forms[0][1:]+".", c.answer, c.forms, nil, "", c.keywords...)
		q.NoPicture = true
		all = append(all, q)
	}
	return all
}
