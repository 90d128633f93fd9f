package spoken

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// plainForms are characters that Unicode's own compatibility forms get wrong for speech, and what
// the rules read in their place.
//
// Read-only table.
var plainForms = map[rune]string{
	'’': "'", '‘': "'", 'ʼ': "'", '′': "'", '″': `"`, '´': "'",
	'\r': "\n", '\v': "\n", '\f': "\n", '\u0085': "\n", '\u2028': "\n", '\u2029': "\n",
	'‐': "-", '‑': "-", '‒': "-", '―': "—", '⁃': "•", '‣': "•", '◦': "•", '▪': "•", '●': "•",
	'⁄': "/", '∕': "÷", '∗': "*", '∶': ":", '∙': "⋅", '≦': "≤", '≧': "≥", '⩽': "≤", '⩾': "≥", 'º': "°",
	'½': " 1/2", '⅓': " 1/3", '⅔': " 2/3", '¼': " 1/4", '¾': " 3/4", '⅕': " 1/5", '⅖': " 2/5", '⅗': " 3/5", '⅘': " 4/5",
	'⅙': " 1/6", '⅚': " 5/6", '⅛': " 1/8", '⅜': " 3/8", '⅝': " 5/8", '⅞': " 7/8", '⅐': " 1/7", '⅑': " 1/9", '⅒': " 1/10",
	'™': "", '®': "", '℠': "", '©': " copyright ", '№': "No. ", '℅': " care of ",
	'✓': " yes ", '✔': " yes ", '✅': " yes ", '☑': " yes ", '✗': " no ", '✘': " no ", '❌': " no ", '❎': " no ", '☒': " no ",
	'→': " -> ", '➡': " -> ", '➜': " -> ", '➔': " -> ", '⟶': " -> ", '←': " <- ", '↔': " <-> ", '⇒': " ⇒ ", '⟹': " ⇒ ", '⇔': " ⇔ ",
	'↑': " up ", '⬆': " up ", '↓': " down ", '⬇': " down ", '♯': " sharp ", '♭': " flat ", '✖': "×", '➕': " + ", '➖': " − ", '➗': " ÷ ",
}

// raised are superscripts and what they stand for; a run of them is a power.
//
// Read-only table.
var raised = map[rune]rune{
	'⁰': '0', '¹': '1', '²': '2', '³': '3', '⁴': '4', '⁵': '5', '⁶': '6', '⁷': '7', '⁸': '8', '⁹': '9', '⁻': '-', '⁺': '+', 'ⁿ': 'n', 'ⁱ': 'i',
}

// greek names the letters that stand for themselves in formulas.
//
// Read-only table.
var greek = map[rune]string{
	'α': "alpha", 'β': "beta", 'γ': "gamma", 'δ': "delta", 'ε': "epsilon", 'ζ': "zeta", 'η': "eta", 'θ': "theta", 'ι': "iota", 'κ': "kappa",
	'λ': "lambda", 'μ': "mu", 'ν': "nu", 'ξ': "xi", 'ο': "omicron", 'π': "pi", 'ρ': "rho", 'σ': "sigma", 'ς': "sigma", 'τ': "tau",
	'υ': "upsilon", 'φ': "phi", 'χ': "chi", 'ψ': "psi", 'ω': "omega",
}

// plain brings text into the characters that the rules know: one form of each, digits of any script
// as 0 to 9, superscripts as powers, no emoji, no controls, no letters that an English voice cannot
// say. unsaid counts the letters and signs that were left out; emoji are left out on purpose and do
// not count.
func plain(text string) (out string, unsaid int) {
	text = strings.ToValidUTF8(text, " ")
	var b strings.Builder
	power := false
	for _, r := range text {
		if low, ok := raised[r]; ok {
			if !power {
				b.WriteByte('^')
			}
			b.WriteRune(low)
			power = true
			continue
		}
		power = false
		if form, ok := plainForms[r]; ok {
			b.WriteString(form)
			continue
		}
		b.WriteRune(r)
	}
	runes := []rune(norm.NFKC.String(b.String()))
	b.Reset()
	for i, r := range runes {
		said, ok := plainRune(r, at(runes, i-1), at(runes, i+1))
		if !ok {
			unsaid++
		}
		b.WriteString(said)
	}
	return b.String(), unsaid
}

// at is a rune of a slice, 0 beyond its ends.
func at(runes []rune, i int) rune {
	if i < 0 || i >= len(runes) {
		return 0
	}
	return runes[i]
}

// plainRune returns what the rules read for a character between two others. It is not ok to leave
// out what has a meaning.
func plainRune(r, prev, next rune) (string, bool) {
	switch {
	case r == '\n', r >= ' ' && r <= '~':
		return string(r), true
	case unicode.Is(unicode.Latin, r):
		return string(r), true
	case unicode.Is(unicode.Greek, r):
		name, known := greek[unicode.ToLower(r)]
		if !known || unicode.Is(unicode.Greek, prev) || unicode.Is(unicode.Greek, next) {
			return "", !unicode.IsLetter(r)
		}
		return greekName(name, prev, next), true
	case unicode.Is(unicode.Nd, r):
		return string('0' + digitValue(r)), true
	case unicode.IsLetter(r):
		return "", false
	case strings.ContainsRune(kept, r):
		return string(r), true
	case unicode.Is(unicode.Mn, r), r == '\u00ad', r >= '\u200b' && r <= '\u200d', r == '\u2060', r == '\ufeff':
		return "", true
	case unicode.Is(unicode.Sm, r):
		_, known := mathSigns[r]
		if !known {
			return " ", false
		}
		return string(r), true
	}
	return " ", true // spaces, controls, emoji, dingbats, private characters
}

// kept are characters beyond ASCII that rules further on look at.
const kept = "°×÷−–—…•‰€£¥¢₹₽₩₿§“”„«»·★⭐☆▲▼"

// greekName keeps a named letter apart from letters and digits beside it: "2π" is "two pi".
func greekName(name string, prev, next rune) string {
	if isWord(prev) {
		name = " " + name
	}
	if isWord(next) {
		name += " "
	}
	return name
}

// digitValue is the value of a decimal digit of any script. Unicode keeps every script's ten
// together.
func digitValue(r rune) rune {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	return 0
}

// foreignRune drops emoji, controls and invisible characters from text in any language, and keeps
// everything else.
func foreignRune(r rune) rune {
	switch {
	case r == '\n', r == '°':
		return r
	case r == '’', r == '‘', r == 'ʼ':
		return '\''
	case r == '\u00ad', r >= '\u200b' && r <= '\u200f', r == '\u2060', r == '\ufeff', r == '\ufe0e', r == '\ufe0f', r == '\u20e3':
		return -1
	case unicode.IsSpace(r), unicode.IsControl(r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.So, r):
		return ' '
	case r >= 0x1F3FB && r <= 0x1F3FF, r >= 0xE0000 && r <= 0xE007F:
		return ' '
	}
	return r
}
