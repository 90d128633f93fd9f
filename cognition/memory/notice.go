package memory

import (
	"slices"
	"strings"
)

// Words of what people say of themselves that stays so.
const (
	passing = "today now tonight yesterday tomorrow just currently right soon maybe perhaps think guess wonder would could might if " +
		"suppose hope wish never almost later minute moment"
	relations = "name surname nickname birthday hometown job wife husband partner brother sister mother father mum mom dad son daughter child " +
		"children dog cat horse boat car pronouns address diet favourite favorite"
	// feelings are what somebody is for an hour.
	feelings = "tired hungry thirsty cold hot happy sad sorry late sure fine good well bored angry afraid glad ready busy back here done " +
		"going coming leaving sitting standing looking trying okay ok not so a-bit bit little lot very really too"
)

// starts are how plain statements about oneself begin, and how many words must follow.
func starts() []string {
	return []string{
		"i live in", "i live at", "i grew up in", "i was born", "i come from", "i am from", "i moved to", "i work as", "i work at", "i work for",
		"i work in", "i am allergic to", "i play the", "i speak", "i study", "i studied", "call me", "my name is", "i am called", "i am vegetarian",
		"i am vegan", "i am married",
	}
}

// Statements are what a person says of themselves in plain words, and what stays so: names, where
// they live and work, what they like. Questions, conditions, guesses and what will be over soon are
// none. It is for personas that remember of their own accord.
func Statements(text string, called []string) []string {
	var out []string
	for _, s := range sentences(clean(bounded(text))) {
		body, framed := unframe(s.text, called)
		if !s.asked && !framed && lasting(body) {
			out = append(out, body)
		}
	}
	return out
}

// lasting tells whether a sentence is such a statement.
func lasting(body string) bool {
	list := words(body)
	const most = 14 // what is longer is a story
	if len(list) < leastWords || len(list) > most || slices.ContainsFunc(list, func(w string) bool { return in(passing, w) }) {
		return false
	}
	joined := strings.Join(list, " ")
	for _, s := range starts() {
		if strings.HasPrefix(joined, s+" ") || joined == s {
			return true
		}
	}
	verb := stem(list[1])
	switch {
	case list[0] == "my":
		return slices.ContainsFunc(list[1:min(len(list), 5)], func(w string) bool { return in(relations, strings.TrimSuffix(w, "'s")) }) &&
			slices.ContainsFunc(list, func(w string) bool { return in(copulas, w) || in(personal, w) })
	case list[0] != "i":
		return false
	case in("like love hate prefer dislike adore", verb):
		return !in("you your that this it the how what when him her them", list[2]) || list[2] == "the" && len(list) > 4
	}
	return verb == "am" && in("a an", list[2]) && len(list) > 3 && !in(feelings, list[3])
}
