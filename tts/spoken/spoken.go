package spoken

import (
	"strings"
	"unicode"
)

// longestText bounds what is looked at in one call, in bytes. A clause has at most a few hundred;
// anything longer than this is cut.
const longestText = 16 << 10

// Result is a text as it is said.
type Result struct {
	// Text holds letters, apostrophes, hyphens inside words, single spaces and the marks . , ; : !
	// ? only. It is empty where nothing is left to say.
	Text string
	// Unsaid counts letters of scripts that the voice cannot say and signs without a name that were
	// left out. Emoji do not count.
	Unsaid int
}

// English says written English in words. It is pure and safe for concurrent use.
func English(text string) Result {
	if len(text) > longestText {
		text = text[:longestText]
	}
	text, unsaid := plain(text)
	for _, rules := range [][]rule{markup, lines, inline, addresses} {
		text = apply(text, rules)
	}
	text = sayShortForms(apply(text, places))
	for _, rules := range [][]rule{dates, times, codes, counted, formulas, words, money, fractions, measures, rest, leftovers, pauses} {
		text = apply(text, rules)
	}
	text = tidy(text)
	return Result{Text: text, Unsaid: unsaid}
}

// Marks takes the marks of Markdown, HTML and models, addresses of links, and emoji from a text in
// any language, and leaves numbers, signs and words to a voice that knows the language.
func Marks(text string) string {
	if len(text) > longestText {
		text = text[:longestText]
	}
	text = strings.Map(foreignRune, strings.ToValidUTF8(text, " "))
	for _, rules := range [][]rule{markup, lines, inline, addresses[:3]} {
		text = apply(text, rules)
	}
	return tidy(apply(text, foreignLeftovers))
}

// tidy leaves single spaces and single marks, and nothing where there are no words.
func tidy(text string) string {
	if !HasWords(text) {
		return ""
	}
	return oneMark(text)
}

// marks is the punctuation that voices know, the strong marks last.
const marks = ",;:.!?"

// oneMark leaves of every run of spaces and marks one mark and one space behind it: the first that
// ends a sentence, else the first. None is left at the start.
func oneMark(text string) string {
	var b strings.Builder
	var mark rune
	space := false
	for _, r := range text {
		switch {
		case strings.ContainsRune(marks, r):
			if mark == 0 || strings.ContainsRune(",;:", mark) && !strings.ContainsRune(",;:", r) {
				mark = r
			}
			continue
		case unicode.IsSpace(r):
			space = true
			continue
		}
		if b.Len() > 0 && mark != 0 {
			b.WriteRune(mark)
		}
		if b.Len() > 0 && (space || mark != 0) {
			b.WriteByte(' ')
		}
		mark, space = 0, false
		b.WriteRune(r)
	}
	if mark != 0 {
		b.WriteRune(mark)
	}
	return b.String()
}

// HasWords answers whether text holds a letter or a digit, so that something can be said.
func HasWords(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}
