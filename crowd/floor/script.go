package floor

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is what a turn is about.
type Kind string

// The kinds.
const (
	Open        Kind = "open"        // nobody is named: one answers, in mode all with responders 1
	Everybody   Kind = "everybody"   // all are called: some answer, one after another
	Named       Kind = "named"       // two are called by name
	Interrupted Kind = "interrupted" // all are called, and a person speaks over the first answer
	Aside       Kind = "aside"       // nobody is named, and a person says "yeah" over the answer
)

// cycle is the order of kinds, over and over: of 20 turns 9 are open, 3 named, 2 for everybody, 4
// interrupted, and 2 have an aside.
func cycle() []Kind {
	return []Kind{
		Open, Interrupted, Open, Named, Open, Aside, Interrupted, Open, Everybody, Open,
		Named, Open, Interrupted, Open, Aside, Open, Named, Interrupted, Open, Everybody,
	}
}

// People, who take turns at asking. The first one listens.
const (
	first  = "ada"
	second = "bob"
)

// names are those of personas: all sound different.
func names() []string {
	return []string{"iris", "max", "otto", "bella", "hugo", "nova", "felix", "clara", "theo", "juno"}
}

// MaxPersonas is how many personas can be seated.
const MaxPersonas = 10

const groupSize = 4 // that answer where everybody is called

// What people say.
const (
	openText      = "What is this?"
	groupText     = "Everybody, what is this?"
	longText      = "Everybody, a long story."
	longOpenText  = "Tell me a long story."
	interruptText = "Stop, what is this?"
	asideText     = "Yeah."
	long          = "long" // is asked for an answer of many clauses
)

// Step is what happens in a turn.
type Step struct {
	Number int
	Kind   Kind
	From   string
	Text   string
	Typed  bool     // and not spoken
	Names  []string // who is called, in order; nil where nobody is by name
	Over   string   // is said over the answer; empty for nothing
}

// Answers is how many personas are to be heard whole.
func (s *Step) Answers(personas int) int {
	switch s.Kind {
	case Everybody:
		return min(groupSize, personas)
	case Named:
		return len(s.Names)
	case Open, Aside, Interrupted: // who is interrupted is not heard whole, and the interruption is answered
	}
	return 1
}

// Script is what happens in so many turns with so many personas: the same every time.
func Script(turns, personas int) []Step {
	all, out, called := names()[:personas], make([]Step, turns), 0
	kinds := cycle()
	for i := range out {
		s := Step{Number: i + 1, Kind: kinds[i%len(kinds)], From: first}
		if i%2 == 1 {
			s.From = second
		}
		switch s.Kind {
		case Open:
			s.Text = openText
		case Everybody:
			s.Text, s.Typed = groupText, i/len(kinds)%2 == 1
		case Named:
			s.Names = []string{all[called%personas], all[(called+1+personas/2)%personas]}
			if s.Names[0] == s.Names[1] {
				s.Names[1] = all[(called+1)%personas]
			}
			s.Text, s.Typed = fmt.Sprintf("%s and %s, what is this?", title(s.Names[0]), title(s.Names[1])), called%2 == 1
			called++
		case Interrupted:
			s.Text, s.Over = longText, interruptText
		case Aside:
			s.Text, s.Over = longOpenText, asideText
		}
		out[i] = s
	}
	return out
}

// title is a name as people write it.
func title(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// asked is the question in what a model is told: the last line of a person's.
func asked(told string) string {
	lines := strings.Split(told, "\n")
	slices.Reverse(lines)
	for _, l := range lines {
		if strings.HasPrefix(l, first+": ") || strings.HasPrefix(l, second+": ") {
			return l
		}
	}
	return told
}
