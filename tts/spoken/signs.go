package spoken

import (
	"regexp"
	"strings"
)

// mathSigns are signs of mathematics that are said by name wherever they stand; relations are in
// the table behind.
//
// Read-only table.
var mathSigns = map[rune]string{
	'±': "plus or minus", '∓': "minus or plus", '÷': "divided by", '√': "square root of", '∛': "cube root of", '∞': "infinity", '∑': "sum of",
	'∏': "product of", '∫': "integral of", '∂': "partial", '∇': "nabla", '∆': "delta", '∀': "for all", '∃': "there is", '∄': "there is no",
	'¬': "not", '∧': "and", '∨': "or", '∪': "union", '∩': "intersection", '∅': "the empty set", '∴': "therefore", '∵': "because", '∥': "parallel to",
	'⊥': "perpendicular to", '∠': "angle", '∝': "proportional to", '⊕': "exclusive or", '⋅': "times", '×': "times", '−': "minus", '+': "plus",
	'<': "less than", '>': "greater than", '=': "equals", '≤': "less than or equal to", '≥': "greater than or equal to", '≠': "not equal to",
	'≈': "approximately", '≡': "equivalent to", '≅': "congruent to", '≪': "much less than", '≫': "much greater than", '∈': "in", '∉': "not in",
	'⊂': "a subset of", '⊆': "a subset of or equal to", '⊃': "a superset of", '⊇': "a superset of or equal to", '≮': "not less than",
	'≯': "not greater than", '≰': "not less than or equal to", '≱': "not greater than or equal to", '⊄': "not a subset of", '∼': "similar to",
	'⇒': "implies", '⇔': "if and only if", '~': "about", '|': "or", '^': "to the power of", '¦': "or",
}

// relation is how a sign between two sides is said: "x >= 5" is "x is greater than or equal to 5".
type relation struct {
	said string
	verb bool // "is" belongs before it where both sides stand apart
}

// Read-only table.
var relations = map[string]relation{
	"<": {"less than", true}, ">": {"greater than", true}, "<=": {"less than or equal to", true}, ">=": {"greater than or equal to", true},
	"=<": {"less than or equal to", true}, "≤": {"less than or equal to", true}, "≥": {"greater than or equal to", true},
	"!=": {"not equal to", true}, "!==": {"not equal to", true}, "≠": {"not equal to", true}, "<>": {"not equal to", true}, "=/=": {"not equal to", true},
	"=": {"equals", false}, "==": {"equals", false}, "===": {"equals", false}, ":=": {"becomes", false},
	"≈": {"approximately", true}, "~=": {"approximately", true}, "≡": {"equivalent to", true}, "≅": {"congruent to", true},
	"≪": {"much less than", true}, "≫": {"much greater than", true}, "∈": {"in", true}, "∉": {"not in", true},
	"⊂": {"a subset of", true}, "⊆": {"a subset of or equal to", true}, "⊃": {"a superset of", true}, "⊇": {"a superset of or equal to", true},
	"⊄": {"not a subset of", true}, "≮": {"not less than", true}, "≯": {"not greater than", true}, "≰": {"not less than or equal to", true},
	"≱": {"not greater than or equal to", true}, "∝": {"proportional to", true}, "∼": {"similar to", true},
	"<<": {"less than less than", false}, ">>": {"greater than greater than", false}, "=~": {"matches", false},
	"+=": {"plus equals", false}, "-=": {"minus equals", false}, "*=": {"times equals", false}, "/=": {"divided by equals", false},
	"->": {"to", false}, "-->": {"to", false}, "<-": {"from", false}, "<--": {"from", false}, "<->": {"to and from", false},
	"=>": {"arrow", false}, "⇒": {"implies", false}, "⇔": {"if and only if", false}, "<=>": {"if and only if", false},
	"&&": {"and", false}, "||": {"or", false},
}

// arrows and relations are found by the longest sign that fits.
//
// Read-only table.
var (
	arrowPattern    = regexp.MustCompile(`\s*(<->|<?-{1,2}>|<-{1,2}|<=>|=>|[-+*/]=)\s*`)
	relationPattern = regexp.MustCompile(`\s*(===|!==|=/=|==|!=|<=|>=|=<|<>|<<|>>|:=|~=|=~|&&|\|\||[<>=≤≥≠≈≡≅≪≫∈∉⊂⊆⊃⊇⊄≮≯≰≱∝∼⇒⇔])\s*`)
)

