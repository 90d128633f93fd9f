package answer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxMark bounds a mark in bytes: the longest of the tables is half as long.
const MaxMark = 64

// Markup is the set of marks that are looked for. It is immutable and may be shared by any number
// of filters.
type Markup struct {
	root   *node
	starts [256]bool // bytes that may begin a mark, and the backtick
	closes []string  // of all thoughts
}

// node is a step of a search tree over bytes, ASCII letters in lower case.
type node struct {
	next map[byte]*node
	mark *mark
}

// NewMarkup returns the marks of published models and, beside them, the special tokens of one
// model's own tokenizer, which may be none. Tokens that look like words or white space are left
// out: text may hold them.
func NewMarkup(special ...string) *Markup {
	m := &Markup{root: &node{}}
	m.starts['`'], m.starts['<'] = true, true
	for _, s := range special {
		if MarkLike(s) {
			m.add(s, mark{kind: markToken})
		}
	}
	for _, s := range tokens() {
		m.add(s, mark{kind: markToken})
	}
	for _, s := range []string{"<answer>", "</answer>"} { // Hunyuan, and fine-tunes with GRPO
		m.add(s, mark{kind: markAnswer})
	}
	for _, p := range thoughtMarks() {
		m.add(p.open, mark{kind: markThought, close: []string{lower(p.close)}})
		m.add(p.close, mark{kind: markClose})
		m.closes = append(m.closes, lower(p.close))
	}
	for _, p := range toolMarks() {
		var ends []string
		if p.close != "" {
			ends = []string{lower(p.close)}
			m.add(p.close, mark{kind: markToken})
		}
		m.add(p.open, mark{kind: markTool, close: ends})
	}
	for _, list := range []struct {
		names []string
		kind  markKind
	}{
		{headers(), markHeader},
		{hiddenSpeakers(), markHidden},
		{shownSpeakers(), markShown},
		{[]string{channelMark}, markChannel},
	} {
		for _, s := range list.names {
			m.add(s, mark{kind: list.kind})
		}
	}
	return m
}

// Structural tells whether a token says what the text around it is: a thought, a tool call,
// somebody's turn. A model's decoder must write such tokens out, although they are special; all
// others have no text.
func Structural(token string) bool {
	names := slices.Concat(headers(), headerEnds(), messageEnds(), hiddenSpeakers(), shownSpeakers(), []string{messageMark})
	for _, p := range slices.Concat(thoughtMarks(), toolMarks()) {
		names = append(names, p.open, p.close)
	}
	token = lower(token)
	return MarkLike(token) && slices.Contains(names, token)
}

// MarkLike tells whether a special token can only be a token: it is no longer than a mark, and
// neither begins nor ends like a word.
func MarkLike(token string) bool {
	first, _ := utf8.DecodeRuneInString(token)
	last, _ := utf8.DecodeLastRuneInString(token)
	word := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsSpace(r) || r == utf8.RuneError
	}
	return len(token) >= 3 && len(token) <= MaxMark && !word(first) && !word(last) && strings.ContainsFunc(token, unicode.IsLetter)
}

func (m *Markup) add(text string, what mark) {
	n := m.root
	for _, c := range []byte(lower(text)) {
		if n.next == nil {
			n.next = map[byte]*node{}
		}
		if n.next[c] == nil {
			n.next[c] = &node{}
		}
		n = n.next[c]
	}
	n.mark = &what
	m.starts[text[0]] = true
}

// lower changes ASCII letters only, so that lengths stay.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// find looks for a mark at the beginning of text: what it is and how long. More says that this
// depends on what follows.
func (m *Markup) find(text string) (found *mark, length int, more bool) {
	n := m.root
	for i := 0; ; i++ {
		if n.mark != nil {
			found, length = n.mark, i
		}
		if i == len(text) {
			more = n.next != nil
			break
		}
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		next := n.next[c]
		if next == nil {
			break
		}
		n = next
	}
	if size, open := tokenShape(text); size > length {
		found, length = &mark{kind: markToken}, size
	} else if open {
		more = true
	}
	return found, length, more
}

// tokenShape measures a token of the shape <|name|> or <｜name｜>, which all of the usual templates
// use: a name has letters, digits and a few signs, no white space. Open says that the text is too
// short to tell.
func tokenShape(text string) (length int, open bool) {
	for _, bar := range []string{"|", "｜"} {
		rest, ok := strings.CutPrefix(text, "<"+bar)
		if !ok {
			open = open || strings.HasPrefix("<"+bar, text)
			continue
		}
		for i, r := range rest {
			if i > 0 && strings.HasPrefix(rest[i:], bar+">") {
				return len("<"+bar) + i + len(bar+">"), false
			}
			if i > 0 && strings.HasPrefix(bar+">", rest[i:]) {
				return 0, true
			}
			if i > MaxMark-8 || !nameRune(r) {
				return 0, false
			}
		}
		return 0, len(rest) <= MaxMark-8
	}
	return 0, open
}

func nameRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_-▁/.:", r)
}
