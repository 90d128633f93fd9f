package spoken

import (
	"regexp"
	"strings"
)

// lines are the rules for what depends on where a line begins and ends.
//
// Read-only table.
var lines = []rule{
	{gate: "`~", pattern: regexp.MustCompile("(?m)^[ \t]*(?:```|~~~)[^\n`]*$"), with: " "},
	{gate: "-", pattern: regexp.MustCompile(`(?m)^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)+\|?[ \t]*$|^[ \t]*\|[ \t]*:?-{2,}:?[ \t]*\|[ \t]*$`), with: " "},
	{gate: "-*_", pattern: regexp.MustCompile(`(?m)^[ \t]*[-*_]([ \t]*[-*_]){2,}[ \t]*$`), with: " "},
	{gate: "|", pattern: regexp.MustCompile(`(?m)^[ \t]*\|([^\n]*\|[^\n]*)\|[ \t]*$|^[ \t]*\|([^\n|]*[ \t][^\n|]*)\|[ \t]*$`), say: sayRow},
	{gate: "#>-*•·", pattern: regexp.MustCompile(`(?m)^[ \t]*(?:(?:#{1,6}[ \t]+|>[ \t]?|[-*•·–—][ \t]+)+)`), say: dropLineMark},
	{gate: "[", pattern: regexp.MustCompile(`(?m)^[ \t]*\[ \][ \t]+`), with: "not done, "},
	{gate: "[", pattern: regexp.MustCompile(`(?m)^[ \t]*\[[xX]\][ \t]+`), with: "done, "},
	{gate: "\n", pattern: regexp.MustCompile(`([^\s,.;:!?])[ \t]*\n\s*(\S)`), with: "$1, $2"}, // a line end without a mark is a pause
	{gate: "\n", pattern: regexp.MustCompile(`\s*\n\s*`), with: " "},
}

// dropLineMark takes headings, quotes and list items their marks. A ">" before a number is a
// comparison that a line or a clause begins with.
func dropLineMark(m match) (string, bool) {
	marks := strings.TrimSpace(m.group(0))
	if strings.HasSuffix(marks, ">") && (isDigit(m.next()) || strings.ContainsRune("-=$€£>.", m.next())) && m.next() != 0 {
		return "", false
	}
	return "", true
}

// sayRow says the cells of a table's row one after another; an empty cell is said, so that the
// others keep their place.
func sayRow(m match) (string, bool) {
	cells := strings.Split(m.group(1)+m.group(2), "|")
	for i, c := range cells {
		cells[i] = strings.TrimSpace(c)
		if cells[i] == "" {
			cells[i] = "blank"
		}
	}
	return strings.Join(cells, ", ") + ".", true
}

// inline are the rules for emphasis, code and notes inside a line.
//
// Read-only table.
var inline = []rule{
	{gate: "`", pattern: regexp.MustCompile("``([^\n]+?)``|`([^`\n]+)`"), say: sayCode},
	{gate: "[", pattern: regexp.MustCompile(`\[\^[^\]\s]{1,20}\]:?`), with: " "},
	{gate: "~", pattern: regexp.MustCompile(`~~[^~\n]+~~`), with: " "}, // struck out: it is meant not to be there
	{gate: "*", pattern: regexp.MustCompile(`\*{1,3}([^\s*](?:[^*\n]*[^\s*])?)\*{1,3}`), say: dropEmphasis},
	{gate: "_", pattern: regexp.MustCompile(`_{1,3}([^\s_](?:[^\n]*?[^\s_])?)_{1,3}`), say: dropEmphasis},
	{gate: ":;=_^3", pattern: regexp.MustCompile(`>?[:;]['-]?[()\[\]DPp3Oo/\\|*]+|=[()]|-_+-|\^[_.]*\^|</?3`), say: dropSmiley},
}

// dropEmphasis takes marks away that stand around words, and leaves signs between numbers and
// names.
func dropEmphasis(m match) (string, bool) {
	if isWord(m.prev()) || isWord(m.next()) || m.prev() == ')' {
		return "", false
	}
	return m.group(1), true
}

// dropSmiley drops faces made of punctuation that stand alone at the end of the text or between
// words.
func dropSmiley(m match) (string, bool) {
	face := m.group(0)
	if !isSpace(m.prev()) {
		return "", false
	}
	if next := m.next(); !isSpace(next) && !strings.ContainsRune(".,!?", next) {
		return "", false
	}
	switch face {
	case "<3", "</3": // "It takes <3." is a number; a heart stands behind a person.
		word := m.wordBefore()
		if word == "i" || word == "we" {
			return "love", true
		}
		return "", word == "you" || word == "u" || word == "it" || word == "this"
	case "=)", "=(":
		return "", strings.TrimSpace(m.before()) == "" || isLetterWord(m.wordBefore())
	}
	return "", true
}

func isLetterWord(s string) bool {
	return len(s) > 1 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz'") == ""
}

// Read-only table.
var codeRules = []rule{
	{gate: "*", pattern: regexp.MustCompile(`([\w)\]])\s*\*\s*(?:([\w(]))`), with: "$1 × $2"},
	{gate: "-", pattern: regexp.MustCompile(`([\w)\]]) - ([\w(])`), with: "$1 − $2"},
	{gate: "%", pattern: regexp.MustCompile(`([\w)\]])\s*%\s*([A-Za-z0-9(])`), with: "$1 modulo $2"},
	{gate: "*", pattern: regexp.MustCompile(`(^|[\s(,])(\*{1,2})([A-Za-z_])`), say: sayStars},
	{gate: "-", pattern: regexp.MustCompile(`(^|\s)-([A-Za-z][\w-]*)`), with: "${1}dash $2"},
	{gate: "/", pattern: regexp.MustCompile(`(\d)\s*/\s*(\d)|([\w)\]]) / ([\w(])`), with: "$1$3 ÷ $2$4"},
	{gate: "/", pattern: regexp.MustCompile(`(^|\s)//`), with: "$1 slash slash "},
	{gate: "|", pattern: regexp.MustCompile(`([^|\s])\s*\|\s*([^|\s])`), with: "$1 pipe $2"},
	{gate: "[", pattern: regexp.MustCompile(`(\w)\[([^\[\]]+)\]`), with: "$1 $2 "},
	{gate: "_", pattern: regexp.MustCompile(`^_$`), with: "underscore"},
}

// sayCode says what stands between backticks: signs are operators there and never marks.
func sayCode(m match) (string, bool) {
	code := apply(strings.TrimSpace(m.group(1)+m.group(2)), codeRules)
	space := ""
	if isWord(m.next()) {
		space = " "
	}
	return code + space, true
}

func sayStars(m match) (string, bool) {
	return m.group(1) + strings.Repeat("star ", len(m.group(2))) + m.group(3), true
}
