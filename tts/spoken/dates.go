package spoken

import (
	"regexp"
	"strings"
)

// Read-only table.
var months = []string{
	"", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
}

// shortMonths are written with or without a dot.
//
// Read-only table.
var shortMonths = map[string]string{
	"jan": "January", "feb": "February", "mar": "March", "apr": "April", "jun": "June", "jul": "July", "aug": "August", "sep": "September",
	"sept": "September", "oct": "October", "nov": "November", "dec": "December",
}

const monthPattern = `(January|February|March|April|May|June|July|August|September|October|November|December|` +
	`(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?)`

// dates are the rules for days, months, years and decades. A date of two numbers and a year with
// slashes is read as in the United States (month first) unless its first number is no month; with
// dots the day comes first.
//
// Read-only table.
var dates = []rule{
	{gate: "T", pattern: regexp.MustCompile(`\b(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?`), say: sayTimestamp},
	{gate: "-/.", pattern: regexp.MustCompile(`\b(\d{4})([-/.])(\d{1,2})([-/.])(\d{1,2})\b`), say: sayISODate},
	{gate: "-/.", pattern: regexp.MustCompile(`\b(\d{1,2})([-/.])(\d{1,2})([-/.])(\d{4}|\d{2})\b`), say: sayNumericDate},
	{gate: "-–", pattern: regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th)? ?[-–] ?(\d{1,2})(?:st|nd|rd|th)? ` + monthPattern + `(?:[ ,]+(\d{4}))?\b`), say: sayDaysMonth},
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
	if !ok {
		return "", false
	}
	if small(m.group(4)) > 24 || small(m.group(5)) > 59 {
		_, rest, _ := strings.Cut(m.group(0), "T")
		return said + ", " + rest, true // a day, and no time of day
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

// insideNumber answers whether a match is part of a longer chain of digits and signs, so that it is
// no date, time or range by itself.
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

// sayNumericDate says dates with the year behind. Two digits of a year are a date with slashes
// only.
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

// sayDayMonth says "15 March 2024" as "the fifteenth of March, twenty twenty-four". "May" in lower
// case is another word, and not in the pattern.
func sayDayMonth(m match) (string, bool) {
	day := strings.TrimLeft(m.group(1), "0")
	if d := small(day); d < 1 || d > 31 || insideNumber(m) {
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

// sayDaysMonth says "5-7 June" as "the fifth to the seventh of June".
func sayDaysMonth(m match) (string, bool) {
	from, to := strings.TrimLeft(m.group(1), "0"), strings.TrimLeft(m.group(2), "0")
	if small(from) < 1 || small(to) <= small(from) || small(to) > 31 || insideNumber(m) {
		return "", false
	}
	said := "the " + ordinal(from) + " to the " + ordinal(to) + " of " + monthName(m.group(3))
	if m.group(4) != "" {
		said += ", " + year(m.group(4))
	}
	return said, true
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

// sayShortDate says "3/15" behind a word that asks for a date as a day, and two fixed expressions.
// Everything else is a fraction.
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
