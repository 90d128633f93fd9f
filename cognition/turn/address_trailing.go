package turn

import (
	"slices"
	"strings"
)

// Names that end a sentence without a sign in front of them, as ears write them and as people type.

// trailing tells whether such a name is called, by the words before it.
func trailing(before []word, asks bool) bool {
	last := before[len(before)-1]
	switch {
	case extracted(before), goesOn(before):
		return true
	case identifies(before), takes(last.text), last.owns: // "who's Max"
		return false
	case slices.ContainsFunc(before, func(w word) bool { return names(w.text) }):
		return false
	case closes(last.text), last.text == "you" && len(before) > 2, pointed(before), fragment(before):
		return true
	case len(before) == 3 && offers(before[0].text) && !alone(last.text), len(before) == 1 && commands(last.text) && !alone(last.text):
		return false
	}
	return asks || demands(before[0].text)
}

// identifies tells whether words ask for the name behind them: "was it iris?".
func identifies(before []word) bool {
	if len(before) != 2 || before[0].text != "is" && before[0].text != "was" {
		return false
	}
	switch before[1].text {
	case "it", "that", "this", "he", "she":
		return true
	}
	return false
}

// extracted tells whether the object of the last verb stands before it, so that the name behind it
// is none: "that's not what I meant iris".
func extracted(before []word) bool {
	n := len(before)
	if n < 3 {
		return false
	}
	switch before[n-2].text {
	case "i", "you", "we", "they", "he", "she", "it":
	default:
		return false
	}
	return before[n-3].text == "what" && !before[n-1].owns && !takesAfter(before[n-1].text)
}

// takesAfter tells whether a word behind "what I" still wants an object.
func takesAfter(word string) bool {
	switch word {
	case "tell", "told", "ask", "asked", "call", "called", "give", "gave", "show", "showed":
		return true
	}
	return false
}

// goesOn tells whether words are a verb and the word that completes it: "hold on max".
func goesOn(before []word) bool {
	n := len(before)
	if n < 2 || n > 3 || n == 3 && !opens(before[0].text) {
		return false
	}
	switch verb := before[n-2].text; before[n-1].text {
	case "on":
		return slices.Contains([]string{"hold", "come", "go", "hang", "carry", "move", "keep"}, verb)
	case "up":
		return slices.Contains([]string{"shut", "hurry", "speak", "stand", "look", "cheer"}, verb)
	case "down":
		return slices.Contains([]string{"calm", "slow", "sit", "settle", "look"}, verb)
	}
	return false
}

// pointed tells whether words end with a verb and what it points to: "I did not get that max".
func pointed(before []word) bool {
	n := len(before)
	if n < 3 || before[n-1].text != "that" && before[n-1].text != "this" {
		return false
	}
	switch before[n-2].text {
	case "get", "got", "hear", "catch", "say", "see", "know", "do", "did", "want", "like", "need", "understand", "believe", "understood":
		return true
	}
	return false
}

// fragment tells whether words begin what is no sentence, as people ask for one thing more: "one
// more time iris", "next word otto".
func fragment(before []word) bool {
	if len(before) < 2 {
		return false
	}
	switch before[0].text {
	case "next", "once", "another", "one", "same":
		return !slices.ContainsFunc(before, func(w word) bool { return auxiliary(w.text) || plural(w.text) || w.text == "is" })
	}
	return false
}

// minds tells whether a name behind a word is an object, and another one behind that a call.
func minds(word string) bool { return word == "mind" || takes(word) }

// manner tells whether a word says how something is to be done.
func manner(word string) bool {
	return len(word) > 5 && strings.HasSuffix(word, "ly") && !reports(word) && word != "family"
}
