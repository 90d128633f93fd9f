package turn

import (
	"slices"
	"strings"
)

// Words by which everybody is called; they are English, as those of words.go.

// asksAll tells whether words around one that may mean everybody ask all who are here: "what does
// everyone think", "is everybody ready?".
func asksAll(before, behind []word, asks bool) bool {
	if len(before) == 1 && len(behind) > 0 {
		perceives := behind[0].text == "hear" || behind[0].text == "see"
		return before[0].text == "can" && perceives || asks && (auxiliary(before[0].text) || plural(before[0].text))
	}
	if len(before) != 2 {
		return false
	}
	switch before[0].text {
	case "what", "how", "which", "where", "who":
		return auxiliary(before[1].text) || plural(before[1].text)
	}
	return false
}

// hails tells whether a word that may mean everybody is a call by a salute in front of it, or by
// what they are told to do behind it: whoever did so by themselves would be said to "pick", with an
// s.
func hails(before []word, all string, behind []word) bool {
	if len(before) > 0 {
		bye := len(before) == 1 && len(behind) == 0 && before[0].text == "by" && strings.HasPrefix(all, "every") // as ears write it
		return bye || salutes(before[len(before)-1].text) && !slices.ContainsFunc(before, func(w word) bool { return !opens(w.text) })
	}
	return len(behind) > 0 && commands(behind[0].text) && strings.HasPrefix(all, "every")
}

// salutes tells whether everybody who is named behind a word is spoken to.
func salutes(word string) bool {
	switch word {
	case "welcome", "thanks", "morning", "afternoon", "evening", "night", "bye", "goodbye", "sorry":
		return true
	}
	return greets(word)
}

// group tells how many words, from some position on, call everybody; 0 where none do. Strict ones
// do so only where a call stands: "everyone knows" calls nobody.
func group(words []word) (n int, strict bool) {
	for _, p := range [...][]string{
		{"all", "of", "you"},
		{"both", "of", "you"},
		{"each", "of", "you"},
		{"two", "of", "you"},
		{"three", "of", "you"},
		{"you", "both"},
		{"you", "two"},
		{"you", "three"},
		{"you", "guys"},
		{"you", "folks"},
		{"all", "you"},
	} {
		if begins(words, p) {
			return len(p), false
		}
	}
	if begins(words, []string{"you", "all"}) && !begins(words[2:], []string{"right"}) { // "are you all right"
		return 2, false
	}
	if len(words) == 0 {
		return 0, false
	}
	switch words[0].text {
	case "y'all":
		return 1, false
	case "everyone", "everybody", "both", "all", "folks", "guys", "personas":
		return 1, true
	}
	return 0, false
}

// begins tells whether words begin with others, in one sentence.
func begins(words []word, with []string) bool {
	if len(words) < len(with) {
		return false
	}
	for i, w := range with {
		if words[i].text != w || words[i].sentence != words[0].sentence {
			return false
		}
	}
	return true
}

// groupHandle tells whether an @word means everybody.
func groupHandle(word string) bool {
	switch word {
	case "room", "all", "everyone", "everybody", "here":
		return true
	}
	return false
}
