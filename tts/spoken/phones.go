package spoken

import (
	"regexp"
	"strings"
)

// codes are the rules for digits that name something: telephone numbers, cards, postal codes,
// serial numbers. They are said one by one, with a pause where a sign or space stands.
//
// Read-only table.
var codes = []rule{
	{gate: "-", pattern: regexp.MustCompile(`\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b`), say: saySerial},
	{gate: "-", pattern: regexp.MustCompile(`\b[A-Za-z0-9]{2,}(?:-[A-Za-z0-9]{2,})+\b`), say: sayKey},
	{pattern: regexp.MustCompile(`\b(?:[0-9a-f]{7,64}|[0-9A-F]{7,64})\b`), say: sayHash},
	{pattern: regexp.MustCompile(`\b([A-Z]{2})(\d{2}(?: ?[A-Z\d]{4}){3,7}(?: ?\d{1,3})?)\b`), say: sayAccount},
	{gate: "+", pattern: regexp.MustCompile(`\+(\d{1,3}(?:[ .-]?\(?\d{1,5}\)?){1,6})\b`), say: sayInternational},
	{pattern: regexp.MustCompile(`(?:\b1[ .-])?(?:\(\d{3}\) ?|\b\d{3}[ .-])\d{3}[ .-]\d{4}\b(?:,? (?:extension |ext\.? |x ?)(\d{1,6})\b)?`), say: sayPhone},
	{gate: " ", pattern: regexp.MustCompile(`\b\d{1,3}(?: \d{3}){2,}\b|\b\d{1,3} 0\d\d\b`), say: sayDottedThousands},
	{gate: "-", pattern: regexp.MustCompile(`\b\d+(?:-\d+){2,}(?:-[xX])?\b`), say: sayGroups},
	{gate: "-.", pattern: regexp.MustCompile(`\b(\d{3})[-.](\d{4})\b`), say: sayLocalPhone},
	{gate: "-", pattern: regexp.MustCompile(`\b\d{5}-\d{4}\b`), say: sayGroups},
	{gate: "0", pattern: regexp.MustCompile(`\b0\d{2,4}(?:[ /-]\d{3,}){1,3}\b`), say: sayGroups},
	{pattern: regexp.MustCompile(`\b\d{4}(?: \d{4}){2,4}\b`), say: sayGroups},
	{pattern: regexp.MustCompile(`(?i)\b(zip(?: code)?|pin|code|extension|ext\.?|otp|password|passcode|pnr|ending in|serial(?: number)?|isbn|iso|rfc|ieee|room|flight|route|highway|bus|area code|p o box|call|dial|text)(:? (?:is |number )?)(\d{3,9})\b`), say: sayNamed},
}

// groups says the digits of a code, group by group.
func groups(s string) string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return !isDigit(r) && r != 'X' && r != 'x' })
	for i, p := range parts {
		if p == "X" || p == "x" {
			parts[i] = "X"
			continue
		}
		parts[i] = spell(strings.Trim(p, "xX"))
	}
	return strings.Join(parts, ", ")
}

// inSum answers whether signs beside a match make it arithmetic.
func inSum(m match) bool {
	b, a := strings.TrimRight(m.before(), " "), strings.TrimLeft(m.after(), " ")
	return strings.ContainsRune("=+*×÷/^<>", lastRune(b)) || strings.ContainsRune("=+*×÷/^<>", firstRune(a))
}

func sayInternational(m match) (string, bool) {
	digits := strings.Map(func(r rune) rune {
		if isDigit(r) {
			return r
		}
		return -1
	}, m.group(1))
	if len(digits) < 8 || len(digits) > 15 || isWord(m.prev()) || inSum(m) {
		return "", false
	}
	return "plus " + groups(m.group(1)), true
}

func sayPhone(m match) (string, bool) {
	if inSum(m) || insideNumber(m) || isWord(m.prev()) || isWord(m.next()) {
		return "", false
	}
	extension := m.group(1)
	said := groups(strings.TrimRight(strings.TrimSuffix(m.group(0), extension), ", .extnsio"))
	if extension != "" {
		said += ", extension " + spell(extension)
	}
	return said, true
}

