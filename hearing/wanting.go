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

// wanting reports whether hardly anybody stops after a word that follows another one. It knows
// fewer words than leading, for it makes people wait: "come in", "yes, please", "here it is" and "I
// don't know why" are said and done.
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
	case "me":
		return slices.Contains([]string{"tell", "remind", "show"}, before)
	}
	return false
}

// thinks reports whether the last words say that somebody thinks about what to say next.
func thinks(words []string) bool {
	end := " " + strings.ToLower(strings.ReplaceAll(strings.Join(words, " "), "’", "'"))
	return slices.ContainsFunc([]string{" let me think", " let me see", " let's see", " how shall i put it"}, func(said string) bool {
		return strings.HasSuffix(end, said)
	})
}
