package wer

import (
	"strconv"
	"strings"
	"unicode"
)

// Words splits text into comparable words: lower case, no punctuation, contractions and numbers
// written out, American spelling.
func Words(text string) []string {
	text = strings.ToLower(strings.NewReplacer("’", "'", "%", " percent ", "&", " and ").Replace(text))
	fields := strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
	})
	var words []string
	for _, f := range fields {
		f = strings.Trim(f, "'")
		if f == "" {
			continue
		}
		words = append(words, expand(f)...)
	}
	return words
}

// expand writes one word out.
func expand(word string) []string {
	if n, err := strconv.Atoi(word); err == nil && n < 1_000_000 {
		return strings.Fields(number(n))
	}
	if full, ok := contraction(word); ok {
		return strings.Fields(full)
	}
	if base, ok := strings.CutSuffix(word, "'s"); ok {
		return []string{base, "s"}
	}
	word = strings.ReplaceAll(word, "'", "")
	return []string{american(word)}
}

// contraction writes a common contraction out. "'s" stays apart: it may be "is" or a possessive.
func contraction(word string) (string, bool) {
	switch word {
	case "won't":
		return "will not", true
	case "can't", "cannot":
		return "can not", true
	case "let's":
		return "let us", true
	case "what's", "that's", "it's", "there's", "here's", "where's", "who's", "he's", "she's", "how's":
		return word[:len(word)-2] + " is", true
	}
	for _, ending := range [...]struct{ short, full string }{
		{"n't", " not"}, {"'re", " are"}, {"'ve", " have"}, {"'ll", " will"}, {"'m", " am"}, {"'d", " would"},
	} {
		if base, ok := strings.CutSuffix(word, ending.short); ok {
			return base + ending.full, true
		}
	}
	return "", false
}

// american replaces spellings that speakers cannot tell apart.
func american(word string) string {
	switch word {
	case "colour", "colours", "coloured", "neighbour", "neighbours", "harbour", "favourite", "grey", "centre", "theatre", "metre", "metres":
		return strings.NewReplacer("our", "or", "grey", "gray", "tre", "ter").Replace(word)
	case "ok":
		return "okay"
	case "mr":
		return "mister"
	case "tv":
		return "television"
	}
	return word
}

var (
	units = [...]string{
		"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
		"fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
	}
	tens = [...]string{"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"}
)

// number writes 0 to 999,999 out.
func number(n int) string {
	switch {
	case n < 20:
		return units[n]
	case n < 100:
		return strings.TrimSuffix(tens[n/10]+" "+units[n%10], " zero")
	case n < 1000:
		return strings.TrimSuffix(units[n/100]+" hundred "+number(n%100), " zero")
	}
	return strings.TrimSuffix(number(n/1000)+" thousand "+number(n%1000), " zero")
}
