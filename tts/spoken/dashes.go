package spoken

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// operand is what stands on one side of a sign.
type operand int

const (
	none   operand = iota // nothing, or punctuation
	digits                // a number, perhaps with a unit
	letter                // one letter, or the name of a Greek one
	group                 // a bracket
	word                  // a longer word
)

// Read-only patterns.
var (
	endsInUnit = regexp.MustCompile(`(\d) ?([A-Za-z°%][A-Za-z]{0,3})$`)
	lastNumber = regexp.MustCompile(`([\d,]*\.?\d+)(?: ?[A-Za-z°%]{1,4})?$`)
	nextNumber = regexp.MustCompile(`^[$€£¥]?([\d,]*\.?\d+)`)
)

// operandBefore says what a text ends in.
func operandBefore(s string) operand {
	s = strings.TrimRight(ending(s), " ")
	r := lastRune(s)
	switch {
	case r == 0:
		return none
	case isDigit(r):
		return digits
	case r == ')' || r == ']':
		return group
	case strings.ContainsRune("%°$€£", r) && isDigit(lastRune(strings.TrimRight(s[:len(s)-len(string(r))], " "))):
		return digits
	case !unicode.IsLetter(r):
		return none
	}
	if at := endsInUnit.FindStringSubmatch(s); at != nil && (isUnit(at[2]) || !strings.Contains(at[0], " ") && len(at[2]) == 1) {
		return digits
	}
	last := s[strings.LastIndexFunc(s, func(r rune) bool { return !isWord(r) })+1:]
	switch last {
	case "squared", "cubed", "factorial", "infinity", "percent":
		return digits
	}
	return oneLetter(last)
}

// operandAfter says what a text begins with.
func operandAfter(s string) operand {
	s = strings.TrimLeft(s, " ")
	if nextNumber.MatchString(s) {
		return digits
	}
	r := firstRune(s)
	switch {
	case r == '-' || r == '−' || r == '+':
		if nextNumber.MatchString(s[len(string(r)):]) {
			return digits
		}
		return none
	case r == '(' || r == '√' || r == '∛':
		return group
	case !unicode.IsLetter(r):
		return none
	}
	end := strings.IndexFunc(s, func(r rune) bool { return !isWord(r) })
	if end < 0 {
		end = len(s)
	}
	return oneLetter(s[:end])
}

// oneLetter tells one letter from a word.
func oneLetter(s string) operand {
	if len([]rune(s)) == 1 {
		return letter
	}
	for _, name := range greek {
		if s == name {
			return letter
		}
	}
	return word
}

// asksForSum answers whether a text is arithmetic: an equals sign, or a question for a result.
func asksForSum(m match) bool {
	if strings.ContainsAny(m.text, "=") || strings.Contains(m.text, " equals ") {
		return true
	}
	return sumWords.MatchString(m.near())
}

// Read-only pattern.
var sumWords = regexp.MustCompile(`(?i)\b(?:what is|what's|calculate|compute|subtract|solve|evaluate|simplify|expression|plus|times|sum|difference|result)\b`)

// sayDash says what a hyphen, an en dash or a minus sign means where it stands: a sign, a
// difference, a range, an option of a program, a pause, or nothing.
func sayDash(m match) (string, bool) {
	whole := m.group(0)
	dash := strings.TrimSpace(whole)
	before, after := strings.HasPrefix(whole, " "), strings.HasSuffix(whole, " ")
	l, r := operandBefore(m.before()), operandAfter(m.after())
	switch {
	case dash == "−":
		return " minus ", true
	case m.next() == '-' || m.prev() == '-' || m.next() == '–' || m.next() == '>' || m.next() == '=':
		return "", false
	case strings.ContainsRune("$€£", m.prev()) && l == none && r == digits:
		return "", false // "$-5"
	case r == digits && !after && (l == none && !endsOpen(m.before()) || before && l != none):
		return " minus ", true
	case r == digits && l == digits:
		return " " + difference(m, dash, before && after) + " ", true
	case r == word || l == word && (r != letter || !before || after):
		return sayHyphen(m, dash, before, after, l, r)
	case (l == none || l == word) && (r == letter || r == group) && !after:
		return sayLeading(m, r)
	case r == none || l == none:
		if before || after {
			return ", ", true
		}
		return " ", true
	}
	return sayBetween(m, before || after)
}

// endsOpen answers whether a text ends in the middle of a word that a digit continues: behind a
// letter or an underscore.
func endsOpen(s string) bool {
	return lastRune(s) == '_' || lastRune(s) == '.' && !strings.HasSuffix(s, ". ")
}

// sayLeading says a dash before a letter or a bracket with nothing before it: a sign in a formula,
// otherwise an option.
func sayLeading(m match, r operand) (string, bool) {
	if r == group || asksForSum(m) || m.prev() == '(' || strings.ContainsAny(m.text, "<>≤≥≠^") {
		return " minus ", true
	}
	if m.before() != "" && !strings.HasPrefix(m.group(0), " ") {
		return " ", true
	}
	return " dash ", true
}

