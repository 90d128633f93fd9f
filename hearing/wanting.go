package hearing

import (
	"slices"
	"strings"
)

// asks reports whether a question that begins with this word may end with a preposition.
func asks(word string) bool {
	word, _, _ = strings.Cut(strings.ReplaceAll(word, "’", "'"), "'")
	switch word {
	case "what", "who", "where", "which", "how", "why", "when", "whose":
		return true
	}
	return false
}

// wanting reports whether hardly anybody stops after a word that follows another one. It knows fewer
// words than leading, for it makes people wait: "come in", "yes, please", "here it is" and "I don't
// know why" are said and done.
func wanting(before, word string) bool {
	switch word {
	case "of", "at", "by", "about", "into", "with", "from", "for", "which", "i", "we", "they", "he", "she", "wonder":
		return true
	case "is", "are", "was", "were", "am":
		return !slices.Contains([]string{
			"it", "he", "she", "they", "we", "you", "i", "that", "this", "there", "here", "what", "who", "where", "how", "as",
		}, before)
	case "what", "who", "where", "when", "how", "why":
		return !slices.Contains([]string{
			"know", "knows", "knew", "that's", "that’s", "is", "idea", "sure", "remember", "and", "or", "but", "say", "guess", "tell",
		}, before)
	case "know":
		return before == "to"
	}
	return false
}
