package whisper

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// mostHintTokens bounds what is fed before the prompt because of names: some 25 names. The
	// model takes 223 at most, but a transcript begins later the more there are.
	mostHintTokens = 64
	longestName    = 256 // bytes; no name that fits is longer
)

// hint returns the tokens that are fed before the prompt so that names are written as they are
// here. It is nil where there are none to feed, or where the rules know no token to begin them
// with.
func (m *Model) hint(names []string) []int64 {
	if m.rules.Previous == 0 {
		return nil
	}
	tokens := m.vocab.hint(names)
	if len(tokens) == 0 {
		return nil
	}
	hint := []int64{int64(m.rules.Previous)}
	for _, id := range tokens {
		hint = append(hint, int64(id))
	}
	return hint
}

// hint writes names as the end of a text that came before, "Iris, Bella, Otto.", which the model
// goes on from, each with a capital letter, however it is given: what begins with a small letter in
// a text is no name, and a text of small letters has few commas. A name that does not fit any more
// is left out as a whole, as is one that the vocabulary cannot write.
func (v *Vocabulary) hint(names []string) []int {
	var hint []int
	for _, name := range names {
		if len(hint) == mostHintTokens {
			break
		}
		name = strings.TrimSpace(strings.ToValidUTF8(name, ""))
		if name == "" || len(name) > longestName {
			continue
		}
		tokens, ok := v.Encode(" " + written(name) + ",")
		if !ok {
			tokens, ok = v.Encode(" " + name + ",")
		}
		if ok && len(hint)+len(tokens) <= mostHintTokens {
			hint = append(hint, tokens...)
		}
	}
	if stop, ok := v.Encode("."); ok && len(hint) > 0 {
		hint[len(hint)-1] = stop[0]
	}
	return hint
}

// says tells whether a text holds one of the names, in whole words.
func says(text string, names []string) bool {
	words := wordsOf(text)
	for _, name := range names {
		want := wordsOf(name)
		for i := 0; len(want) > 0 && i+len(want) <= len(words); i++ {
			if slices.Equal(words[i:i+len(want)], want) {
				return true
			}
		}
	}
	return false
}

// wordsOf are the words of a text, in lower case and without signs: "Otto's" is two words.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	})
}

// written is a name as it is written in a text.
func written(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[size:]
}
