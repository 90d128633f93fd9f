package tts

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// abbreviations maps written short forms, lower case without their last dot, to what is said. A splitter never ends a clause at
// their dot.
//
//nolint:gochecknoglobals // read-only table
var abbreviations = map[string]string{
	"dr": "Doctor", "mr": "Mister", "mrs": "Missus", "ms": "Miz", "prof": "Professor", "st": "Saint", "mt": "Mount",
	"jr": "Junior", "sr": "Senior", "gen": "General", "col": "Colonel", "capt": "Captain", "sgt": "Sergeant", "lt": "Lieutenant",
	"rev": "Reverend", "hon": "Honorable", "gov": "Governor", "sen": "Senator", "rep": "Representative",
	"vs": "versus", "etc": "et cetera", "e.g": "for example", "i.e": "that is", "approx": "approximately", "ca": "circa",
	"dept": "department", "est": "established", "fig": "figure", "vol": "volume", "ch": "chapter", "pp": "pages",
	"inc": "Incorporated", "ltd": "Limited", "corp": "Corporation", "co": "Company",
	"a.m": "AM", "p.m": "PM", "u.s": "U S", "u.k": "U K", "u.n": "U N", "u.s.a": "U S A", "ph.d": "P H D",
	"jan": "January", "feb": "February", "aug": "August", "sept": "September", "oct": "October", "nov": "November", "dec": "December",
}

// sentenceEnders may end a sentence although they are abbreviations: their dot is kept when a capital or nothing follows.
//
//nolint:gochecknoglobals // read-only table
var sentenceEnders = map[string]bool{
	"etc": true, "a.m": true, "p.m": true, "u.s": true, "u.k": true, "u.n": true, "u.s.a": true, "jr": true, "sr": true, "inc": true, "ltd": true,
	"corp": true, "co": true, "ph.d": true,
}

// ordinaryWords are abbreviations that are also words or clippings at the end of ordinary sentences when written in lower case.
//
//nolint:gochecknoglobals // read-only table
var ordinaryWords = map[string]bool{
	"gen": true, "rep": true, "rev": true, "fig": true, "est": true, "ms": true, "dec": true, "ch": true, "co": true, "no": true, "hon": true,
}

// shortForm answers whether the dot behind a word belongs to the word and does not end a sentence. The word comes without that dot; next is
// the first character after the white space, or 0 at the end of the text. Initials ("J") count; words that may also end a sentence
// count only where the text goes on in lower case.
func shortForm(word string, next rune) bool {
	word = strings.TrimLeft(word, openers)
	if len(word) == 1 && word[0] >= 'A' && word[0] <= 'Z' && word != "I" {
		return true
	}
	key := strings.ToLower(word)
	if key == "no" || key == "p" {
		return unicode.IsDigit(next)
	}
	if dottedInitials(word) {
		return unicode.IsLower(next) || unicode.IsDigit(next)
	}
	if _, ok := abbreviations[key]; !ok {
		return false
	}
	if sentenceEnders[key] || (ordinaryWords[key] && word == key) {
		return unicode.IsLower(next) || (unicode.IsDigit(next) && !sentenceEnders[key])
	}
	return true
}

// openers may stand before the first letter of a word.
const openers = "\"'([{*_`“‘«"

// sayShortForms replaces abbreviations by what is said. Text is split at spaces; single spaces join the result.
func sayShortForms(text string) string {
	words := strings.Fields(text)
	for i, w := range words {
		next := rune(0)
		if i+1 < len(words) {
			next, _ = utf8.DecodeRuneInString(strings.TrimLeft(words[i+1], openers))
		}
		words[i] = sayShortForm(w, next)
	}
	return strings.Join(words, " ")
}

// sayShortForm replaces one word if it is an abbreviation with its dot, and keeps the dot where it ends the sentence.
func sayShortForm(w string, next rune) string {
	open := w[:len(w)-len(strings.TrimLeft(w, openers))]
	core := strings.TrimRight(w[len(open):], closers+",;:!?")
	tail := w[len(open)+len(core):]
	if !strings.HasSuffix(core, ".") {
		return w
	}
	word := strings.TrimSuffix(core, ".")
	key := strings.ToLower(word)
	ends := tail == "" && !shortForm(word, next)
	if key == "no" && unicode.IsDigit(next) {
		return open + "number" + tail
	}
	said, ok := abbreviations[key]
	if key == "st" && !unicode.IsUpper(next) {
		said = "Street"
		ends = tail == "" && next == 0
	}
	switch {
	case ok && ordinaryWords[key] && word == key && ends:
		return w
	case ok && ends:
		return open + said + "."
	case ok:
		return open + said + tail
	case len(word) == 1 && unicode.IsUpper(rune(word[0])) && !ends:
		return open + word + tail
	case dottedInitials(word) && !ends:
		return open + strings.ReplaceAll(word, ".", " ") + tail
	case dottedInitials(word):
		return open + strings.ReplaceAll(word, ".", " ") + "."
	}
	return w
}

// dottedInitials answers whether a word is capitals with single dots between them, as in "N.A.S.A".
func dottedInitials(word string) bool {
	if len(word) < 3 || len(word)%2 == 0 {
		return false
	}
	for i := range len(word) {
		if i%2 == 0 && (word[i] < 'A' || word[i] > 'Z') || i%2 == 1 && word[i] != '.' {
			return false
		}
	}
	return true
}