// sayGroups says codes of three groups and more, and postal codes with an addition.
func sayGroups(m match) (string, bool) {
	if inSum(m) || insideNumber(m) || strings.ContainsRune("$€£,", m.prev()) || m.next() == ',' && isDigit(firstRune(m.after()[1:])) {
		return "", false
	}
	return groups(m.group(0)), true
}

// sayAccount says the number of a bank account: the letters of the country and the digits in
// groups.
func sayAccount(m match) (string, bool) {
	if strings.Trim(m.group(2), "0123456789 ") != "" {
		return "", false
	}
	return strings.Join(strings.Split(m.group(1), ""), " ") + " " + groups(m.group(2)), true
}

// saySerial spells a code of hexadecimal digits, group by group.
func saySerial(m match) (string, bool) {
	parts := strings.Split(m.group(0), "-")
	for i, p := range parts {
		parts[i] = sayHex(p)
	}
	return strings.Join(parts, ", "), true
}

// mixed answers whether a word has letters and digits.
func mixed(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.Trim(s, "0123456789") != ""
}

// sayKey spells a code of several groups of letters and digits: "A1B2-C3D4".
func sayKey(m match) (string, bool) {
	count := 0
	for part := range strings.SplitSeq(m.group(0), "-") {
		if mixed(part) && !measured.MatchString(part) {
			count++
		}
	}
	if count < 2 {
		return "", false
	}
	return saySerial(m)
}

// measured is a number with what may be a unit, or a rank: "5kg-10kg" is no code.
//
// Read-only pattern.
var measured = regexp.MustCompile(`^\d+[A-Za-z]+$`)

// sayHash spells the digits of a hash. Words and numbers are none, nor is a power of ten.
func sayHash(m match) (string, bool) {
	return sayHex(m.group(0)), mixed(m.group(0)) && !measured.MatchString(m.group(0)) && !scientific.MatchString(m.group(0))
}

// Read-only pattern.
var scientific = regexp.MustCompile(`^\d+[eE]\d{1,3}$`)

// sayLocalPhone says "555-1234". Two round numbers are a range ("200-1500 words"), as are numbers
// behind words that ask for one.
func sayLocalPhone(m match) (string, bool) {
	first, second := m.group(1), m.group(2)
	dot := m.text[m.at[3]] == '.'
	if inSum(m) || insideNumber(m) || first[0] == '0' || strings.ContainsRune("$€£.,", m.prev()) || m.next() == '%' {
		return "", false
	}
	switch m.wordBefore() {
	case "call", "phone", "dial", "at", "fax", "tel", "number", "text", "ring", "is":
		return groups(m.group(0)), !dot || m.wordBefore() != "is" && m.wordBefore() != "at"
	case "between", "from", "pages", "years":
		return "", false
	}
	round := strings.HasSuffix(first, "0") && strings.HasSuffix(second, "00")
	if dot || round || isUnit(m.wordAfter()) {
		return "", false
	}
	return groups(m.group(0)), true
}

// sayNamed spells the digits behind a word that says they are a code. Rooms, flights and roads are
// said in pairs.
func sayNamed(m match) (string, bool) {
	if a := m.after(); len(a) > 1 && strings.ContainsRune(".,-:/", m.next()) && isDigit(rune(a[1])) || strings.ContainsRune("%°$€", m.next()) {
		return "", false
	}
	said := spell(m.group(3))
	switch strings.ToLower(m.group(1)) {
	case "iso", "rfc", "ieee", "room", "flight", "route", "highway", "bus":
		said = pairs(m.group(3))
	case "call", "dial", "text", "code", "ending in":
		if isUnit(m.wordAfter()) || strings.HasSuffix(m.wordAfter(), "s") || m.wordAfter() == "people" {
			return "", false
		}
	}
	return m.group(1) + m.group(2) + said, true
}
