package printable

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	zeroWidthNonJoiner = '\u200c' // Persian and Indic scripts are misspelled without it
	zeroWidthJoiner    = '\u200d' // holds emoji together
)

// Shown tells whether a character may stand as it is: letters, marks, numbers, signs, spaces, and
// the two joiners.
func Shown(r rune) bool {
	switch {
	case r == zeroWidthNonJoiner || r == zeroWidthJoiner:
		return true
	case unicode.Is(unicode.Zs, r):
		return true
	}
	return unicode.IsPrint(r)
}

// Text returns s as part of one line: what Shown refuses is escaped as \n, \t, \u001b or, beyond 16
// bits, as two such. A backslash stays as it is: the result is to be read by people, not to be
// turned back.
func Text(s string) string {
	if clean(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		if bad(s[i:], r) {
			escape(&b, utf8.RuneError)
			continue
		}
		if Shown(r) {
			b.WriteRune(r)
			continue
		}
		escape(&b, r)
	}
	return b.String()
}

// Cut returns Text of the beginning of s, and says how many bytes are left out where s is longer
// than limit bytes.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return Text(s)
	}
	keep := max(limit, 0)
	for keep > 0 && !utf8.RuneStart(s[keep]) {
		keep--
	}
	return fmt.Sprintf("%s… (%d bytes more)", Text(s[:keep]), len(s)-keep)
}

// Lines returns a message that may have several lines: the first as Text, the others too, each set
// in by two spaces so that none looks like a line of its own.
func Lines(s string) string {
	parts := strings.Split(s, "\n")
	for i, p := range parts {
		parts[i] = Text(p)
		if i > 0 {
			parts[i] = "  " + parts[i]
		}
	}
	return strings.Join(parts, "\n")
}

// bad tells whether r stands for a byte that is no UTF-8.
func bad(rest string, r rune) bool {
	if r != utf8.RuneError {
		return false
	}
	_, size := utf8.DecodeRuneInString(rest)
	return size <= 1
}

func clean(s string) bool {
	for i, r := range s {
		if !Shown(r) || bad(s[i:], r) {
			return false
		}
	}
	return true
}

// escape writes r as JSON does.
func escape(b *strings.Builder, r rune) {
	switch {
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r == '\t':
		b.WriteString(`\t`)
	case r > 0xffff:
		high, low := utf16.EncodeRune(r)
		fmt.Fprintf(b, `\u%04x\u%04x`, high, low)
	default:
		fmt.Fprintf(b, `\u%04x`, r)
	}
}
