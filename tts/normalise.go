package tts

import (
	"regexp"
	"strings"
	"unicode"
)

// rewrite is a pattern and what stands in its place.
type rewrite struct {
	pattern *regexp.Regexp
	with    string
}

// lineRewrites depend on line starts and ends; they come first, in order.
//
//nolint:gochecknoglobals // read-only table
var lineRewrites = []rewrite{
	{regexp.MustCompile("(?m)^[ \t]*(```|~~~)[^\n]*$"), " "},
	{regexp.MustCompile(`(?m)^[ \t]*[-*_]([ \t]*[-*_]){2,}[ \t]*$`), " "},
	{regexp.MustCompile(`(?m)^[ \t]*(#{1,6}[ \t]+|>[ \t]?|[-*+•][ \t]+)+`), ""},
	{regexp.MustCompile(`([^\s,.;:!?])[ \t]*\n\s*(\S)`), "$1, $2"}, // a line end without a mark is a pause
}

// wordRewrites are applied in order to text without abbreviations, in one line.
//
//nolint:gochecknoglobals // read-only table
var wordRewrites = []rewrite{
	{regexp.MustCompile(`</?[A-Za-z][^<>]*>`), " "},
	// Arithmetic and signs between numbers.
	{regexp.MustCompile(`(\d)\s*[×*]\s*(\d)`), "$1 times $2"},
	{regexp.MustCompile(`(\d)\s*÷\s*(\d)`), "$1 divided by $2"},
	{regexp.MustCompile(`(\d)\s+\+\s+(\d)`), "$1 plus $2"},
	{regexp.MustCompile(`(\d)\s+[-−]\s+(\d)`), "$1 minus $2"},
	{regexp.MustCompile(`(\d)\s*[–]\s*(\d)`), "$1 to $2"},
	{regexp.MustCompile(`(\d)-(\d)`), "$1 to $2"},
	{regexp.MustCompile(`(^|[\s(])[-−](\d)`), "${1}minus $2"},
	{regexp.MustCompile(`\s*[=≈]\s*`), " equals "},
	{regexp.MustCompile(`~\s*(\d)`), "about $1"},
	{regexp.MustCompile(`°\s*C\b`), " degrees Celsius"},
	{regexp.MustCompile(`°\s*F\b`), " degrees Fahrenheit"},
	{regexp.MustCompile(`°`), " degrees"},
	{regexp.MustCompile(`(\d)\s?km/h\b`), "$1 kilometers per hour"},
	{regexp.MustCompile(`(\d)\s?mph\b`), "$1 miles per hour"},
	{regexp.MustCompile(`(\d)\s?km\b`), "$1 kilometers"},
	{regexp.MustCompile(`(\d)\s?cm\b`), "$1 centimeters"},
	{regexp.MustCompile(`(\d)\s?mm\b`), "$1 millimeters"},
	{regexp.MustCompile(`(\d)\s?kg\b`), "$1 kilograms"},
	{regexp.MustCompile(`\s*&\s*`), " and "},
	// Emphasis, code and names with underscores.
	{regexp.MustCompile("[*`~]+"), ""},
	{regexp.MustCompile(`_+`), " "},
	// Punctuation that phonemisers do not know.
	{regexp.MustCompile(`\s+[-–—]+\s+|\s*—+\s*|--+`), ", "},
	{regexp.MustCompile(`\s*\(\s*`), ", "},
	{regexp.MustCompile(`\s*\)\s*`), ", "},
	{regexp.MustCompile(`(\pL)\s*/\s*(\pL)`), "$1 $2"},
	{regexp.MustCompile("[\\[\\]{}<>|\\\\^\"“”„«»]+"), " "},
	// One mark where several stand, none at the start, none after a space.
	{regexp.MustCompile(`\s+([,.;:!?])(\s|$)`), "$1$2"},
	{regexp.MustCompile(`(\.\s?\.\s?\.[.\s]*|…)`), ". "},
	{regexp.MustCompile(`[,;:]+([.!?])`), "$1"},
	{regexp.MustCompile(`([.!?])[.!?,;:]+(\s|$)`), "$1$2"},
	{regexp.MustCompile(`([,;:])(\s*[,;:])+`), "$1"},
	{regexp.MustCompile(`^[\s,.;:!?]+(\s|$)`), ""},
	{regexp.MustCompile(`^[,;:!?]+`), ""},
	{regexp.MustCompile(`([.!?])\s*,`), "$1"},
}

// Speakable turns written text into the words and punctuation that are spoken: Markdown marks, links and emoji go, addresses,
// abbreviations and signs become words, every run of punctuation becomes one mark, white space becomes single spaces.
// Numbers stay digits: the phonemiser reads them. The result holds no brackets, quotes, backslashes or control characters. It is empty
// where nothing is left to say. Speakable is pure.
func Speakable(text string) string {
	text = strings.ToValidUTF8(text, " ")
	text = strings.Map(plainRune, text)
	text = strings.TrimSpace(sayAddresses(text))
	for _, r := range lineRewrites {
		text = r.pattern.ReplaceAllString(text, r.with)
	}
	text = sayShortForms(text)
	for _, r := range wordRewrites {
		text = r.pattern.ReplaceAllString(text, r.with)
	}
	text = strings.Join(strings.Fields(text), " ")
	if !HasWords(text) {
		return ""
	}
	return text
}

// HasWords answers whether text holds a letter or a digit, so that something can be said.
func HasWords(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// plainRune replaces characters by their plain form and drops what is not said: emoji, dingbats, selectors, joiners, controls.
func plainRune(r rune) rune {
	switch r {
	case '’', '‘', 'ʼ':
		return '\''
	case '\n', '\t':
		return r
	case '\u00a0', '\u2009', '\u202f', '\r':
		return ' '
	case '‐', '‑':
		return '-'
	case '\u00ad', '\u200b', '\u200c', '\u200d', '\ufeff', '\u2060', '\ufe0e', '\ufe0f', '\u20e3':
		return -1
	case '•', '°', '×', '÷', '−', '≈':
		return r
	}
	switch {
	case unicode.IsControl(r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Cf, r):
		return ' '
	case unicode.Is(unicode.So, r), r >= 0x1F3FB && r <= 0x1F3FF, r >= 0xE0000 && r <= 0xE007F:
		return ' '
	case r > unicode.MaxLatin1 && (unicode.Is(unicode.Sm, r) || unicode.Is(unicode.Sk, r)):
		return ' '
	}
	return r
}
