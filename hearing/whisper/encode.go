package whisper

import (
	"bytes"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexicon finds tokens by their bytes: the ids of all tokens that write something, in the order of
// what they write.
type lexicon []int

// newLexicon sorts the tokens of a vocabulary. Of tokens that write the same the first counts.
func newLexicon(pieces [][]byte) lexicon {
	var l lexicon
	for id, piece := range pieces {
		if len(piece) > 0 {
			l = append(l, id)
		}
	}
	slices.SortStableFunc(l, func(a, b int) int { return bytes.Compare(pieces[a], pieces[b]) })
	return l
}

// find returns the token that writes text.
func (v *Vocabulary) find(text []byte) (id int, ok bool) {
	i := sort.Search(len(v.lexicon), func(i int) bool { return bytes.Compare(v.pieces[v.lexicon[i]], text) >= 0 })
	if i == len(v.lexicon) || !bytes.Equal(v.pieces[v.lexicon[i]], text) {
		return 0, false
	}
	return v.lexicon[i], true
}

// Encode returns the tokens of a text. White space counts as one space, and what reads like a
// special token is text. ok is false for a text that the vocabulary cannot write.
//
// Tokens grow out of bytes: of all neighbours that make a token together those whose token has
// the lowest id are joined first, and of several the leftmost. In byte-level vocabularies the ids
// are in the order in which the merges were learned, so this equals the merges of tokenizer.json.
func (v *Vocabulary) Encode(text string) (tokens []int, ok bool) {
	space := ""
	if strings.TrimLeftFunc(text, unicode.IsSpace) != text {
		space = " "
	}
	text = space + strings.Join(strings.Fields(text), " ")
	for len(text) > 0 {
		n := wordLength(text)
		if tokens, ok = v.encodeWord(tokens, []byte(text[:n])); !ok {
			return nil, false
		}
		text = text[n:]
	}
	return tokens, true
}

// encodeWord appends the tokens of a word.
func (v *Vocabulary) encodeWord(tokens []int, word []byte) ([]int, bool) {
	ends := make([]int, len(word)) // of the tokens so far, each of which begins where the one before it ends
	for i := range ends {
		ends[i] = i + 1
	}
	for {
		best, at := -1, 0
		from := 0
		for i := range len(ends) - 1 {
			if id, ok := v.find(word[from:ends[i+1]]); ok && (best < 0 || id < best) {
				best, at = id, i
			}
			from = ends[i]
		}
		if best < 0 {
			break
		}
		ends = slices.Delete(ends, at, at+1)
	}
	from := 0
	for _, end := range ends {
		id, ok := v.find(word[from:end])
		if !ok {
			return nil, false
		}
		tokens, from = append(tokens, id), end
	}
	return tokens, true
}

// contractions are words of their own, as GPT-2's tokenizer has it.
func contractions() [7]string { return [7]string{"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"} }

// wordLength returns how many bytes the first word of a text has that holds single spaces only: a
// contraction, or letters, digits or other signs, with a space before them.
func wordLength(text string) int {
	for _, c := range contractions() {
		if strings.HasPrefix(text, c) {
			return len(c)
		}
	}
	at := 0
	if text[0] == ' ' {
		at = 1
	}
	first, size := utf8.DecodeRuneInString(text[at:])
	kind := kindOf(first)
	for at += size; at < len(text); at += size {
		var r rune
		if r, size = utf8.DecodeRuneInString(text[at:]); kindOf(r) != kind {
			break
		}
	}
	return at
}

// kinds of characters that make up words.
const (
	kindLetter = iota
	kindNumber
	kindSpace
	kindOther
)

func kindOf(r rune) int {
	switch {
	case unicode.IsLetter(r):
		return kindLetter
	case unicode.IsNumber(r):
		return kindNumber
	case r == ' ':
		return kindSpace
	}
	return kindOther
}
