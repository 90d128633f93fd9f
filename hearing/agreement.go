package hearing

import (
	"slices"
	"strings"
	"unicode"
)

// agreementLetters is how many letters of two texts are compared.
const agreementLetters = 120

// wholeLetters is how long a text is at least that may agree in part: "the" is no two thirds of
// "this".
const wholeLetters = 4

// agreement returns how much two transcripts of a sound have in common, from 0 to 1: the shorter
// one against the beginning of the longer one that resembles it most, letter by letter; two of the
// same length as a whole. Numbers count as the words that they are read as. An empty text agrees
// with none.
func agreement(a, b string) float64 {
	short, long := spelled(a), spelled(b)
	if len(short) > len(long) {
		short, long = long, short
	}
	if len(short) == 0 {
		return 0
	}
	// row[j] is the number of changes from short[:i] to long[:j].
	row := make([]int, len(long)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range short {
		before := row[0]
		row[0] = i + 1
		for j, y := range long {
			change := before
			if x != y {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	least := row[len(long)]
	if len(short) < len(long) {
		least = slices.Min(row)
	}
	if least > 0 && len(short) < wholeLetters {
		return 0
	}
	return 1 - float64(least)/float64(len(short))
}

// spelled returns the letters of a text in lower case, numbers up to twelve as words.
func spelled(text string) []rune {
	var out []rune
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		out = append(out, []rune(numeral(word))...)
	}
	return out[:min(len(out), agreementLetters)]
}

// numeral returns a number of one or two digits as it is read, and every other word as it is.
func numeral(word string) string {
	switch word {
	case "0":
		return "zero"
	case "1":
		return "one"
	case "2":
		return "two"
	case "3":
		return "three"
	case "4":
		return "four"
	case "5":
		return "five"
	case "6":
		return "six"
	case "7":
		return "seven"
	case "8":
		return "eight"
	case "9":
		return "nine"
	case "10":
		return "ten"
	case "11":
		return "eleven"
	case "12":
		return "twelve"
	}
	return word
}
