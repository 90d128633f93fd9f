package tokenizer

import (
	"sort"
	"unicode"
	"unicode/utf8"
)

// matcher finds added tokens in text, leftmost first and of those the longest.
type matcher struct {
	byFirst [256][]addedToken // by first byte, longest content first
	any     bool
}

// add registers a token.
func (m *matcher) add(a addedToken) {
	if a.Content == "" {
		return
	}
	m.any = true
	m.byFirst[a.Content[0]] = append(m.byFirst[a.Content[0]], a)
}

// finish orders the tokens; add must not be called afterwards.
func (m *matcher) finish() {
	for i := range m.byFirst {
		list := m.byFirst[i]
		sort.SliceStable(list, func(a, b int) bool { return len(list[a].Content) > len(list[b].Content) })
	}
}

// cut calls each for every piece of text in order: plain text with id -1, or an added token with
// its id. each returns false to stop.
func (m *matcher) cut(text string, guards []int, each func(plain string, id int) bool) {
	from := 0
	for at := 0; at < len(text); {
		start, end, token := m.next(text, at, guards)
		if start < 0 {
			break
		}
		at = end
		if token.SingleWord && !alone(text, start, end) {
			continue
		}
		if token.LStrip {
			start = max(from, trimLeft(text, start))
		}
		if token.RStrip {
			end = trimRight(text, end)
			at = end
		}
		if start > from && !each(text[from:start], -1) {
			return
		}
		if !each("", token.ID) {
			return
		}
		from = end
	}
	if from < len(text) {
		each(text[from:], -1)
	}
}

// next returns the first match at or after at, or -1.
func (m *matcher) next(text string, at int, guards []int) (start, end int, token addedToken) {
	if !m.any {
		return -1, -1, addedToken{}
	}
	for i := at; i < len(text); i++ {
		for _, a := range m.byFirst[text[i]] {
			if len(text)-i >= len(a.Content) && text[i:i+len(a.Content)] == a.Content && !guarded(guards, i, i+len(a.Content)) {
				return i, i + len(a.Content), a
			}
		}
	}
	return -1, -1, addedToken{}
}

// guarded reports whether a guard lies strictly inside start..end.
func guarded(guards []int, start, end int) bool {
	i := sort.SearchInts(guards, start+1)
	return i < len(guards) && guards[i] < end
}

// alone reports whether no word character touches start..end.
func alone(text string, start, end int) bool {
	before, n := utf8.DecodeLastRuneInString(text[:start])
	if n > 0 && wordRune(before) {
		return false
	}
	after, n := utf8.DecodeRuneInString(text[end:])
	return n == 0 || !wordRune(after)
}

// wordRune is the \w of Unicode regular expressions.
func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.Is(unicode.Nd, r) || unicode.Is(unicode.Pc, r) ||
		unicode.Is(unicode.Nl, r) || unicode.Is(unicode.Other_Alphabetic, r) || unicode.Is(unicode.Join_Control, r)
}

// trimLeft moves start over white space in front of it.
func trimLeft(text string, start int) int {
	for start > 0 {
		r, n := utf8.DecodeLastRuneInString(text[:start])
		if !unicode.IsSpace(r) {
			break
		}
		start -= n
	}
	return start
}

// trimRight moves end over white space behind it.
func trimRight(text string, end int) int {
	for end < len(text) {
		r, n := utf8.DecodeRuneInString(text[end:])
		if !unicode.IsSpace(r) {
			break
		}
		end += n
	}
	return end
}
