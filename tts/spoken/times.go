package spoken

import (
	"regexp"
	"strings"
)

// times are the rules for clock times, durations and ratios.
//
// Read-only table.
var times = []rule{
	{gate: "UG", pattern: regexp.MustCompile(`\b(UTC|GMT)\s?([+−-])\s?(\d{1,2})(?::?(\d{2}))?\b`), say: sayZone},
	{pattern: regexp.MustCompile(`\b(\d{1,2}(?:[:.]\d{2})?\s?[AaPp]\.? ?[Mm]\.?)\s?[-–]\s?(\d{1,2}(?:[:.]\d{2})?\s?[AaPp]\.? ?[Mm]\b)`), with: "$1 to $2"},
	{gate: ":.", pattern: regexp.MustCompile(`\b(\d{1,2})(?:[:.](\d{2}))?\s?([AaPp])\.? ?[Mm]\b(\.[ ,;:!?)]|\.$)?`), say: sayHalfDay},
	{pattern: regexp.MustCompile(`\b(\d{1,2})(?:–|-)(\d{1,2})\s?([AaPp])\.? ?[Mm]\b`), say: sayHalfDays},
	{pattern: regexp.MustCompile(`\b(\d{1,2})\s?([AaPp])\.? ?[Mm]\b(\.[ ,;:!?)]|\.$)?`), say: sayHour},
	{gate: ":", pattern: regexp.MustCompile(`\b(\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?\b`), say: sayClockSeconds},
	{gate: ":", pattern: regexp.MustCompile(`\b(\d{1,2}):([0-5]\d)(?:\s?[-–]\s?(\d{1,2}):([0-5]\d))?\b`), say: sayClock},
	{gate: ":", pattern: regexp.MustCompile(`\b(\d+):(\d+)\b`), say: sayRatio},
	{gate: "h", pattern: regexp.MustCompile(`\b(\d+)\s?h(?:rs?)?\s?(\d{1,2})\s?m(?:in)?\b(?:\s?(\d{1,2})\s?s(?:ec)?\b)?`), say: sayHours},
	{gate: "m", pattern: regexp.MustCompile(`\b(\d+)\s?m(?:in)?\s?(\d{1,2})\s?s(?:ec)?\b`), say: sayMinutes},
}

// clock says hours and minutes: "14:05" is "fourteen oh five", "09:00" "nine o'clock".
func clock(hours, minutes string) string {
	h, m := small(hours), small(minutes)
	switch {
	case m == 0 && h == 0:
		return "zero hundred"
	case m == 0 && h > 12:
		return below100(h) + " hundred"
	case m == 0:
		return ones[h] + " o'clock"
	case m < 10:
		return below100(h) + " oh " + ones[m]
	}
	return below100(h) + " " + below100(m)
}

// half says the half of the day and keeps the mark that ends a sentence.
func half(letter, dot string) string {
	said := " A M"
	if strings.EqualFold(letter, "p") {
		said = " P M"
	}
	if len(dot) > 1 && dot[1] != ' ' {
		return said + dot[1:]
	}
	return said + dot
}

func sayHalfDay(m match) (string, bool) {
	h, minutes := small(m.group(1)), m.group(2)
	if minutes == "" || h < 1 || h > 12 || small(minutes) > 59 || insideNumber(m) || isWord(m.prev()) {
		return "", false
	}
	said := below100(h)
	if minutes != "00" {
		said = clock(m.group(1), minutes)
	}
	return said + half(m.group(3), sentenceDot(m, 4)), true
}

func sayHour(m match) (string, bool) {
	h := small(m.group(1))
	if h < 1 || h > 12 || insideNumber(m) || isWord(m.prev()) || m.prev() == '$' {
		return "", false
	}
	return below100(h) + half(m.group(2), sentenceDot(m, 3)), true
}

// sentenceDot returns the dot behind "p.m." where it ends a sentence: nothing follows, or a capital
// letter.
func sentenceDot(m match, group int) string {
	dot := m.group(group)
	if strings.HasSuffix(dot, " ") && !startsSentence(m.after()) {
		return " "
	}
	return dot
}

func startsSentence(s string) bool {
	r := firstRune(strings.TrimLeft(s, openers+" "))
	return r == 0 || r >= 'A' && r <= 'Z'
}

func sayHalfDays(m match) (string, bool) {
	from, to := small(m.group(1)), small(m.group(2))
	if from < 1 || from > 12 || to < 1 || to > 12 || insideNumber(m) {
		return "", false
	}
	return below100(from) + " to " + below100(to) + half(m.group(3), ""), true
}

func sayClockSeconds(m match) (string, bool) {
	h, minutes, seconds := small(m.group(1)), small(m.group(2)), small(m.group(3))
	if h > 24 || minutes > 59 || seconds > 59 || insideNumber(m) {
		return "", false
	}
	said := clock(m.group(1), m.group(2))
	if seconds == 0 {
		return said, true
	}
	if minutes == 0 {
		said = below100(h) + " hundred"
	}
	return said + " and " + count(strings.TrimLeft(m.group(3), "0"), "second", "seconds"), true
}

// sayClock says a time of day or a range of two. "24:59" is none.
func sayClock(m match) (string, bool) {
	if small(m.group(1)) > 24 || insideNumber(m) || isWord(m.prev()) || m.prev() == '$' {
		return "", false
	}
	said := clock(m.group(1), m.group(2))
	if h := m.group(3); h != "" {
		if small(h) > 24 {
			return "", false
		}
		said += " to " + clock(h, m.group(4))
	}
	return said, true
}

// sayRatio says "3:1" as "three to one", whatever is no time of day.
func sayRatio(m match) (string, bool) {
	if insideNumber(m) {
		return "", false
	}
	return cardinal(m.group(1)) + " to " + cardinal(m.group(2)), true
}

func sayHours(m match) (string, bool) {
	said := count(m.group(1), "hour", "hours") + " " + count(trimZeros(m.group(2)), "minute", "minutes")
	if m.group(3) != "" {
		said += " " + count(trimZeros(m.group(3)), "second", "seconds")
	}
	return said, true
}

func sayMinutes(m match) (string, bool) {
	return count(m.group(1), "minute", "minutes") + " " + count(trimZeros(m.group(2)), "second", "seconds"), true
}

// trimZeros takes leading zeros away and leaves the last digit.
func trimZeros(digits string) string {
	if t := strings.TrimLeft(digits, "0"); t != "" {
		return t
	}
	return "0"
}

func sayZone(m match) (string, bool) {
	sign := " plus "
	if m.group(2) != "+" {
		sign = " minus "
	}
	said := letters(m.group(1)) + sign + cardinal(trimZeros(m.group(3)))
	if minutes := m.group(4); minutes != "" && minutes != "00" {
		said += " " + cardinal(trimZeros(minutes))
	}
	return said, true
}
