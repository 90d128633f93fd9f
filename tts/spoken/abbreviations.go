package spoken

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// abbreviations maps written short forms, lower case without their last dot, to what is said. A
// splitter never ends a clause at their dot.
//
// Read-only table.
var abbreviations = map[string]string{
	"dr": "Doctor", "mr": "Mister", "mrs": "Missus", "ms": "Miz", "prof": "Professor", "st": "Saint", "mt": "Mount",
	"jr": "Junior", "sr": "Senior", "gen": "General", "col": "Colonel", "capt": "Captain", "sgt": "Sergeant", "lt": "Lieutenant",
	"rev": "Reverend", "hon": "Honorable", "gov": "Governor", "sen": "Senator", "rep": "Representative",
	"vs": "versus", "etc": "et cetera", "e.g": "for example", "i.e": "that is", "approx": "approximately", "ca": "circa",
	"dept": "department", "est": "established", "fig": "figure", "vol": "volume", "ch": "chapter", "pp": "pages",
	"max": "maximum", "min": "minimum", "avg": "average", "temp": "temperature", "tel": "telephone", "ext": "extension", "misc": "miscellaneous",
	"ave": "Avenue", "blvd": "Boulevard", "rd": "Road", "apt": "Apartment", "ste": "Suite", "ft": "Fort", "messrs": "Messieurs", "mme": "Madame",
	"cf": "compare", "viz": "namely", "et al": "and others", "a.k.a": "also known as", "r.s.v.p": "R S V P", "b.c": "B C", "a.d": "A D", "d.c": "D C",
	"sec": "section", "eds": "editors", "eq": "equation", "p": "page",
	"inc": "Incorporated", "ltd": "Limited", "corp": "Corporation", "co": "Company",
	"a.m": "A M", "p.m": "P M", "u.s": "U S", "u.k": "U K", "u.n": "U N", "u.s.a": "U S A", "ph.d": "P H D",
	"jan": "January", "feb": "February", "mar": "March", "apr": "April", "jun": "June", "jul": "July", "sep": "September", "aug": "August", "sept": "September", "oct": "October", "nov": "November", "dec": "December",
	"mon": "Monday", "tue": "Tuesday", "tues": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "thurs": "Thursday", "fri": "Friday",
}

// sentenceEnders may end a sentence although they are abbreviations: their dot is kept when a
// capital or nothing follows.
//
// Read-only table.
var sentenceEnders = map[string]bool{
	"etc": true, "a.m": true, "p.m": true, "u.s": true, "u.k": true, "u.n": true, "u.s.a": true, "jr": true, "sr": true, "inc": true, "ltd": true,
	"corp": true, "co": true, "ph.d": true, "b.c": true, "a.d": true, "d.c": true, "ave": true, "blvd": true, "rd": true, "misc": true, "a.k.a": true,
}

// numbered are abbreviations only where a number follows.
//
// Read-only table.
var numbered = map[string]bool{
	"no": true, "p": true, "fig": true, "ch": true, "vol": true, "sec": true, "eq": true, "ext": true, "min": true,
	"max": true, "temp": true, "mar": true, "apr": true, "jun": true, "jul": true, "sep": true,
}

// ordinaryWords are abbreviations that are also words or clippings at the end of ordinary sentences
// when written in lower case.
//
// Read-only table.
var ordinaryWords = map[string]bool{
	"gen": true, "rep": true, "rev": true, "fig": true, "est": true, "ms": true, "dec": true, "ch": true, "co": true, "no": true, "hon": true,
	"mon": true, "wed": true, "fri": true, "thu": true, "tue": true, "col": true, "sen": true, "ft": true, "ste": true, "jan": true, "oct": true,
}

