package spoken

import (
	"regexp"
	"strings"
)

//nolint:gochecknoglobals // read-only table
var months = []string{
	"", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
}

// shortMonths are written with or without a dot.
//
//nolint:gochecknoglobals // read-only table
var shortMonths = map[string]string{
	"jan": "January", "feb": "February", "mar": "March", "apr": "April", "jun": "June", "jul": "July", "aug": "August", "sep": "September",
	"sept": "September", "oct": "October", "nov": "November", "dec": "December",
}

const monthPattern = `(January|February|March|April|May|June|July|August|September|October|November|December|` +
	`(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?)`

// dates are the rules for days, months, years and decades. A date of two numbers and a year with slashes is read as in the United States (month first)
// unless its first number is no month; with dots the day comes first.
//
//nolint:gochecknoglobals // read-only table
var dates = []rule{
	{gate: "T", pattern: regexp.MustCompile(`\b(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?`), say: sayTimestamp},
	{gate: "-/.", pattern: regexp.MustCompile(`\b(\d{4})([-/.])(\d{1,2})([-/.])(\d{1,2})\b`), say: sayISODate},
	{gate: "-/.", pattern: regexp.MustCompile(`\b(\d{1,2})([-/.])(\d{1,2})([-/.])(\d{4}|\d{2})\b`), say: sayNumericDate},
	{pattern: regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th)?[- ](?:of )?` + monthPattern + `(?:[- ,]+(\d{4}))?(\b|\s|$)`), say: sayDayMonth},
	{pattern: regexp.MustCompile(`\b` + monthPattern + `[- ](\d{1,2})(?:st|nd|rd|th)?((?: ?[-–] ?| to )(\d{1,2})(?:st|nd|rd|th)?)?(?:(,? |-)(\d{4}))?\b`), say: sayMonthDay},
	{pattern: regexp.MustCompile(`\b` + monthPattern + `(,? (?:of )?)(\d{4})\b`), say: sayMonthYear},
	{gate: "/", pattern: regexp.MustCompile(`\b(\d{1,2})/(\d{1,2})\b`), say: sayShortDate},
	{gate: "s", pattern: regexp.MustCompile(`\b([12]\d{2}0)(?:s?\s?[-–]\s?([12]\d{2}0|\d0))?'?s\b`), say: sayDecade},
	{gate: "s", pattern: regexp.MustCompile(`'(\d0)s\b|\b(\d0)'s\b|\b([2-9]0)s\b`), say: sayShortDecade},
	{gate: "'", pattern: regexp.MustCompile(`'(\d\d)\b`), say: sayShortYear},
	{gate: "-–", pattern: regexp.MustCompile(`\b(1[1-9]\d\d|20\d\d)(?:–| ?- ?)(\d{4}|\d\d)\b`), say: sayYears},
	{gate: "BCAED", pattern: regexp.MustCompile(`\b(\d{1,4})\s?(B\.?C\.?E?\.?|A\.?D\.?|C\.?E\.?)(\b|\s|$)|\b(A\.?D\.?) (\d{1,4})\b`), say: sayEra},
	{gate: "-–", pattern: regexp.MustCompile(`\b(Mon|Tues?|Wed|Thu|Thurs|Fri|Sat|Sun)\.?[-–](Mon|Tues?|Wed|Thu|Thurs|Fri|Sat|Sun)\b\.?`), say: sayDays},
	{gate: "Q", pattern: regexp.MustCompile(`\bQ([1-4])[ -]?(\d{4})?\b`), say: sayQuarter},
	{pattern: regexp.MustCompile(`\b(1[1-9]\d\d|20\d\d)\b`), say: sayYear},
}

// monthName is the full name of a written month, or "".
func monthName(s string) string {
	if full, ok := shortMonths[strings.ToLower(strings.TrimSuffix(s, "."))]; ok {
		return full
	}
	return s
}

// sayDate says month, day and year; digits of a year may be missing.
func sayDate(month, day, yyyy string) (string, bool) {
	m, d := small(month), small(day)
	if m < 1 || m > 12 || d < 1 || d > 31 {
		return "", false
	}
	said := months[m] + " " + ordinal(strings.TrimLeft(day, "0"))
	if yyyy != "" {
		said += ", " + year(yyyy)
	}
	return said, true
}

func sayTimestamp(m match) (string, bool) {
	said, ok := sayDate(m.group(2), m.group(3), m.group(1))
	if !ok || small(m.group(4)) > 24 || small(m.group(5)) > 59 {
		return "", false
	}
	said += ", " + clock(m.group(4), m.group(5))
	if seconds := strings.TrimLeft(m.group(6), "0"); seconds != "" {
		said += " and " + count(seconds, "second", "seconds")
	}
	switch zone := m.group(7); {
	case zone == "Z":
		said += " U T C"
	case zone != "":
		said += " U T C " + sayOffset(zone)
	}
	return said, true
}

