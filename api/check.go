package api

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of fields. Names are at most as long as LiveKit's own identities; texts as a room's chat
// takes by default.
const (
	mostName  = 512 // bytes
	mostText  = 16 << 10
	mostNames = 64 // in a list
)

// checked collects the first thing that is wrong with a request.
type checked struct{ err *Error }

// result is the first mistake; nil for none.
func (c *checked) result() error {
	if c.err == nil {
		return nil
	}
	return c.err
}

func (c *checked) fail(field string, why Reason, format string, args ...any) {
	if c.err == nil {
		c.err = wrong(field, why, format, args...)
	}
}

// name checks a name, an identity or an id.
func (c *checked) name(field, value string, needed bool) {
	switch {
	case value == "" && needed:
		c.fail(field, ReasonMissing, "is needed")
	case len(value) > mostName:
		c.fail(field, ReasonTooLong, "has %d bytes, at most %d are allowed", len(value), mostName)
	case controls(value, ""):
		c.fail(field, ReasonBadText, "holds control characters")
	case value != strings.TrimSpace(value):
		c.fail(field, ReasonBadText, "begins or ends with a space")
	}
}

// names checks a list of them.
func (c *checked) names(field string, values []string) {
	if len(values) > mostNames {
		c.fail(field, ReasonTooMany, "has %d entries, at most %d are allowed", len(values), mostNames)
		return
	}
	for _, v := range values {
		c.name(field, v, true)
	}
}

// text checks what somebody writes.
func (c *checked) text(field, value string, most int, needed bool) {
	switch {
	case strings.TrimSpace(value) == "" && needed:
		c.fail(field, ReasonMissing, "is needed")
	case len(value) > most:
		c.fail(field, ReasonTooLong, "has %d bytes, at most %d are allowed", len(value), most)
	case controls(value, "\n\t\r"):
		c.fail(field, ReasonBadText, "holds control characters")
	}
}

// number checks a number that is at least 0.
func (c *checked) number(field string, value, most int32) {
	if value < 0 || value > most {
		c.fail(field, ReasonBadValue, "is %d, must be 0 to %d", value, most)
	}
}

// oneOf checks that a word is one of those that there are.
func oneOf[T ~string](c *checked, field, value string, of []T) {
	if !slices.Contains(of, T(value)) {
		c.fail(field, ReasonBadValue, "is %q; there are: %v", value, of)
	}
}

// page checks what is asked of lists whose pages begin with the oldest entry.
func (c *checked) page(size, most, newest int32, behind string) {
	c.number("page_size", size, most)
	c.number("newest", newest, most)
	if newest > 0 && behind != "" {
		c.fail("newest", ReasonBadValue, "stands beside page_token: the newest ones are one page")
	}
}

// pageOf is the size of a page; own where nobody says.
func pageOf(size int32, own int) int {
	if size == 0 {
		return own
	}
	return int(size)
}

// position is what a page's token says.
func (c *checked) position(field, token string) int64 {
	if token == "" {
		return 0
	}
	n, err := strconv.ParseInt(token, 10, 64)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != token {
		c.fail(field, ReasonBadValue, "is none of a page before")
	}
	return n
}

// controls tells whether a text holds control characters besides those allowed, or is no UTF-8.
func controls(text, allowed string) bool {
	return !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool {
		return (unicode.IsControl(r) || r == '\u202e' || r == '\u2066' || r == '\u2067') && !strings.ContainsRune(allowed, r)
	})
}

// whole is a number as the contract has it: at most what 32 bits hold.
func whole[N ~int | ~int64 | ~uint64](n N) int32 {
	if n > math.MaxInt32 {
		return math.MaxInt32
	}
	return int32(n)
}

// millis is a duration as the contract has it.
func millis(d time.Duration) int32 { return whole(max(d, 0).Milliseconds()) }