// ShortForm answers whether the dot behind a word belongs to the word and does not end a sentence.
// The word comes without that dot; next is the first character after the white space, or 0 at the
// end of the text. Initials ("J") count; words that may also end a sentence count only where the
// text goes on in lower case.
func ShortForm(word string, next rune) bool {
	word = strings.TrimLeft(word, openers)
	key := strings.ToLower(word)
	if numbered[key] && (key != word || len(key) < 4) {
		return isDigit(next)
	}
	if len(word) == 1 && word[0] >= 'A' && word[0] <= 'Z' && word != "I" {
		return true
	}
	if dottedInitials(word) {
		return unicode.IsLower(next) || unicode.IsDigit(next) || word == "P.O" && next == 'B' // a box
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

// closers may stand behind the last letter of a word.
const closers = "\"')]}*_`”’»"

// sayShortForms replaces abbreviations by what is said. Text is split at spaces; single spaces join
// the result.
func sayShortForms(text string) string {
	words := strings.Fields(text)
	prev := ""
	for i, w := range words {
		next := rune(0)
		if i+1 < len(words) {
			next, _ = utf8.DecodeRuneInString(strings.TrimLeft(words[i+1], openers))
		}
		counts := prev != "" && isDigit(rune(prev[len(prev)-1])) && numbered[strings.ToLower(strings.TrimRight(w, ".,;:!?)"))]
		// "P M." was two letters before: its dot ends the sentence.
		spelled := len(prev) == 1 && len(w) == 2 && unicode.IsUpper(rune(prev[0])) && unicode.IsUpper(rune(w[0]))
		switch {
		case spelled, counts: // "5 min."
		case i > 1 && strings.TrimRight(w, ",;:") == "St." && namesStreet(prev):
			words[i] = "Street" + strings.TrimPrefix(w, "St.")
			if (unicode.IsUpper(next) || next == 0) && w == "St." {
				words[i] += "." // "on Main St. Then"
			}
		default:
			words[i] = sayShortForm(w, next)
		}
		prev = w
	}
	return strings.Join(words, " ")
}

// namesStreet answers whether "St." behind a word inside a sentence is a street: a name stands
// before it, but none of those that go on with a saint.
func namesStreet(prev string) bool {
	switch prev {
	case "Mount", "Mt.", "Fort", "Ft.", "Port", "Lake", "Pope", "Saint", "Bay", "Cape", "Hospital", "Church", "Cathedral":
		return false
	}
	return prev != "" && unicode.IsUpper(rune(prev[0])) && isWord(lastRune(prev))
}

// withoutDot are short forms that are written without dots.
//
// Read-only table.
var withoutDot = map[string]string{
	"w/": "with", "w/o": "without", "b/c": "because", "vs": "versus", "aka": "also known as", "eg": "for example", "ie": "that is",
	"approx": "approximately", "n/a": "not applicable", "N/A": "not applicable", "c/o": "care of", "w/out": "without", "AM": "A M", "PM": "P M",
	"pls": "please", "thx": "thanks", "btw": "by the way", "FYI": "for your information", "TBD": "to be determined", "St": "Saint",
}

// sayShortForm replaces one word if it is an abbreviation with its dot, and keeps the dot where it
// ends the sentence.
func sayShortForm(w string, next rune) string {
	open := w[:len(w)-len(strings.TrimLeft(w, openers))]
	core := strings.TrimRight(w[len(open):], closers+",;:!?")
	tail := w[len(open)+len(core):]
	if !strings.HasSuffix(core, ".") {
		if said, ok := withoutDot[core]; ok && (core != "St" || unicode.IsUpper(next)) {
			return open + said + tail
		}
		return w
	}
	word := strings.TrimSuffix(core, ".")
	if said, ok := withoutDot[word]; ok && strings.Contains(word, "/") {
		return open + said + "." + tail
	}
	key := strings.ToLower(word)
	ends := tail == "" && !ShortForm(word, next)
	said, ok := abbreviations[key]
	if numbered[key] && (key != word || len(key) < 4) {
		switch {
		case !isDigit(next):
			ok = false
		case key == "no":
			said, ok = "number", true
		}
	}
	if key == "st" && !unicode.IsUpper(next) {
		said = "Street"
		ends = tail == "" && next == 0
	}
	if key == "ft" && (!unicode.IsUpper(next) || word == key) {
		return w
	}
	switch {
	case ok && ordinaryWords[key] && word == key && ends:
		return w
	case ok && ends:
		return open + said + "."
	case ok:
		return open + said + tail
	case len(word) == 1 && unicode.IsUpper(rune(word[0])) && !ends && next != 0:
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
