package scene

import "strings"

func (s *Scene) askIsThere() []question {
	if len(s.Objects) == 0 {
		return nil
	}
	var all []question
	add := func(is, what, answer, word string, near int) {
		canonical := strings.ToUpper(is[:1]) + is[1:] + " there " + what + " in the picture?"
		q := newQuestion(AskIsThere, canonical, answer, isThereForms, []string{what}, is, word)
		q.near = near
		all = append(all, q)
	}
	yes := func(name, what string) { add(isAre(name), what, "Yes, there "+isAre(name)+" "+what+".", "yes", 0) }
	no := func(name, what, bare string, near int) {
		add(isAre(name), what, "No, there is no "+bare+".", "no", near)
	}
	for _, o := range s.Objects {
		yes(o.Name, withArticle(o.Name))
		if o.Colour == "" {
			continue
		}
		yes(o.Name, phrase(o))
		for _, c := range colourNames {
			if c != o.Colour {
				no(o.Name, withArticle(c+" "+o.Name), c+" "+o.Name, s.nearness(c))
			}
		}
	}
	for _, name := range s.absent() {
		no(name, withArticle(name), name, 0)
		if indexOf(shapeNames[:], name) >= 0 && s.Objects[0].Colour != "" {
			no(name, withArticle(s.Objects[0].Colour+" "+name), s.Objects[0].Colour+" "+name, 0)
		}
	}
	return all
}

// nearness is how near a thing that is there comes to one of this colour: 2 where another thing has
// it, which has to be told from the one that is asked for.
func (s *Scene) nearness(colour string) int {
	for _, o := range s.Objects {
		if o.Colour == colour {
			return 2
		}
	}
	return 1
}
