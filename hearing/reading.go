package hearing

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// onceAgree is how much of one sentence the second ear must have heard where the first has written
// it again and again: see agreement.
const onceAgree = 0.75

// once is the transcript without the repetitions that an engine writes behind a short clip: where
// it is one sentence several times, and the other ear heard that sentence, it was said once.
func (e Evidence) once() string {
	first := strings.TrimSpace(e.Text)
	end := strings.IndexAny(first, ".?!")
	if end < 0 {
		return e.Text
	}
	first = first[:end+1]
	own := spelled(first)
	rest, times := e.Text, 0
	for ; strings.TrimSpace(rest) != ""; times++ {
		end := strings.IndexAny(rest, ".?!")
		if end < 0 {
			end = len(rest) - 1
		}
		if !slices.Equal(spelled(rest[:end+1]), own) {
			return e.Text
		}
		rest = rest[end+1:]
	}
	if times < 2 || len(own) == 0 || agreement(first, e.Interim) < onceAgree {
		return e.Text
	}
	return first
}

// Reading is what was said, for those who answer to names: the transcript, without what the engine
// repeated, and with the signs beside a name that the second ear heard. People call others by a
// short stop before or behind the name; the ear that is told the names often writes none. It is
// pure.
func (e Evidence) Reading(names []string) string {
	text := e.once()
	for _, n := range names {
		text = signed(text, e.Interim, n)
	}
	for _, n := range []string{"everyone", "everybody"} {
		text = signed(text, e.Interim, n)
	}
	return text
}

// signed puts commas beside a name where a second text has signs; as often as the name is in both.
func signed(text, second, name string) string {
	here, there := places(text, name), places(second, name)
	if len(here) != len(there) {
		return text
	}
	for i := len(here) - 1; i >= 0; i-- {
		before, behind := besides(text, here[i])
		heardBefore, heardBehind := besides(second, there[i])
		if heardBehind == signAt && behind == noSign {
			text = text[:here[i][1]] + "," + text[here[i][1]:]
		}
		if heardBefore == signAt && before == noSign && !wants(text[:here[i][0]]) {
			at := len(strings.TrimRightFunc(text[:here[i][0]], unicode.IsSpace))
			text = text[:at] + "," + text[at:]
		}
	}
	return text
}

// wants tells whether what stands before a name wants it: "sorry about Max".
func wants(text string) bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' })
	if len(words) == 0 || asks(words[0]) {
		return false
	}
	last := words[len(words)-1]
	return dangling(last) || leading(last)
}

// beside is what stands between a word and the next.
type beside uint8

const (
	noSign beside = iota
	signAt
	theEnd // there is no other word
)

// besides says what stands before and behind a place of a text.
func besides(text string, at [2]int) (before, behind beside) {
	letter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	look := func(gap string, word bool) beside {
		switch {
		case !word:
			return theEnd
		case strings.ContainsAny(gap, ",;:.?!"):
			return signAt
		}
		return noSign
	}
	last := strings.LastIndexFunc(text[:at[0]], letter)
	next := strings.IndexFunc(text[at[1]:], letter)
	gap := text[at[1]:]
	if next >= 0 {
		gap = gap[:next]
	}
	return look(text[last+1:at[0]], last >= 0), look(gap, next >= 0)
}

// places are where a name stands in a text as a word, whatever its case: where it begins and ends.
func places(text, name string) (out [][2]int) {
	if name == "" {
		return nil
	}
	for from := 0; from+len(name) <= len(text); {
		_, size := utf8.DecodeRuneInString(text[from:])
		if end := from + len(name); strings.EqualFold(text[from:end], name) && !inside(text, from) && !inside(text, end) {
			out = append(out, [2]int{from, end})
			from = end
			continue
		}
		from += size
	}
	return out
}

// inside tells whether a place is in the middle of a word.
func inside(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	behind, _ := utf8.DecodeRuneInString(text[at:])
	in := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\'' || r == '’' }
	return in(before) && in(behind)
}