// sayOffset says the difference to universal time: "+02:00" is "plus two".
func sayOffset(zone string) string {
	sign := "plus "
	if zone[0] == '-' {
		sign = "minus "
	}
	digits := strings.ReplaceAll(zone[1:], ":", "")
	said := sign + cardinal(strings.TrimLeft(digits[:2], "0")+"")
	if small(digits[:2]) == 0 {
		said = sign + "zero"
	}
	if small(digits[2:]) != 0 {
		said += " " + below100(small(digits[2:]))
	}
	return said
}

// count says a number with its noun.
func count(digits, one, many string) string {
	if isOne(digits) {
		return "one " + one
	}
	return cardinal(digits) + " " + many
}

// insideNumber answers whether a match is part of a longer chain of digits and signs, so that it is no date, time or range by itself.
func insideNumber(m match) bool {
	b, a := m.before(), m.after()
	if len(b) > 1 && strings.ContainsRune("-/.:", m.prev()) && isDigit(rune(b[len(b)-2])) {
		return true
	}
	return len(a) > 1 && strings.ContainsRune("-/.:", m.next()) && isDigit(rune(a[1]))
}

func sayISODate(m match) (string, bool) {
	if m.group(2) != m.group(4) || insideNumber(m) {
		return "", false
	}
	return sayDate(m.group(3), m.group(5), m.group(1))
}

// sayNumericDate says dates with the year behind. Two digits of a year are a date with slashes only.
func sayNumericDate(m match) (string, bool) {
	sep := m.group(2)
	if sep != m.group(4) || insideNumber(m) || len(m.group(5)) == 2 && sep != "/" || m.prev() == 'v' {
		return "", false
	}
	month, day := m.group(1), m.group(3)
	if sep == "." || small(month) > 12 {
		month, day = day, month
	}
	yyyy := m.group(5)
	if len(yyyy) == 2 {
		century := "20"
		if small(yyyy) >= 50 {
			century = "19"
		}
		yyyy = century + yyyy
	}
	return sayDate(month, day, yyyy)
}

// sayDayMonth says "15 March 2024" as "the fifteenth of March, twenty twenty-four". "May" in lower case is another word, and not in the pattern.
func sayDayMonth(m match) (string, bool) {
	day := strings.TrimLeft(m.group(1), "0")
	if d := small(day); d < 1 || d > 31 || insideNumber(m) && m.prev() != '-' {
		return "", false
	}
	article := "the "
	if w := m.wordBefore(); w == "the" {
		article = ""
	}
	said := article + ordinal(day) + " of " + monthName(m.group(2))
	if m.group(3) != "" {
		said += ", " + year(m.group(3))
	}
	return said + m.group(4), true
}

// sayMonthDay says "March 15, 2024" as "March fifteenth, twenty twenty-four".
func sayMonthDay(m match) (string, bool) {
	day := strings.TrimLeft(m.group(2), "0")
	if d := small(day); d < 1 || d > 31 || isDigit(m.next()) || m.next() == ':' || m.next() == '%' {
		return "", false
	}
	if m.group(1) == "May" && m.group(3) == "" && m.group(6) == "" && isSpace(m.next()) && m.wordAfter() != "" && isUnit(m.wordAfter()) {
		return "", false
	}
	said := monthName(m.group(1)) + " " + ordinal(day)
	if last := m.group(4); last != "" {
		said += " to " + ordinal(strings.TrimLeft(last, "0"))
	}
	if m.group(6) != "" {
		said += ", " + year(m.group(6))
	}
	return said, true
}

func sayMonthYear(m match) (string, bool) {
	return monthName(m.group(1)) + m.group(2) + year(m.group(3)), true
}

// sayShortDate says "3/15" behind a word that asks for a date as a day, and two fixed expressions. Everything else is a fraction.
func sayShortDate(m match) (string, bool) {
	switch m.group(0) {
	case "24/7":
		return "twenty-four seven", true
	case "9/11":
		return "nine eleven", true
	case "50/50":
		return "fifty fifty", true
	}
	if insideNumber(m) {
		return "", false
	}
	switch m.wordBefore() {
	case "on", "until", "due", "by", "since", "dated", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday":
		return sayDate(m.group(1), m.group(2), "")
	}
	return "", false
}

func sayDecade(m match) (string, bool) {
	if m.prev() == '$' || m.prev() == '.' || insideNumber(m) {
		return "", false
	}
	said := decade(m.group(1))
	if m.group(2) != "" {
		said += " to " + decade(m.group(2))
	}
	return said, true
}

