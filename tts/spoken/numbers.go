package spoken

import (
	"regexp"
	"strings"
)

// counted are the rules for numbers whose form says what they are: versions, powers of ten,
// hexadecimal numbers, Roman numerals.
//
// Read-only table.
var counted = []rule{
	{gate: ".", pattern: regexp.MustCompile(`(\d)\.{2,3}=?(\d)`), with: "$1 to $2"},
	{gate: "/", pattern: regexp.MustCompile(`(\d)/(\d+ (?:stars?|points?))\b`), with: "$1 out of $2"},
	{gate: "b", pattern: regexp.MustCompile(`\b0b([01]+)\b`), say: func(m match) (string, bool) { return "binary " + spell(m.group(1)), true }},
	{gate: "o", pattern: regexp.MustCompile(`\b0o([0-7]+)\b`), say: func(m match) (string, bool) { return "octal " + spell(m.group(1)), true }},
	{gate: "x", pattern: regexp.MustCompile(`\b0x([0-9A-Fa-f]+)\b`), say: func(m match) (string, bool) { return "hex " + sayHex(m.group(1)), true }},
	{gate: "v", pattern: regexp.MustCompile(`\b[vV](?:ersion )?\.?(\d+(?:\.(?:\d+|x))*)(-[A-Za-z]+)?(?:[-.]?(\d+))?\b`), say: sayVersion},
	{gate: ".", pattern: regexp.MustCompile(`\b\d{1,3}(?:\.\d{3}){2,}\b`), say: sayDottedThousands},
	{gate: ".", pattern: regexp.MustCompile(`\b(\d+(?:\.\d+){2,})(-[A-Za-z]+)?(?:[-.](\d+))?\b`), say: sayVersion},
	{gate: "eE", pattern: regexp.MustCompile(`\b(\d+(?:\.\d+)?)[eE]([+−-]?)(\d{1,3})\b`), say: sayScientific},
	{gate: "IVXLC", pattern: regexp.MustCompile(`\b([A-Z]?[a-z]+) ([IVXLC]+)\b`), say: sayRoman},
}

// sayVersion says "v1.2.3" as "version one point two point three".
func sayVersion(m match) (string, bool) {
	if insideNumber(m) || m.prev() == '.' {
		return "", false
	}
	said := ""
	if c := m.group(0)[0]; c == 'v' || c == 'V' {
		said = "version "
	}
	parts := strings.Split(m.group(1), ".")
	for i, p := range parts {
		if p != "x" {
			parts[i] = cardinal(p)
		}
	}
	said += strings.Join(parts, " point ")
	if word := strings.TrimPrefix(m.group(2), "-"); word != "" {
		said += " " + word
	}
	if m.group(3) != "" {
		said += " " + cardinal(m.group(3))
	}
	return said, true
}

func sayDottedThousands(m match) (string, bool) {
	if insideNumber(m) || strings.HasPrefix(m.group(0), "0") {
		return "", false
	}
	return cardinal(strings.NewReplacer(".", "", " ", "").Replace(m.group(0))), true
}

func sayScientific(m match) (string, bool) {
	if insideNumber(m) || m.prev() == '.' {
		return "", false
	}
	said := number(m.group(1)) + " times ten to the power of "
	if sign := m.group(2); sign == "-" || sign == "−" {
		said += "minus "
	}
	return said + cardinal(trimZeros(m.group(3))), true
}

// numberedThings are followed by a Roman numeral that counts, rulers by one that ranks.
//
// Read-only table.
var (
	numberedThings = wordSet("war chapter part act scene volume section phase type class book appendix article level grade stage season episode bowl title figure table step mark tier " +
		"unit division group schedule round apollo rocky symphony no psalm canto vatican schengen type mk final")
	rulers = wordSet("henry louis elizabeth charles george edward james william richard john paul pius benedict francis leo alexander catherine frederick philip ferdinand " +
		"napoleon ramses peter nicholas wilhelm otto constantine gregory innocent clement urban boniface ptolemy victor umberto haakon gustav carl margrethe christian olav " +
		"alfonso juan felipe pedro joseph leopold albert baudouin julius urban sixtus callixtus eugene martin adrian hadrian stephen robert david malcolm " +
		"kenneth mary anne isabella thutmose amenhotep darius xerxes artaxerxes mehmed selim murad suleiman ivan vladimir theodore michael")
)

// wordSet makes a set of words.
func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// sayRoman says a Roman numeral where it is certain to be one: behind what is numbered, or behind
// the name of a ruler.
func sayRoman(m match) (string, bool) {
	n, ok := roman(m.group(2))
	if !ok {
		return "", false
	}
	head, name := m.group(1), strings.ToLower(m.group(1))
	if m.group(2) == "I" && m.wordAfter() != "" && !numberedThings[name] {
		return "", false // "Then Elizabeth I think"
	}
	switch {
	case numberedThings[name] && (m.group(2) != "I" || head != name || m.wordAfter() == ""):
		return head + " " + below100(n), true
	case rulers[name] && head != name:
		return head + " the " + rank(below100(n)), true
	}
	return "", false
}

// fractions are the rules for quotients and ranks.
//
// Read-only table.
var fractions = []rule{
	{gate: "/", pattern: regexp.MustCompile(`(?:\b(\d+)(?: |-))?\b(\d+)/(\d+)(?:( ?|-)(` + unitPattern + `)\b)?`), say: sayFraction},
	{gate: "/", pattern: regexp.MustCompile(`\b(\d+\.\d+) ?/ ?(\d+(?:\.\d+)?)\b|\b(\d+) ?/ ?(\d+\.\d+)\b`), say: sayRating},
	{gate: "/", pattern: regexp.MustCompile(`(\d|\)|\b[A-Za-z]) ?/ ?(\d|\(|[A-Za-z]\b)`), say: sayQuotient},
	{gate: "/", pattern: regexp.MustCompile(` ?/ ?(` + numberPattern + `)`), say: sayOver},
	{pattern: regexp.MustCompile(`\b(\d{1,3}(?:,\d{3})+|\d+)(st|nd|rd|th|ST|ND|RD|TH)\b`), say: sayOrdinal},
}

