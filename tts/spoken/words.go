package spoken

import (
	"regexp"
	"strings"
)

// words are the rules for signs that stand for a word, and for what is left of marks. No sign with
// a meaning gets past them unsaid.
//
// Read-only table.
var words = []rule{
	{gate: "★⭐☆", pattern: regexp.MustCompile(`([★⭐]+)(☆*)`), say: sayStarRating},
	{gate: "▲▼", pattern: regexp.MustCompile(`▲ ?(\d)`), with: " up $1"},
	{gate: "▲▼", pattern: regexp.MustCompile(`▼ ?(\d)`), with: " down $1"},
	{gate: "#", pattern: regexp.MustCompile(`#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})\b`), say: sayColour},
	{gate: "#", pattern: regexp.MustCompile(`#(\d)`), with: "number $1"},
	{gate: "#", pattern: regexp.MustCompile(`#([A-Za-z])`), with: " hash $1"},
	{gate: "§", pattern: regexp.MustCompile(`§+ ?`), with: " section "},
	{gate: "&", pattern: regexp.MustCompile(`\s*&\s*`), with: " and "},
	{gate: "@", pattern: regexp.MustCompile(`\s*@\s*`), with: " at "},
	{gate: "~", pattern: regexp.MustCompile(`~ ?([\d$€£.])`), with: "about $1"},
	{gate: "$", pattern: regexp.MustCompile(`\$\{?([A-Za-z_])`), with: " dollar $1"},
}

// leftovers are the rules for signs that stand where no rule expected them, and for marks without a
// meaning of their own.
//
// Read-only table.
var leftovers = []rule{
	{gate: "%", pattern: regexp.MustCompile(`\s*%\s*`), with: " percent "},
	{gate: "$", pattern: regexp.MustCompile(`\s*\$\s*`), with: " dollar "},
	{gate: "€", pattern: regexp.MustCompile(`\s*€\s*`), with: " euro "},
	{gate: "£", pattern: regexp.MustCompile(`\s*£\s*`), with: " pound "},
	{gate: "¥₹₽₩₿¢", pattern: regexp.MustCompile(`\s*([¥₹₽₩₿¢])\s*`), say: sayCurrency},
	{gate: "\\", pattern: regexp.MustCompile(`\\(\pL)`), with: " backslash $1"},
	{gate: "/", pattern: regexp.MustCompile(`(\pL)\s*/\s*(\pL)`), say: sayAlternative},
	{gate: "/", pattern: regexp.MustCompile(`/`), say: saySlash},
	{gate: "±÷√∛∞∑∏∫∂∇∆∀∃∄¬∧∨∪∩∅∴∵∥⊥∠⊕¦", pattern: regexp.MustCompile(`\s*([±∓÷√∛∞∑∏∫∂∇∆∀∃∄¬∧∨∪∩∅∴∵∥⊥∠⊕¦])\s*`), say: saySign},
	{gate: "*`~", pattern: regexp.MustCompile("[*`~]+"), with: ""},
	{gate: "_", pattern: regexp.MustCompile(`_+`), with: " "},
	{pattern: regexp.MustCompile(`([a-z]{2})([A-Z][a-z])`), with: "$1 $2"}, // getUserName
}

// sayColour spells a colour as web pages write it. Digits alone are the number of something.
func sayColour(m match) (string, bool) {
	if strings.Trim(m.group(1), "0123456789") == "" || strings.Trim(m.group(1), "abcdefABCDEF") == "" {
		return "", false
	}
	return "hash " + sayHex(m.group(1)), true
}

// sayStarRating counts stars: "★★★☆☆" is "three out of five stars".
func sayStarRating(m match) (string, bool) {
	full, empty := len([]rune(m.group(1))), len([]rune(m.group(2)))
	if full+empty > 10 {
		return " ", true
	}
	if isDigit(lastRune(strings.TrimRight(m.before(), " "))) && full == 1 && empty == 0 {
		return " stars ", true
	}
	said := " " + ones[full]
	if empty > 0 {
		return said + " out of " + ones[full+empty] + " stars ", true
	}
	if full == 1 {
		return " star ", true
	}
	return said + " stars ", true
}

func sayCurrency(m match) (string, bool) {
	if m.group(1) == "¢" {
		return " cents ", true
	}
	return " " + currencies[m.group(1)].many + " ", true
}

// sayAlternative says words with a slash between them one after the other: "and/or".
func sayAlternative(m match) (string, bool) {
	if asksForSum(m) && strings.Contains(m.group(0), " ") {
		return m.group(1) + " divided by " + m.group(2), true
	}
	return m.group(1) + " " + m.group(2), true
}

// saySlash says a slash beside a number or bracket as "over" and drops it anywhere else.
func saySlash(m match) (string, bool) {
	if l, r := operandBefore(m.before()), operandAfter(m.after()); l != none && r != none {
		return " over ", true
	}
	return " ", true
}

// pauses are the rules for dashes, brackets and quotes; oneMark does the rest.
//
// Read-only table.
var pauses = []rule{
	{pattern: regexp.MustCompile(`\s+[-–—]+\s+|\s*—+\s*|--+|–`), with: ", "},
	{gate: "•·", pattern: regexp.MustCompile(`\s*[•·]\s*`), with: ", "},
	{gate: "(", pattern: regexp.MustCompile(`\s*\(\s*`), with: ", "},
	{gate: ")", pattern: regexp.MustCompile(`[\s)]*\)[\s)]*$`), with: ""},
	{gate: ")", pattern: regexp.MustCompile(`\s*\)\s*`), with: ", "},
	{pattern: regexp.MustCompile("[\\[\\]{}<>|\\\\^\"“”„«»#°×⋅★⭐☆▲▼]+"), with: " "},
	{gate: "'", pattern: regexp.MustCompile(`(^|[^\pL])'+|'+([^\pL]|$)`), with: "$1$2"},
	{gate: "-−", pattern: regexp.MustCompile(`(^|\s)[-−]+|[-−]+(\s|$|[,.;:!?])`), with: "$1 $2"},
	{gate: "…", pattern: regexp.MustCompile(`…`), with: "."},
}

// foreignLeftovers take the marks away that no language says. Signs stay: espeak-ng has their
// names.
//
// Read-only table.
var foreignLeftovers = []rule{
	{gate: "*`~", pattern: regexp.MustCompile("[*`~]+"), with: ""},
	{gate: "_", pattern: regexp.MustCompile(`_+`), with: " "},
	{pattern: regexp.MustCompile(`\s+[-–—]+\s+|\s*—+\s*|--+`), with: ", "},
	{gate: "•·", pattern: regexp.MustCompile(`\s*[•·]\s*`), with: ", "},
	{gate: "(", pattern: regexp.MustCompile(`\s*\(\s*`), with: ", "},
	{gate: ")", pattern: regexp.MustCompile(`[\s)]*\)[\s)]*$`), with: ""},
	{gate: ")", pattern: regexp.MustCompile(`\s*\)\s*`), with: ", "},
	{pattern: regexp.MustCompile("[\\[\\]{}|\\\\^\"“”„«»]+"), with: " "},
	{gate: "…", pattern: regexp.MustCompile(`…`), with: "."},
}
