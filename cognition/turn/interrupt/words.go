package interrupt

import (
	"strings"
	"unicode"
)

// kind is what words mean to somebody who is being listened to.
type kind uint8

const (
	agreement kind = iota // go on; or nothing that can be told yet
	cue                   // an interruption begins so
	other                 // anything else
)

// kindOf reads a transcript of the fast ear. Backchannels in front do not count ("okay, stop"); late says that there are some.
func kindOf(text string) (k kind, late bool) {
	rest := words(text)
	for len(rest) > 0 && backchannel(rest[0]) {
		late = late || rest[0] != "i" // "I see" is one, "I have" is not
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return agreement, late
	}
	if interrupts(rest[0]) {
		return cue, late
	}
	for _, w := range rest {
		switch {
		case insists(w):
			return cue, late
		case !backchannel(w) && !opens(w):
			return other, late
		}
	}
	return agreement, late
}

// content returns how many words of a text are no backchannels.
func content(text string) int {
	n := 0
	for _, w := range words(text) {
		if !backchannel(w) {
			n++
		}
	}
	return n
}

// Backchannel reports whether a text only says "go on": such words do not interrupt. An empty text is one.
func Backchannel(text string) bool {
	for _, w := range words(text) {
		if !backchannel(w) {
			return false
		}
	}
	return true
}

// words returns the words of a text in lower case, without signs.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(text, "’", "'")), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
	})
}

// murmur reports whether a word is a sound that says nothing but "go on", or nothing.
func murmur(word string) bool {
	switch word {
	case "mm", "mmm", "mhm", "mmhmm", "hm", "hmm", "hmmm", "m", "h", "uh", "uhh", "huh", "uhhuh", "um", "er", "ah", "aha", "oh", "ooh", "o":
		return true
	}
	return false
}

// backchannel reports whether a word says "go on", or is how an ear writes one that does: "bright" for "right", "c" for "see".
func backchannel(word string) bool {
	switch word {
	case "yeah", "yes", "yep", "yup", "ok", "okay", "right", "sure", "i", "see", "really", "wow", "of", "course", "all", "alright",
		"good", "great", "nice", "cool", "true", "exactly", "indeed", "fine", "bright", "fight", "write", "okey", "k", "c":
		return true
	}
	return murmur(word)
}

// interrupts reports whether an interruption begins with the word.
func interrupts(word string) bool {
	switch word {
	case "stop", "stopping", "wait", "no", "not", "hold", "hang", "enough", "quiet", "silence", "sorry", "excuse", "pause", "listen",
		"hey", "what", "who", "where", "when", "why", "how", "which", "can", "could", "would", "question", "wrong", "please", "actually",
		"another", "one", "thank", "thanks", "next", "skip", "repeat", "again", "never", "cancel":
		return true
	}
	return false
}

// insists reports whether the word makes an interruption of one also behind words that tell nothing: "that is wrong", "be quiet".
func insists(word string) bool {
	switch word {
	case "stop", "wait", "quiet", "enough", "wrong", "question", "pause", "ask", "listen", "sorry":
		return true
	}
	return false
}

// opens reports whether a word stands in front of others and tells nothing by itself; the fast ear also writes such words for the first
// syllable of a backchannel.
func opens(word string) bool {
	switch word {
	case "you", "the", "and", "but", "so", "well", "now", "a", "an", "in", "it", "it's", "is", "that", "that's", "we", "i'll", "i'm", "i've",
		"he", "him", "them", "have", "has", "had", "let", "yet", "no", "god", "then", "or", "for", "me", "my", "to", "be":
		return true
	}
	return false
}