// sayBetween says a dash between letters, numbers and brackets.
func sayBetween(m match, apart bool) (string, bool) {
	left, right := lastRune(strings.TrimRight(m.before(), " ")), firstRune(m.after())
	if apart || asksForSum(m) || left == ')' || right == '(' || strings.ContainsAny(m.text, "<>≤≥≠^") {
		return " minus ", true
	}
	switch {
	case left == 'a' && right == 'z', unicode.IsUpper(left) && unicode.IsUpper(right):
		return " to ", true
	case isDigit(left) && isUnit(string(right)) && unitNext.MatchString(m.after()):
		return "-", true // "a 5-m pole"
	case unicode.IsUpper(left), unicode.IsUpper(right), isDigit(left):
		return " ", true // "B-52", "3-D"
	}
	return " minus ", true
}

// sayHyphen says a dash beside a word: a hyphen, an option, a pause, or a difference of names in a
// formula.
func sayHyphen(m match, dash string, before, after bool, l, r operand) (string, bool) {
	switch {
	case before && after && l != none && r != none && strings.ContainsAny(m.text, "=<>≤≥≠"):
		return " minus ", true
	case before && after, dash == "–" && (before || after):
		return ", ", true
	case (l == none || before) && !after && r == word && option.MatchString(m.after()):
		return " dash ", true
	case before || after:
		return " ", true
	case (l == word || l == letter) && r == word && dash == "-", l == digits && r == word && unitNext.MatchString(m.after()):
		return "-", true
	case dash == "–" && r == word && l == word:
		return " to ", true
	}
	return " ", true
}

// unitNext is a unit of two letters and more.
//
// Read-only pattern.
var unitNext = regexp.MustCompile(`^` + unitPattern + `\b`)

// option is a short word that stands behind a single dash: "-rf".
//
// Read-only pattern.
var option = regexp.MustCompile(`^[a-z]{2,3}(?:\s|$)`)

// difference tells a range from a subtraction. Without spaces it is a range unless a result is
// asked for; with spaces it is a subtraction unless the numbers rise and count something, or a word
// before them asks for a range.
func difference(m match, dash string, apart bool) string {
	if asksForSum(m) {
		return "minus"
	}
	first, second := lastNumber.FindStringSubmatch(strings.TrimRight(m.near(), " ")), nextNumber.FindStringSubmatch(m.after())
	if !apart && dash == "-" && first != nil && second != nil && (first[1] == second[1] || attachedTo(m, first[0]) || named(m, first[0], second[0])) {
		return "" // "50-50", "Boeing 737-800"
	}
	if !apart || dash == "–" {
		return "to"
	}
	if first == nil || second == nil || !rises(first[1], second[1]) {
		return "minus"
	}
	behind := strings.TrimLeft(m.after()[len(second[0]):], " ")
	noun := match{m.text, []int{0, len(m.text) - len(behind)}}.wordAfter()
	if rangeWords.MatchString(strings.TrimSuffix(strings.TrimRight(m.near(), " "), first[0])) || firstRune(m.after()) == '$' || firstRune(m.after()) == '€' {
		return "to"
	}
	switch noun {
	case "", "is", "are", "equals", "gives", "makes", "and", "then", "would", "will", "in", "to":
		return "minus"
	}
	return "to"
}

// attachedTo answers whether a number that a text ends in continues a word: "i7-9700".
func attachedTo(m match, number string) bool {
	return isWord(lastRune(strings.TrimSuffix(m.before(), number)))
}

// beforeRanges are words that begin a sentence before a range.
//
// Read-only table.
var beforeRanges = wordSet("only about around between from over under nearly almost roughly some at in just up maybe probably use add take wait the a an for with")

// named answers whether two numbers are part of a name: a word with a capital letter stands before
// them, and nothing that is counted behind them. At the beginning of a sentence every word has a
// capital letter: there the numbers have three digits too.
func named(m match, first, second string) bool {
	head := strings.TrimRight(strings.TrimSuffix(m.before(), first), " ")
	at := strings.LastIndexByte(head, ' ') + 1
	name, start := head[at:], strings.TrimRight(head[:at], " ")
	if name == "" || !unicode.IsUpper(firstRune(name)) || !isWord(lastRune(name)) {
		return false
	}
	if begins := start == "" || strings.ContainsAny(lastOf(start), ".!?:"); begins && (len(first) < 3 || len(second) < 3 || beforeRanges[strings.ToLower(name)]) {
		return false // "About 120-150"
	}
	if rangeWords.MatchString(name) || weekdays[name[:min(3, len(name))]] != "" || slices.Contains(months, name) {
		return false
	}
	noun := match{m.text, []int{0, len(m.text) - len(m.after()) + len(second)}}.wordAfter()
	return !isUnit(noun) && !strings.HasSuffix(noun, "s")
}

// Read-only pattern.
var rangeWords = regexp.MustCompile(`(?i)\b(?:pages?|pp|chapters?|lines?|steps?|ages?|aged|grades?|rooms?|from|between|verses?|figures?|weeks?|days?|items?|numbers?|about|around)\s*[$€£]?$`)

// rises answers whether the second of two written numbers is larger.
func rises(first, second string) bool {
	a, b := strings.ReplaceAll(first, ",", ""), strings.ReplaceAll(second, ",", "")
	wholeA, partA, _ := strings.Cut(a, ".")
	wholeB, partB, _ := strings.Cut(b, ".")
	wholeA, wholeB = trimZeros(wholeA), trimZeros(wholeB)
	switch {
	case len(wholeA) != len(wholeB):
		return len(wholeA) < len(wholeB)
	case wholeA != wholeB:
		return wholeA < wholeB
	}
	return strings.TrimRight(partA, "0") < strings.TrimRight(partB, "0")
}