// sayShortDecade says "'90s" and "the 90s"; "in 30s" without an article are seconds.
func sayShortDecade(m match) (string, bool) {
	digits := m.group(1) + m.group(2) + m.group(3)
	if m.group(3) != "" {
		switch m.wordBefore() {
		case "the", "early", "late", "mid", "his", "her", "their", "my", "your", "into":
		default:
			if !strings.HasSuffix(m.before(), "mid-") {
				return "", false
			}
		}
	}
	if small(digits) < 20 || m.group(1) != "" && isWord(m.prev()) {
		return "", false
	}
	return decade(digits), true
}

// sayShortYear says "'98" behind a word as "ninety-eight": "the summer of '98".
func sayShortYear(m match) (string, bool) {
	if !isSpace(m.prev()) && m.prev() != '(' || strings.HasPrefix(m.after(), "'") {
		return "", false
	}
	low := small(m.group(1))
	if low < 10 {
		return "oh " + ones[low], true
	}
	return below100(low), true
}

// sayYears says a range of years: "1939-45", "2020–2024". The second has to be later.
func sayYears(m match) (string, bool) {
	from, to := m.group(1), m.group(2)
	if len(to) == 2 {
		to = from[:2] + to
	}
	if small(to) <= small(from) || small(to) > 2100 || insideNumber(m) || !yearLike(m) || strings.ContainsAny(m.text, "=+×") {
		return "", false
	}
	return year(from) + " to " + year(m.group(2)), true
}

// sayEra says years before and after Christ.
func sayEra(m match) (string, bool) {
	if era := m.group(2); era != "" {
		if era == "CE" && len(m.group(1)) < 2 {
			return "", false
		}
		return year(m.group(1)) + " " + letters(era) + m.group(3), true
	}
	return letters(m.group(4)) + " " + year(m.group(5)), true
}

// letters puts spaces between the letters of an abbreviation and takes its dots away.
func letters(s string) string {
	return strings.Join(strings.Split(strings.ReplaceAll(s, ".", ""), ""), " ")
}

// sayDays says a range of days of the week.
func sayDays(m match) (string, bool) {
	return weekdays[m.group(1)[:3]] + " to " + weekdays[m.group(2)[:3]], true
}

//nolint:gochecknoglobals // read-only table
var weekdays = map[string]string{
	"Mon": "Monday", "Tue": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday",
}

func sayQuarter(m match) (string, bool) {
	said := "Q " + ones[small(m.group(1))]
	if m.group(2) != "" {
		said += " " + year(m.group(2))
	}
	return said, true
}

// sayYear says four digits as a year where what stands around them allows it.
func sayYear(m match) (string, bool) {
	if insideNumber(m) || !yearLike(m) {
		return "", false
	}
	if small(m.group(1)) >= 1900 {
		return year(m.group(1)), true
	}
	switch m.wordBefore() {
	case "in", "since", "until", "till", "by", "from", "to", "of", "year", "around", "circa", "about", "during", "before", "after", "early", "late", "and", "between", "born", "dated":
		return year(m.group(1)), true
	}
	return "", false
}

// yearLike answers whether a number of four digits counts nothing: no unit, currency, sign or plural stands beside it.
func yearLike(m match) bool {
	if strings.Contains(m.text, "=") {
		return false
	}
	if b := m.before(); m.prev() == '-' && !isWord(lastRune(b[:len(b)-1])) {
		return false
	}
	if strings.ContainsRune("$€£¥+-−.,#@^×*/_:", m.prev()) && m.prev() != 0 && !(m.prev() == '/' || m.prev() == '-') {
		return false
	}
	if isWord(m.prev()) || isWord(m.next()) || strings.ContainsRune("%°^×*", m.next()) && m.next() != 0 {
		return false
	}
	l, r := lastRune(strings.TrimRight(m.before(), " ")), firstRune(strings.TrimLeft(m.after(), " "))
	if l != 0 && strings.ContainsRune("+*<>/^×÷−±≤≥≠≈", l) || r != 0 && strings.ContainsRune("+*<>/×÷−±≤≥≠≈%°", r) {
		return false
	}
	word := m.wordAfter()
	switch word {
	case "is", "was", "has", "as", "this", "its", "s", "'s", "plus", "times", "minus":
		return word != "plus" && word != "times" && word != "minus"
	case "people", "of", "more", "or", "percent", "million", "billion", "thousand", "hundred", "dollars", "men", "women", "children":
		return word == "of" && m.wordBefore() == "in" || word == "or" || word == "more" && false
	}
	return !isUnit(word) && !(len(word) > 3 && strings.HasSuffix(word, "s") && strings.ToLower(word) == word)
}
