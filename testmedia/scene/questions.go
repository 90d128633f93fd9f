package scene

import (
	"slices"
	"strings"
)

// QuestionKind says what a question asks for.
type QuestionKind string

// The kinds of questions.
const (
	AskDescribe     QuestionKind = "describe"      // everything in the picture
	AskAt           QuestionKind = "at"            // what is in a field
	AskNothingAt    QuestionKind = "nothing-at"    // what is in a field that is empty
	AskColour       QuestionKind = "colour"        // of a thing that is there
	AskColourAbsent QuestionKind = "colour-absent" // of a thing that is not
	AskWhere        QuestionKind = "where"         // a thing is that is there
	AskWhereAbsent  QuestionKind = "where-absent"  // a thing is that is not
	AskIsThere      QuestionKind = "is-there"      // yes or no
	AskCount        QuestionKind = "count"         // how many things
	AskQuadrant     QuestionKind = "quadrant"      // the colour of one of four fields
	AskPlain        QuestionKind = "plain"         // the colour of a picture of one colour
	AskBackground   QuestionKind = "background"    // its colour
	AskNumber       QuestionKind = "number"        // which number is written
	AskNumberColour QuestionKind = "number-colour" // and in which colour
	AskNoText       QuestionKind = "no-text"       // what is written where nothing is
	AskNoImage      QuestionKind = "no-image"      // anything of the above, without a picture
	AskChat         QuestionKind = "chat"          // nothing about a picture
	AskReal         QuestionKind = "real"          // anything of the above, about a picture that was not drawn
	AskOnePicture   QuestionKind = "one-picture"   // what changed, where there is one picture only
	AskChange       QuestionKind = "change"        // what changed between two pictures
	AskHeldUp       QuestionKind = "held-up"       // what was held up between them
)

// QuestionKinds returns every kind of question. The slice is the caller's.
func QuestionKinds() []QuestionKind {
	return []QuestionKind{
		AskDescribe, AskAt, AskNothingAt, AskColour, AskColourAbsent, AskWhere, AskWhereAbsent, AskIsThere, AskCount,
		AskQuadrant, AskPlain, AskBackground, AskNumber, AskNumberColour, AskNoText, AskNoImage, AskChat,
		AskReal, AskOnePicture, AskChange, AskHeldUp,
	}
}

// QA is a question with its right answer. With NoPicture it is asked without showing the picture.
type QA struct {
	Kind      QuestionKind
	Question  string
	Answer    string
	Keywords  [][]string // each must be said, in one of its spellings
	NoPicture bool
}

// canonicalQuestions asks everything about a scene once, in words that are clear when spoken.
func canonicalQuestions(s *Scene) []QA {
	var all []QA
	for _, kind := range QuestionKinds() {
		for _, q := range s.ask(kind) {
			q.Question = q.canonical
			all = append(all, q.QA)
		}
	}
	return all
}

// Questions returns up to n different questions about the scene in the many ways people and speech
// recognisers put them. Kinds come in proportion to their weight; those that the scene cannot
// answer are left out. Pure.
func (s *Scene) Questions(seed uint64, n int, weights map[QuestionKind]float64) []QA {
	r := newRandom(seed, 4)
	var kinds []QuestionKind
	var shares []float64
	asked := map[QuestionKind][]question{}
	for _, kind := range QuestionKinds() {
		if weights[kind] <= 0 {
			continue
		}
		if asked[kind] = s.ask(kind); len(asked[kind]) > 0 {
			kinds, shares = append(kinds, kind), append(shares, weights[kind])
		}
	}
	var out []QA
	for try := 0; try < 4*n && len(out) < n && len(kinds) > 0; try++ {
		q := pickQuestion(r, asked[kinds[r.weighted(shares...)]])
		if slices.ContainsFunc(out, func(o QA) bool { return o.Kind == q.Kind && o.Answer == q.Answer && q.Kind != AskNoImage }) {
			continue
		}
		q.Question = restyle(r, q.spoken(r))
		out = append(out, q.QA)
	}
	return out
}

// pickQuestion balances questions answered yes and no. Most of the latter are near misses where
// there are any: the right thing in another colour, half of them in that of another thing.
func pickQuestion(r *random, from []question) question {
	if from[0].Kind != AskIsThere {
		return pick(r, from)
	}
	start, near := "Yes", 0 // always among them: a question is made for every object
	if r.chance(0.5) {
		start, near = "No", r.weighted(4, 3, 3)
	}
	for ; ; near-- {
		fit := slices.DeleteFunc(slices.Clone(from), func(q question) bool {
			return !strings.HasPrefix(q.Answer, start) || q.near < near
		})
		if len(fit) > 0 {
			return pick(r, fit)
		}
	}
}

// question is a QA with all the ways to put it.
type question struct {
	QA
	canonical string
	forms     []string // with words in angle brackets left open
	x         []string // ways to name what is asked for
	is        string
	near      int // how near what is not there comes to being there
}

// spoken fills one of the forms.
func (q question) spoken(r *random) string {
	form := pick(r, q.forms)
	if len(q.x) > 0 {
		form = strings.NewReplacer("<x>", pick(r, q.x), "<is>", q.is).Replace(form)
	}
	return strings.NewReplacer(
		"<color>", pick(r, []string{"color", "color", "color", "colour"}),
		"<see>", pick(r, []string{"do you see", "do you see", "can you see"}),
		"<pic>", pick(r, pictureWords),
		"<in>", pick(r, []string{"", "", " in the " + pick(r, pictureWords), " in this " + pick(r, pictureWords)}),
		"<what's>", pick(r, []string{"what is", "what is", "what's"}),
		"<at>", pick(r, []string{"at", "at", "in", "on"}),
	).Replace(form)
}

// restyle writes a lower-case question the way a recogniser might.
func restyle(r *random, q string) string {
	switch r.weighted(70, 8, 6, 5, 4, 4, 3) {
	case 1:
		q = pick(r, fillers) + " " + q
	case 2:
		q = pick(r, fillers) + ", " + q
	case 3:
		q += " please"
	case 4:
		q = pick(r, callNames) + ", " + q
	case 5:
		q = "can you tell me " + q
	case 6:
		q = "hey " + pick(r, callNames) + ", " + q
	}
	if r.chance(0.6) {
		q = strings.ToUpper(q[:1]) + q[1:]
	}
	return q + pick(r, []string{"?", "?", "?", ".", "", ""})
}
