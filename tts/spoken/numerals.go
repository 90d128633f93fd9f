package spoken

import (
	"strings"
)

// Read-only tables.
var (
	ones = []string{
		"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
		"fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
	}
	tens   = []string{"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"}
	scales = []string{"", " thousand", " million", " billion", " trillion", " quadrillion"}
	// irregular are the ordinals that are not the cardinal with "th".
	irregular = map[string]string{
		"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth",
	}
)

// longest is how many digits are said as one number where nothing divides them; longestDivided is
// what the names of numbers go to. More are said one by one.
const (
	longest        = 15
	longestDivided = 18
)

// below100 says 0 to 99.
func below100(n int) string {
	switch {
	case n < 20:
		return ones[n]
	case n%10 == 0:
		return tens[n/10]
	}
	return tens[n/10] + "-" + ones[n%10]
}

// below1000 says 0 to 999.
func below1000(n int) string {
	switch {
	case n < 100:
		return below100(n)
	case n%100 == 0:
		return ones[n/100] + " hundred"
	}
	return ones[n/100] + " hundred " + below100(n%100)
}

// cardinal says a string of digits as a number: "1234" is "one thousand two hundred thirty-four".
// More than 15 digits, and numbers that begin with a zero that is not their only digit, are said
// digit by digit: they name something and count nothing.
func cardinal(digits string) string {
	if len(digits) > longest || (len(digits) > 1 && digits[0] == '0') {
		return spell(digits)
	}
	return inWords(digits)
}

// inWords says at most 18 digits as a number.
func inWords(digits string) string {
	var parts []string
	for scale := (len(digits) - 1) / 3; scale >= 0; scale-- {
		end := len(digits) - 3*scale
		n := small(digits[max(0, end-3):end])
		if n > 0 {
			parts = append(parts, below1000(n)+scales[scale])
		}
	}
	if len(parts) == 0 {
		return "zero"
	}
	return strings.Join(parts, " ")
}

// small is the value of at most nine digits.
func small(digits string) int {
	n := 0
	for _, d := range digits {
		n = n*10 + int(d-'0')
	}
	return n
}

// spell says digits one by one.
func spell(digits string) string {
	words := make([]string, 0, len(digits))
	for _, d := range digits {
		words = append(words, ones[d-'0'])
	}
	return strings.Join(words, " ")
}

// ordinal says a string of digits as a rank: "21" is "twenty-first".
func ordinal(digits string) string { return rank(cardinal(digits)) }

// rank turns the words of a number into those of a rank.
func rank(words string) string {
	cut := strings.LastIndexAny(words, " -") + 1
	head, last := words[:cut], words[cut:]
	if said, ok := irregular[last]; ok {
		return head + said
	}
	if stem, ok := strings.CutSuffix(last, "y"); ok {
		return head + stem + "ieth"
	}
	return head + last + "th"
}

// year says a year of one to four digits as years are said: "1999" is "nineteen ninety-nine",
// "2005" "two thousand five", "1906" "nineteen oh six".
func year(digits string) string {
	if len(digits) != 4 || digits[0] == '0' {
		return cardinal(digits)
	}
	high, low := small(digits[:2]), small(digits[2:])
	switch {
	case high%10 == 0 && low < 10:
		return cardinal(digits) // 2000 to 2009, 1000 to 1009
	case low == 0:
		return below100(high) + " hundred"
	case low < 10:
		return below100(high) + " oh " + ones[low]
	}
	return below100(high) + " " + below100(low)
}

// decade says the decade that begins with a year: "1990" is "nineteen nineties", "90" is
// "nineties".
func decade(digits string) string {
	words := year(digits)
	cut := strings.LastIndexAny(words, " -") + 1
	if stem, ok := strings.CutSuffix(words, "y"); ok {
		return stem + "ies"
	}
	if words[cut:] == "" {
		return words
	}
	return words + "s"
}

// pairs says the digits of a room, a house or a model: "1234" is "twelve thirty-four", "105" "one
// oh five".
func pairs(digits string) string {
	if digits[0] == '0' || len(digits) > 4 {
		return spell(digits)
	}
	if len(digits) < 3 {
		return cardinal(digits)
	}
	head, low := digits[:len(digits)-2], small(digits[len(digits)-2:])
	switch {
	case low == 0:
		return cardinal(digits)
	case low < 10:
		return cardinal(head) + " oh " + ones[low]
	}
	return cardinal(head) + " " + below100(low)
}

// number says a number as it is written in English: digits, commas between thousands, a decimal
// point. Digits after the point are said one by one.
func number(written string) string {
	whole, fraction, _ := strings.Cut(strings.ReplaceAll(written, ",", ""), ".")
	said := "zero"
	switch {
	case strings.Contains(written, ",") && len(whole) <= longestDivided:
		said = inWords(whole)
	case whole != "":
		said = cardinal(whole)
	}
	if fraction != "" {
		said += " point " + spell(fraction)
	}
	return said
}

// isOne answers whether a written number takes the singular.
func isOne(written string) bool { return written == "1" }

// roman returns the value of a Roman numeral as digits of its canonical form, below 100, or ok
// false.
func roman(s string) (n int, ok bool) {
	rest := s
	for _, step := range []struct {
		sign  string
		value int
	}{
		{"XC", 90}, {"L", 50}, {"XL", 40}, {"X", 10}, {"IX", 9}, {"V", 5}, {"IV", 4}, {"I", 1},
	} {
		for strings.HasPrefix(rest, step.sign) {
			rest = rest[len(step.sign):]
			n += step.value
		}
	}
	return n, rest == "" && n > 0 && n < 100 && writeRoman(n) == s
}

// writeRoman writes 1 to 99 in the canonical form.
func writeRoman(n int) string {
	high := []string{"", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC"}
	low := []string{"", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"}
	return high[n/10] + low[n%10]
}
