package tts

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sensory-agent/sensory-agent/tts/spoken"
)

// Lengths in characters that decide where a Splitter may end a clause.
const (
	// firstMin is the shortest first clause: long enough for natural intonation, short enough to be
	// heard early.
	firstMin = 8
	// laterMin is the shortest later clause that ends at a comma, semicolon or colon. Longer
	// clauses sound better, and by then audio is playing.
	laterMin = 40
	// firstMax and laterMax bound a clause without punctuation; it ends at the last space before.
	firstMax = 90
	laterMax = 180
	// wordMax bounds a single word, so that text without spaces cannot grow without limit; such a
	// word is cut.
	wordMax = 400
)

// Splitter cuts streamed text into clauses. It is a pure machine: no clock, no I/O; one goroutine
// uses it at a time. The zero value is ready. Clauses come trimmed; joined by spaces they hold all
// the words that were pushed, in order, each exactly once (a single word of more than 400
// characters is cut).
//
// A clause ends at a line break, at . ! ? followed by white space, or, when it is long enough, at ,
// ; : or a dash followed by white space. It does not end inside numbers (3.5, 1,000, 12:30),
// between a sign and its operands as long as there is another space, inside a tag, after
// abbreviations ("Dr.", "e.g."), initials ("J. Smith") or the number of a list item ("2. Then").
type Splitter struct {
	rest  string
	begun bool // a clause was given already
}

// Push adds a piece of text and returns the clauses that are complete now, usually none or one.
func (s *Splitter) Push(piece string) []string {
	s.rest += piece
	var out []string
	for {
		end := s.boundary()
		if end <= 0 {
			return out
		}
		out = s.take(out, end)
	}
}

// Flush returns what is left and makes the splitter ready for the next text.
func (s *Splitter) Flush() []string {
	out := s.Push("\n")
	out = s.take(out, len(s.rest))
	*s = Splitter{}
	return out
}

// take moves the first n bytes of the rest to the clauses, if there is anything in them.
func (s *Splitter) take(out []string, n int) []string {
	clause := strings.TrimSpace(s.rest[:n])
	s.rest = s.rest[n:]
	if clause == "" {
		return out
	}
	s.begun = true
	return append(out, clause)
}

// boundary returns where the first complete clause ends, in bytes, or 0.
func (s *Splitter) boundary() int {
	minSoft, limit := firstMin, firstMax
	if s.begun {
		minSoft, limit = laterMin, laterMax
	}
	chars, space, loose, word, words := 0, 0, 0, 0, false
	for i, r := range s.rest {
		if chars >= limit && space > 0 {
			if loose > 0 {
				return loose
			}
			return space
		}
		if word == wordMax {
			return i
		}
		chars++
		if !unicode.IsSpace(r) {
			word++
			words = words || unicode.IsLetter(r) || unicode.IsDigit(r)
			continue
		}
		if words && (r == '\n' || s.endsAt(i, chars-1, minSoft)) {
			return i
		}
		word = 0
		space = i
		if !s.binds(i) {
			loose = i
		}
	}
	return 0
}

// binds answers whether a space belongs to what stands on its sides: a number and its unit, an
// operator and its operands.
func (s *Splitter) binds(space int) bool {
	last, _ := utf8.DecodeLastRuneInString(s.rest[:space])
	next, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(s.rest[space:], unicode.IsSpace))
	return unicode.IsDigit(last) || unicode.IsDigit(next) || strings.ContainsRune(operators, last) || strings.ContainsRune(operators, next)
}

// operators are signs between operands, and before numbers.
const operators = "+-–−*/=<>≤≥≠≈×÷±^%&|$€£¥~#"

// endsAt answers whether the text before the white space at byte i, which is chars characters long,
// ends a clause.
func (s *Splitter) endsAt(i, chars, minSoft int) bool {
	before := strings.TrimRight(s.rest[:i], closers)
	r, size := utf8.DecodeLastRuneInString(before)
	head := before[:len(before)-size]
	if strings.Contains(before, "<") && attribute.MatchString(before) {
		return false // inside of a tag
	}
	switch r {
	case ',', ';', ':', '—':
		return chars >= minSoft
	case '–':
		next, known := s.nextRune(i)
		sum := unicode.IsDigit(next) && endsInDigit(head) // "5 – 3"
		return known && chars >= minSoft && !sum
	case '!', '?', '…':
		if next, known := s.nextRune(i); r == '!' && endsInDigit(head) && (!known || strings.ContainsRune(operators, next)) {
			return false // "5! = 120"
		}
		return s.begun || chars >= minSoft
	case '.':
		if !s.begun && chars < minSoft {
			return false
		}
		if strings.HasSuffix(head, ".") {
			return true // an ellipsis
		}
		next, known := s.nextRune(i)
		if !known {
			return false
		}
		word := head[strings.LastIndexFunc(head, unicode.IsSpace)+1:]
		return !spoken.ShortForm(word, next) && !listNumber(head)
	default:
		return false
	}
}

// attribute is the beginning of a tag with a value that goes on.
//
// Read-only pattern.
var attribute = regexp.MustCompile(`<[A-Za-z][\w-]*\s[^<>]*=\s*(?:"[^"<>]*|'[^'<>]*)$`)

func endsInDigit(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(s, unicode.IsSpace))
	return unicode.IsDigit(r)
}

// closers may stand between the end of a sentence and the white space after it.
const closers = "\"')]}*_`”’»"

// nextRune returns the first character after the white space at byte i, if it came already.
func (s *Splitter) nextRune(i int) (rune, bool) {
	rest := strings.TrimLeft(strings.TrimLeftFunc(s.rest[i:], unicode.IsSpace), "\"'([*_`“‘")
	if rest == "" || !utf8.FullRuneInString(rest) {
		return 0, strings.ContainsRune(s.rest[i:], '\n')
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return r, true
}

// listNumber answers whether text is nothing but the number of a list item.
func listNumber(text string) bool {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > 2 {
		return false
	}
	return strings.Trim(text, "0123456789") == ""
}
