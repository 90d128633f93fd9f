package spoken

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// match is one place where a pattern fits, and what stands around it. Rules that look only at
// themselves change meanings: whether "3-5" is a range, a score, a part of a telephone number or a
// sum is written beside it.
type match struct {
	text string
	at   []int
}

// group returns what the n-th group matched, or "".
func (m match) group(n int) string {
	if m.at[2*n] < 0 {
		return ""
	}
	return m.text[m.at[2*n]:m.at[2*n+1]]
}

// before is the text up to the match, after the text behind it.
func (m match) before() string { return m.text[:m.at[0]] }
func (m match) after() string  { return m.text[m.at[1]:] }

// near is the end of the text before the match. Patterns that look back look no further, so that a
// long text with many signs takes no longer for each of them.
func (m match) near() string { return ending(m.before()) }

// lookBack is how far patterns look back, in bytes: longer than any sentence that decides
// something.
const lookBack = 256

// ending is the last part of a text.
func ending(s string) string { return s[max(0, len(s)-lookBack):] }

// prev is the character before the match, next the one behind it; 0 at the ends of the text.
func (m match) prev() rune { return lastRune(m.before()) }
func (m match) next() rune { return firstRune(m.after()) }

// wordBefore is the last word before the match in lower case, without punctuation around it; ""
// where punctuation lies between.
func (m match) wordBefore() string {
	s := strings.TrimRight(m.before(), " ")
	if strings.HasSuffix(s, "\n") {
		return ""
	}
	word := strings.TrimLeft(s[strings.LastIndexAny(s, " \n(\"")+1:], "'")
	if strings.ContainsAny(lastOf(word), ",;!?") {
		return ""
	}
	return strings.ToLower(strings.TrimSuffix(word, "."))
}

// wordAfter is the next word behind the match, without punctuation; "" where something else comes
// first.
func (m match) wordAfter() string {
	s := strings.TrimLeft(m.after(), " ")
	end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' })
	if end < 0 {
		end = len(s)
	}
	return s[:end]
}

func lastOf(s string) string {
	if s == "" {
		return ""
	}
	return s[len(s)-1:]
}

func firstRune(s string) rune {
	if s == "" {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func lastRune(s string) rune {
	if s == "" {
		return 0
	}
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// rule is a pattern and what is said in its place.
type rule struct {
	gate    string // the pattern needs one of these characters; "" for none. It saves time and changes nothing.
	pattern *regexp.Regexp
	say     func(match) (string, bool) // false leaves the place to the rules behind
	with    string                     // what stands in its place where say is nil, as for regexp.Expand
}

// apply runs rules one after another over the whole text.
func apply(text string, rules []rule) string {
	for _, r := range rules {
		if r.gate != "" && !strings.ContainsAny(text, r.gate) {
			continue
		}
		if r.say == nil {
			text = r.pattern.ReplaceAllString(text, r.with)
			continue
		}
		text = replace(r.pattern, text, r.say)
	}
	return text
}

// replace puts what say answers in the place of every match.
func replace(pattern *regexp.Regexp, text string, say func(match) (string, bool)) string {
	var b strings.Builder
	done := 0
	for _, at := range pattern.FindAllStringSubmatchIndex(text, -1) {
		said, ok := say(match{text, at})
		if !ok {
			continue
		}
		b.WriteString(text[done:at[0]])
		b.WriteString(said)
		done = at[1]
	}
	if done == 0 {
		return text
	}
	b.WriteString(text[done:])
	return b.String()
}

// anyOf joins words to one alternative of a pattern; the longest first.
func anyOf(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = regexp.QuoteMeta(w)
	}
	slices.SortFunc(quoted, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return "(?:" + strings.Join(quoted, "|") + ")"
}

func isWord(r rune) bool  { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
func isDigit(r rune) bool { return r >= '0' && r <= '9' }
func isSpace(r rune) bool { return r == ' ' || r == '\n' || r == 0 }
