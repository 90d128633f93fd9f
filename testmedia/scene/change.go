package scene

import (
	"image"
	"slices"
	"time"
)

// ChangeKind says what happened between two pictures.
type ChangeKind string

// What can happen.
const (
	ChangeAppeared   ChangeKind = "appeared"
	ChangeGone       ChangeKind = "gone"
	ChangeMoved      ChangeKind = "moved"
	ChangeRecoloured ChangeKind = "recoloured"
	ChangeNothing    ChangeKind = "nothing"
)

// changeKinds are all of them, changeWeights how often each is drawn.
var (
	changeKinds   = [...]ChangeKind{ChangeAppeared, ChangeGone, ChangeMoved, ChangeRecoloured, ChangeNothing}
	changeWeights = [...]float64{20, 26, 20, 24, 10}
)

// Change is what happened between an earlier picture and this one.
type Change struct {
	What ChangeKind
	Was  *Object       // the thing that changed, in the earlier picture; nil where it appeared
	Is   *Object       // the same thing now; nil where it is gone
	Ago  time.Duration // how much older the earlier picture is, in whole seconds
}

// longestAgo is the most seconds between two pictures.
const longestAgo = 40

// OnePicture is what the model says when it is asked what changed and has one picture only.
const OnePicture = "I only see one picture."

// drawChange plans both pictures and paints them. What does not change is the same in both.
func (s *Scene) drawChange(r *random) error {
	s.Change = Change{
		What: changeKinds[r.weighted(changeWeights[:]...)],
		Ago:  time.Duration(1+r.intn(longestAgo)) * time.Second,
	}
	before, now, name := newChange(r, s.Change.What)
	s.Before = &Scene{Seed: s.Seed, Kind: s.Kind, Image: image.NewRGBA(s.Image.Rect)}
	if err := paint(s.Before, before); err != nil {
		return err
	}
	if err := paint(s, now); err != nil {
		return err
	}
	if s.Change.What != ChangeNothing {
		s.Change.Was, s.Change.Is = s.Before.called(name), s.called(name)
	}
	return nil
}

// called returns the only object of a name.
func (s *Scene) called(name string) *Object {
	i := slices.IndexFunc(s.Objects, func(o Object) bool { return o.Name == name })
	if i < 0 {
		return nil
	}
	return &s.Objects[i]
}

// newChange plans two pictures, and names the thing that changes.
func newChange(r *random, what ChangeKind) (before, now *plan, name string) {
	p := &plan{jitters: r.source.Uint64()}
	rest := r.weighted(40, 35, 25)
	p.ground = newGround(r, rest == 0)
	p.ground.shade = p.ground.shade.lit()
	subject := p.newThing(r, what != ChangeRecoloured && r.chance(0.45))
	things, used := []thing{subject}, map[string]bool{subject.name: true}
	for len(things) <= rest {
		if t := p.newThing(r, r.chance(0.45)); !used[t.name] {
			used[t.name] = true
			things = append(things, t)
		}
	}
	if what == ChangeMoved {
		things = append(things, subject)
	}
	p.placeAll(r, things)
	before, now = p.without(nil), p.without(nil)
	at := slices.IndexFunc(p.things, func(t thing) bool { return t.name == subject.name })
	switch what {
	case ChangeAppeared:
		before = p.without(&p.things[at])
	case ChangeGone:
		now = p.without(&p.things[at])
	case ChangeMoved:
		before, now = p.moved(r, at)
	case ChangeRecoloured:
		for now.things[at].shade.name == before.things[at].shade.name {
			now.things[at].shade = p.contrastingShade(r)
		}
	}
	return before, now, subject.name
}

// without is the plan less one of its things; nil takes nothing away.
func (p *plan) without(t *thing) *plan {
	q := *p
	q.things = nil
	for i := range p.things {
		if &p.things[i] != t {
			q.things = append(q.things, p.things[i])
		}
	}
	return &q
}

// moved gives each of two plans one of the two places of a thing, the first of which is given; it
// has the same size in both.
func (p *plan) moved(r *random, first int) (before, now *plan) {
	a := &p.things[first]
	b := &p.things[first+1+slices.IndexFunc(p.things[first+1:], func(t thing) bool { return t.name == a.name })]
	a.size = min(a.size, b.size)
	b.size = a.size
	if r.chance(0.5) {
		a, b = b, a
	}
	return p.without(b), p.without(a)
}

// tell is what changed as an answer says it, with the words that must be said.
func (c Change) tell() (answer string, keywords []string) {
	switch c.What {
	case ChangeAppeared:
		answer = sentence(phrase(*c.Is) + " appeared " + at(c.Is.Position) + ".")
		return answer, append(answerWords(answer), "appeared")
	case ChangeGone:
		answer = "The " + bare(*c.Was) + " " + isAre(c.Was.Name) + " gone."
		return answer, append(answerWords(answer), "gone")
	case ChangeMoved:
		answer = "The " + bare(*c.Is) + " moved from " + place(c.Was.Position) + " to " + place(c.Is.Position) + "."
		return answer, append(answerWords(answer), "moved")
	case ChangeRecoloured:
		answer = "The " + c.Is.Name + " changed from " + c.Was.Colour + " to " + c.Is.Colour + "."
		return answer, append(answerWords(answer), "changed")
	}
	return "Nothing changed.", []string{"nothing"}
}

// sentence begins with a capital letter.
func sentence(text string) string { return string(text[0]-'a'+'A') + text[1:] }

// bare is a thing with its colour, without an article.
func bare(o Object) string {
	if o.Colour == "" {
		return o.Name
	}
	return o.Colour + " " + o.Name
}

// place is a field as an answer says it behind "from" or "to".
func place(position string) string { return "the " + position }

// Following is the scene as the newer of two pictures, taken so long after the earlier one. Where
// that is the same picture nothing changed; of two others nobody says what did. Both share what
// they hold with the result.
func (s *Scene) Following(earlier *Scene, ago time.Duration) *Scene {
	newer := *s
	newer.Before, newer.Change = earlier, Change{Ago: ago}
	if earlier == s {
		newer.Change.What = ChangeNothing
	}
	newer.know()
	return &newer
}

func (s *Scene) askChange() []question {
	if s.Before == nil || s.Change.What == "" || s.Kind == KindReal {
		return nil
	}
	answer, keywords := s.Change.tell()
	return []question{newQuestion(AskChange, "What changed?", answer, changeForms, nil, "", keywords...)}
}

// askHeldUp asks for what came or went. What stayed was not held up.
func (s *Scene) askHeldUp() []question {
	thing := s.Change.Was
	if s.Change.What == ChangeAppeared {
		thing = s.Change.Is
	}
	if s.Change.What != ChangeAppeared && s.Change.What != ChangeGone {
		return nil
	}
	answer := "You held up " + phrase(*thing) + "."
	return []question{newQuestion(AskHeldUp, "What did I just hold up?", answer, heldUpForms, nil, "", answerWords(answer)...)}
}

// checkChange wants the words of the change and nothing else, and what was before what is.
func (s *Scene) checkChange(qa QA, answer string) bool {
	if !hasKeywords(qa, answer) || !saysNothingElse(qa, answer) {
		return false
	}
	ordered := func(string) bool { return false }
	switch s.Change.What {
	case ChangeMoved:
		ordered = isPosition
	case ChangeRecoloured:
		ordered = isColour
	}
	other := func(t string) bool { return !ordered(t) }
	return slices.Equal(slices.DeleteFunc(tokens(answer), other), slices.DeleteFunc(tokens(qa.Answer), other))
}