// sayFraction says "3/4" as "three quarters", "2 1/2 km" as "two and a half kilometers", and what
// is no common fraction with "over".
func sayFraction(m match) (string, bool) {
	if m.next() == '/' || m.prev() == '/' || m.prev() == '.' || m.prev() == ',' || isWord(m.next()) || m.next() == '.' && len(m.after()) > 1 && isDigit(rune(m.after()[1])) {
		return "", false
	}
	whole, top, bottom := m.group(1), m.group(2), m.group(3)
	said := fraction(top, bottom)
	if whole != "" {
		if said == "one half" || said == "one quarter" {
			said = "a" + strings.TrimPrefix(said, "one")
		}
		said = cardinal(whole) + " and " + said
	}
	if name := m.group(5); name != "" && !never[name] && (m.group(4) != " " || !attached[name]) {
		u := units[name]
		switch {
		case whole != "":
			return said + " " + u.many, true
		case m.group(4) == "-" || strings.HasPrefix(said, "one "):
			return said + " " + u.one, true
		case strings.ContainsRune("aeiou", rune(u.one[0])) || u.one == "hour":
			return said + " of an " + u.one, true
		}
		return said + " of a " + u.one, true
	}
	return said + m.group(4) + m.group(5), true
}

// fraction says a quotient of whole numbers. Denominators up to ten, round ones up to a thousand,
// and proper fractions have names.
func fraction(top, bottom string) string {
	var name string
	switch bottom {
	case "2":
		name = "half"
	case "4":
		name = "quarter"
	case "3", "5", "6", "7", "8", "9", "10", "12", "16", "20", "32", "64", "100", "1000":
		name = ordinal(bottom)
		if bottom == "100" || bottom == "1000" {
			name = strings.TrimPrefix(name, "one ")
		}
	}
	if name == "" || len(top) > len(bottom) || len(top) == len(bottom) && top >= bottom {
		return cardinal(top) + " over " + cardinal(bottom)
	}
	switch {
	case top == "1":
		return "one " + name
	case name == "half":
		return cardinal(top) + " halves"
	}
	return cardinal(top) + " " + name + "s"
}

// sayRating says a decimal number over another: "8.5/10" is "eight point five out of ten".
func sayRating(m match) (string, bool) {
	top, bottom := m.group(1)+m.group(3), m.group(2)+m.group(4)
	if insideNumber(m) {
		return "", false
	}
	if bottom == "5" || bottom == "10" || bottom == "100" {
		return top + " out of " + bottom, true
	}
	return top + " over " + bottom, true
}

func sayQuotient(m match) (string, bool) {
	if insideNumber(m) {
		return "", false
	}
	apart := strings.Contains(m.group(0), " ")
	l, r := m.group(1), m.group(2)
	if !apart && isUnit(l) && (isUnit(r) || isLetterOf(r)) && isDigit(lastRune(strings.TrimRight(m.before(), " "))) {
		return "", false // "10 m/s"
	}
	if isWord(m.next()) && r != "(" && !isDigit(rune(r[0])) || isDigit(rune(l[0])) && r != "(" && !isDigit(rune(r[0])) && !apart && isUnit(r) {
		return "", false
	}
	if apart || l == ")" || r == "(" {
		return l + " divided by " + r, true
	}
	if isLetterOf(l) && isLetterOf(r) && strings.EqualFold(l+r, "na") {
		return "not applicable", true
	}
	return l + " over " + r, true
}

// sayOver says the quotient of something with a unit and a bare number: "50%/2".
func sayOver(m match) (string, bool) {
	return " over " + m.group(1), operandBefore(m.before()) == digits && !isDigit(m.prev()) && !isWord(m.next()) && !isUnit(m.wordAfter())
}

func isLetterOf(s string) bool { return len(s) == 1 && !isDigit(rune(s[0])) && s != ")" && s != "(" }

func sayOrdinal(m match) (string, bool) {
	digits := strings.ReplaceAll(m.group(1), ",", "")
	if insideNumber(m) || m.prev() == '.' {
		return "", false
	}
	return ordinal(digits), true
}

// rest says every number that no rule before took, and takes digits apart from letters: "H2O" is "H
// two O".
//
// Read-only table.
var rest = []rule{
	{gate: ",", pattern: regexp.MustCompile(`,`), say: sayComma},
	{pattern: regexp.MustCompile(numberPattern), say: sayNumber},
}

// sayComma takes the numbers of a list apart that is written without spaces. Three digits behind a
// comma are thousands.
func sayComma(m match) (string, bool) {
	behind := strings.IndexFunc(m.after()+" ", func(r rune) bool { return !isDigit(r) })
	return ", ", isDigit(m.prev()) && behind > 0 && behind != 3
}

func sayNumber(m match) (string, bool) {
	said := number(m.group(0))
	if strings.HasPrefix(m.group(0), ".") {
		if isWord(m.prev()) {
			said = "point " + spell(m.group(0)[1:])
		}
	}
	if isWord(m.prev()) || m.prev() == '.' {
		said = " " + said
	}
	if isWord(m.next()) {
		said += " "
	}
	return said, true
}
