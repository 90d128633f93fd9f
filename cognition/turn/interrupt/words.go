package interrupt

import (
	"slices"
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

// reading is what a transcript says to somebody who is answering.
type reading struct {
	kind    kind
	beside  int  // words that are no backchannels
	content int  // those of them that say something, each once
	behind  bool // a backchannel stands in front
}

// read reads a transcript. Backchannels and conjunctions in front do not make it one or keep it
// from being an interruption ("okay, stop", "yes, but what"). Words that are none of both weigh
// against those that are backchannels: where an ear mishears one of two words, the other tells
// ("You're right", "Lord, good").
func read(text string) (r reading) {
	all := words(text)
	rest := all
	for len(rest) > 0 && backchannel(rest[0]) {
		r.behind = r.behind || rest[0] != "i" // "I see" is one, "I have" is not
		rest = rest[1:]
	}
	agreeing := 0
	seen := map[string]bool{}
	for _, w := range all {
		switch {
		case backchannel(w):
			if w != "i" {
				agreeing++
			}
		case opens(w), seen[w]: // an ear that loops says nothing more
			r.beside++
		default:
			seen[w] = true
			r.beside++
			r.content++
		}
	}
	first := rest
	for len(first) > 0 && joins(first[0]) {
		first = first[1:]
	}
	switch {
	case len(first) > 0 && interrupts(first[0]), slices.ContainsFunc(rest, insists):
		r.kind = cue
	case r.content > agreeing:
		r.kind = other
	}
	return r
}

// Backchannel reports whether a text only says "go on": such words do not interrupt. An empty text
// is one.
func Backchannel(text string) bool {
	for _, w := range words(text) {
		if !backchannel(w) {
			return false
		}
	}
	return true
}

// Insists reports whether a text tells whoever speaks to stop, whoever else it may be for: "stop",
// "be quiet, please". A question is none.
func Insists(text string) bool {
	if strings.ContainsRune(text, '?') {
		return false
	}
	all := words(text)
	return len(all) <= insistWords && slices.ContainsFunc(all, halts)
}

// Waits reports whether a text does nothing but ask whoever listens to wait: "one moment, please".
func Waits(text string) bool {
	if strings.ContainsRune(text, '?') {
		return false
	}
	var rest []string
	for _, w := range words(text) {
		if !polite(w) && !joins(w) && !murmur(w) {
			rest = append(rest, w)
		}
	}
	switch said := strings.Join(rest, " "); strings.TrimSuffix(said, " for me") {
	case "wait", "hold on", "hang on", "one moment", "one second", "one minute", "a moment", "a second", "a minute", "just a moment", "just a second",
		"just a minute", "wait a moment", "wait a second", "wait a minute", "wait a bit", "hold on a moment", "hold on a second", "hold on a minute",
		"hang on a moment", "hang on a second", "hang on a minute", "give me a moment", "give me a second", "give me a minute", "just a sec", "one sec",
		"i'll be right back", "be right back", "i will be right back", "brb", "stand by":
		return true
	}
	return false
}

// polite reports whether a word only makes a request kinder.
func polite(word string) bool {
	switch word {
	case "please", "ok", "okay", "sorry", "thanks", "yes", "yeah", "no":
		return true
	}
	return false
}

// insistWords is how many words it has at most: a longer sentence with such a word is about
// something else.
const insistWords = 5

// halts reports whether the word has somebody stop.
func halts(word string) bool {
	switch word {
	case "stop", "wait", "quiet", "enough", "silence", "pause", "hush", "shush":
		return true
	}
	return false
}

// words returns the words of a text in lower case, without signs; "of course" is one.
func words(text string) []string {
	all := strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(text, "’", "'")), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
	})
	for i := 1; i < len(all); i++ {
		if all[i] == "course" && all[i-1] == "of" {
			all = slices.Delete(all, i-1, i)
		}
	}
	return all
}

// murmur reports whether a word is a sound that says nothing but "go on", or nothing.
func murmur(word string) bool {
	switch word {
	case "mm", "mmm", "mhm", "mmhmm", "hm", "hmm", "hmmm", "m", "h", "uh", "uhh", "huh", "uhhuh", "ha", "hah", "haha", "hahaha", "heh", "hehe", "hee", "um", "er", "ah", "aha", "oh", "ooh", "o":
		return true
	}
	return false
}

// backchannel reports whether a word says "go on", or is how an ear writes one that does: "bright"
// for "right", "c" for "see".
func backchannel(word string) bool {
	switch word {
	case "yeah", "yes", "yep", "yup", "ok", "okay", "right", "sure", "i", "see", "really", "wow", "course", "all", "alright",
		"good", "great", "nice", "cool", "true", "exactly", "indeed", "fine", "bright", "fight", "write", "okey", "k", "c":
		return true
	}
	return murmur(word)
}

// interrupts reports whether an interruption begins with the word: "what", and "what's".
func interrupts(word string) bool {
	word, _, _ = strings.Cut(word, "'")
	switch word {
	case "stop", "stopping", "wait", "no", "not", "hold", "hang", "enough", "quiet", "silence", "sorry", "excuse", "pause", "listen",
		"hey", "what", "who", "where", "when", "why", "how", "which", "can", "could", "would", "question", "wrong", "please", "actually",
		"another", "one", "thank", "thanks", "next", "skip", "repeat", "again", "never", "cancel":
		return true
	}
	return false
}

// insists reports whether the word makes an interruption of one also behind words that tell
// nothing: "that is wrong", "be quiet".
func insists(word string) bool {
	switch word {
	case "stop", "wait", "quiet", "enough", "wrong", "question", "pause", "ask", "listen", "sorry":
		return true
	}
	return false
}

// opens reports whether a word stands in front of others and tells nothing by itself, "it's" like
// "it"; the fast ear also writes such words for the first syllable of a backchannel.
func opens(word string) bool {
	pronoun, _, short := strings.Cut(word, "'")
	switch pronoun {
	case "you", "he", "she", "it", "we", "they", "this", "that", "there":
		return true
	case "i":
		return short
	}
	switch word {
	case "the", "a", "an", "in", "is", "are", "am", "was", "have", "has", "had", "let", "yet", "no", "god", "for", "of", "as",
		"on", "at", "with", "me", "my", "your", "to", "be", "him", "them":
		return true
	}
	return joins(word)
}

// joins reports whether a word only leads from one sentence to the next.
func joins(word string) bool {
	switch word {
	case "and", "but", "so", "well", "now", "then", "or":
		return true
	}
	return false
}
