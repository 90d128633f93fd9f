package spoken

import (
	"strings"
)

// sayDecade says "1990s", and "1960s-80s" as a range.
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

// Read-only table.
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

// yearLike answers whether a number of four digits counts nothing: no unit, currency, sign or
// plural stands beside it.
func yearLike(m match) bool {
	if strings.Contains(m.text, "=") {
		return false
	}
	if b := m.before(); m.prev() == '-' && !isWord(lastRune(b[:len(b)-1])) {
		return false
	}
	if strings.ContainsRune("$€£¥+−.,#@^×*_:", m.prev()) {
		return false
	}
	if isWord(m.prev()) || isWord(m.next()) || strings.ContainsRune("%°^×*", m.next()) {
		return false
	}
	l, r := lastRune(strings.TrimRight(m.before(), " ")), firstRune(strings.TrimLeft(m.after(), " "))
	if strings.ContainsRune("+*<>/^×÷−±≤≥≠≈", l) || strings.ContainsRune("+*<>/×÷−±≤≥≠≈%°", r) {
		return false
	}
	word := m.wordAfter()
	switch word {
	case "is", "was", "has", "as", "this", "its", "versus", "always", "across", "does", "perhaps", "unless", "besides", "thus":
		return true
	case "plus", "times", "minus":
		return false
	case "people", "of", "more", "percent", "million", "billion", "thousand", "hundred", "men", "women", "children":
		return word == "of" && m.wordBefore() == "in"
	}
	plural := len(word) > 3 && strings.HasSuffix(word, "s") && strings.ToLower(word) == word
	return !isUnit(word) && !plural
}