// formulas are the rules for what binds closer than the signs between operands.
//
// Read-only table.
var formulas = []rule{
	{gate: "<-=", pattern: arrowPattern, say: sayArrow},
	{gate: "|", pattern: regexp.MustCompile(`(^|[\s(=+*/<>−-])\|([^|\s](?:[^|\n]{0,30}[^|\s])?)\|`), say: sayAbsolute},
	{gate: "(", pattern: regexp.MustCompile(`\b([A-Za-z])\((\w|-?\d+)\)`), with: "$1 of $2"},
	{gate: "!", pattern: regexp.MustCompile(`(\d|\))!(\s+=|\s*[+*/×÷-])`), with: "$1 factorial$2"},
	{gate: "!", pattern: regexp.MustCompile(`(^|[^A-Za-z0-9!])!([A-Za-z(])`), with: "${1}not $2"},
	{gate: "+", pattern: regexp.MustCompile(`([A-Za-z])\+\+`), with: "$1 plus plus"},
	{gate: "-", pattern: regexp.MustCompile(`\b([a-z])--(\s|$|[;)])`), with: "$1 minus minus$2"},
	{gate: "#", pattern: regexp.MustCompile(`\b([A-GJ])#`), with: "$1 sharp"},
	{gate: "*", pattern: regexp.MustCompile(`(\d|\b[a-z]|\)) ?\*\* ?([-−]?)(\d+|[a-z]\b|\()`), with: "$1^$2$3"},
	{gate: "^", pattern: regexp.MustCompile(`\^(?:\(([+−-]?)(\w+)\)|([+−-]?)(\w+(?:\.\d+)?)|)`), say: sayPower},
	{gate: "(", pattern: regexp.MustCompile(`(\w)\(\)`), with: "$1"},
	{gate: "√∛", pattern: regexp.MustCompile(`\s*([√∛])\s*`), say: saySign},
	{gate: "±∓÷", pattern: regexp.MustCompile(`\s*([±∓÷])\s*`), say: saySign},
	{gate: "×⋅xX", pattern: regexp.MustCompile(`\s*([×⋅])\s*| ?[xX] ?`), say: sayTimes},
	{gate: "x", pattern: regexp.MustCompile(`\b(` + numberPattern + `)x\b`), say: sayFold},
	{gate: "·", pattern: regexp.MustCompile(`\s*·\s*`), say: sayDot},
	{gate: "*", pattern: regexp.MustCompile(`\s*\*\s*`), say: sayStar},
	{gate: "+", pattern: regexp.MustCompile(`\s*\+\s*`), say: sayPlus},
	{gate: "-–", pattern: regexp.MustCompile(`(^|[\s(,;:])--([A-Za-z])`), with: "${1}dash dash $2"},
	{gate: "-", pattern: regexp.MustCompile(`(^|[\s(=])--(\d)`), with: "${1}minus minus $2"},
	{gate: "–", pattern: regexp.MustCompile(`(\d)\s?–\s?([-−]\d)`), with: "$1 to $2"},
	{gate: "-", pattern: regexp.MustCompile(`(\d)\s*-\s?-\s*(\d)`), with: "$1 minus minus $2"},
	{gate: "-–−", pattern: regexp.MustCompile(`\s*[-–−]\s*`), say: sayDash},
	{gate: "%", pattern: regexp.MustCompile(`([\w)]) % (\d)`), with: "$1 modulo $2"},
	{gate: "<>=≤≥≠≈≡≅≪≫∈∉⊂⊆⊃⊇⊄≮≯≰≱∝∼⇒⇔:~&|", pattern: relationPattern, say: sayRelation},
	{pattern: regexp.MustCompile(`  +`), with: " "},
}

func sayArrow(m match) (string, bool) {
	sign := m.group(1)
	if strings.HasPrefix(sign, "<-") && !strings.HasSuffix(sign, ">") && !strings.HasSuffix(m.group(0), " ") &&
		(isDigit(m.next()) || strings.ContainsRune(".$€£", m.next())) {
		return "<-", true // "x<-5" compares with a negative number
	}
	if sign[len(sign)-1] == '=' && operandBefore(m.before()) == none {
		return "", false
	}
	if sign == "->" && strings.Contains(m.before(), "=") && strings.Contains(m.after(), "=") {
		return ", then ", true // one equation after another
	}
	return " " + relations[sign].said + " ", true
}

// sayRelation says a relation, with "is" before it where it stands apart from both sides and no
// other verb is there.
func sayRelation(m match) (string, bool) {
	sign := m.group(1)
	r := relations[sign]
	if sign == "<>" && (operandBefore(m.before()) == none || m.next() == 0) {
		return " ", true
	}
	said := " " + r.said + " "
	apart := strings.HasPrefix(m.group(0), " ") && strings.HasSuffix(m.group(0), " ")
	if r.verb && apart && operandBefore(m.before()) != none && strings.LastIndexAny(m.before(), "∀∃") <= strings.LastIndexAny(m.before(), ",:;.") && !needsNoVerb[m.wordBefore()] && !asks.MatchString(m.near()) {
		said = " is" + said
	}
	return said, true
}

// asks is a question that has its verb in front: "Is 7 >= 7?"
//
// Read-only pattern.
var asks = regexp.MustCompile(`(?:^|[.!?:,"] *)(?:Is|Are|Was|Were)\b[^.!?:]*$`)

// needsNoVerb are words behind which "is" would be one verb too many.
//
// Read-only table.
var needsNoVerb = map[string]bool{
	"is": true, "are": true, "was": true, "were": true, "be": true, "if": true, "when": true, "where": true, "for": true, "with": true, "needs": true,
	"requires": true, "takes": true, "of": true, "to": true, "at": true, "than": true, "must": true, "and": true, "or": true, "has": true, "have": true,
	"means": true, "but": true, "until": true, "while": true, "unless": true, "nor": true, "then": true, "it's": true, "operator": true, "sign": true, "use": true, "only": true, "not": true, "isn't": true, "aren't": true, "by": true, "in": true,
}

func sayAbsolute(m match) (string, bool) {
	if strings.ContainsAny(m.group(2), ",;:?\"") {
		return "", false
	}
	return m.group(1) + " the absolute value of " + m.group(2) + " ", true
}

// sayPower says an exponent, unless it belongs to a unit: "5 m^2" are square meters.
func sayPower(m match) (string, bool) {
	sign, exponent := m.group(1)+m.group(3), m.group(2)+m.group(4)
	if exponent == "" {
		return " to the power of ", operandBefore(m.before()) != none && m.next() != 0
	}
	if sign == "" && (exponent == "2" || exponent == "3") && operandBefore(m.before()) != none {
		if exponent == "2" {
			return " squared ", !unitEnd.MatchString(m.near())
		}
		return " cubed ", !unitEnd.MatchString(m.near())
	}
	said := " to the power of "
	switch sign {
	case "-", "−":
		said += "minus "
	case "+":
		said += "plus "
	}
	return said + exponent + " ", true
}

// Read-only pattern.
var unitEnd = regexp.MustCompile(`(?:\d ?|/)(?:mm|cm|dm|km|m|ft|in|mi|yd|s)$`)

func saySign(m match) (string, bool) {
	sign := []rune(m.group(1))[0]
	return " " + mathSigns[sign] + " ", true
}

// sayTimes says a product, or "by" between the sides of something that is measured: "10 × 20 cm",
// "1920x1080".
func sayTimes(m match) (string, bool) {
	said := "times"
	sides := operandBefore(m.before()) == digits || sideStart.MatchString(m.near())
	if m.group(1) == "" && (!isDigit(m.next()) || !sideStart.MatchString(m.near())) {
		return "", false
	}
	sides = sides && operandAfter(m.after()) == digits && !tenPower.MatchString(m.after())
	if sides && !asksForSum(m) && (m.group(1) == "" || sideEnd.MatchString(m.after())) {
		said = "by"
	}
	return " " + said + " ", true
}

// tenPower is what a number in scientific notation ends in.
//
// Read-only pattern.
var tenPower = regexp.MustCompile(`^10 to the power of `)

// sideStart and sideEnd are a number with a unit of length perhaps; behind may be another side.
//
// Read-only pattern.
var sideStart = regexp.MustCompile(`\d(?: ?(?:"|'|mm|cm|m|km|ft|in|px))?$`)

// Read-only pattern.
var sideEnd = regexp.MustCompile(`^[\d.,]+(?: ?(?:mm|cm|km|m|ft|in|inches|px|pixels|feet|meters|"|')| ?[×xX] ?\d)`)

// sayFold says "2x faster" as "two times faster" and leaves "2x + 3" to be "two x".
func sayFold(m match) (string, bool) {
	if a := strings.TrimLeft(m.after(), " "); a != "" && strings.ContainsAny(a[:1], "+-=*/^<>)&|") || strings.HasPrefix(a, "−") || strings.HasPrefix(a, "≤") || strings.HasPrefix(a, "≥") {
		return "", false
	}
	if b := strings.TrimRight(m.before(), " "); b != "" && strings.ContainsAny(lastOf(b), "+-=*/^<>(") && !foldRange.MatchString(ending(b)) || strings.HasSuffix(b, "−") || asksForSum(m) {
		return "", false
	}
	return m.group(1) + " times", true
}

// foldRange is the first number of "2-3x".
//
// Read-only pattern.
var foldRange = regexp.MustCompile(`\d[-–]$`)

// sayDot says a middle dot between operands as a product, anywhere else as a pause.
func sayDot(m match) (string, bool) {
	l, r := operandBefore(m.before()), operandAfter(m.after())
	if (l == digits || l == letter) && (r == digits || r == letter) {
		return " times ", true
	}
	return ", ", true
}

// sayStar says a product where both sides are operands; anything else is a mark.
func sayStar(m match) (string, bool) {
	l, r := operandBefore(m.before()), operandAfter(m.after())
	apart := strings.HasPrefix(m.group(0), " ") && strings.HasSuffix(m.group(0), " ")
	if m.wordAfter() == "FROM" {
		return " star ", true
	}
	if l != none && r != none && (apart || l != word && r != word) {
		return " times ", true
	}
	return strings.ReplaceAll(m.group(0), "*", ""), true
}

// sayPlus says a plus sign; at the beginning of a line it may be the mark of a list.
func sayPlus(m match) (string, bool) {
	if m.before() == "" && strings.HasSuffix(m.group(0), " ") && operandAfter(m.after()) == word {
		return "", true
	}
	return " plus ", true
}
