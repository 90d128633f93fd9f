package tts

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// kokoroTable maps each of Kokoro's 114 symbols to its token. Source: the "vocab" of the model's
// published config.json (Apache-2.0).
//
//go:embed kokoro_symbols.json
var kokoroTable []byte

// kokoroTokens is the number of rows of the model's embedding ("n_token").
const kokoroTokens = 178

// parseKokoroSymbols reads the table: one character each, tokens within the embedding, the token 0
// kept for padding.
func parseKokoroSymbols(data []byte) (map[rune]int64, error) {
	var table map[string]int64
	if err := json.Unmarshal(data, &table); err != nil {
		return nil, err
	}
	symbols := make(map[rune]int64, len(table))
	for s, id := range table {
		r := []rune(s)
		if len(r) != 1 || id < 1 || id >= kokoroTokens {
			return nil, fmt.Errorf("symbol %q has token %d", s, id)
		}
		symbols[r[0]] = id
	}
	if len(symbols) == 0 {
		return nil, errors.New("no symbols")
	}
	return symbols, nil
}

// alphabet turns espeak-ng's IPA (with ties) into the one that Kokoro was trained on, which writes
// diphthongs and affricates as one letter and, in American English, flaps as T, no length marks,
// and r-coloured vowels with ɹ.
type alphabet struct{ letters *strings.Replacer }

const tie = "\u0361"

// Read-only pattern.
var syllabic = regexp.MustCompile(`(\S)\x{0329}`)

// newAlphabet makes the table for American or British English. Earlier pairs win, so longer
// patterns come first.
func newAlphabet(british bool) alphabet {
	pairs := []string{
		"a" + tie + "ɪ", "I", "a" + tie + "ʊ", "W", "e" + tie + "ɪ", "A", "ɔ" + tie + "ɪ", "Y",
		"d" + tie + "ʒ", "ʤ", "t" + tie + "ʃ", "ʧ", "ə" + tie + "l", "ᵊl",
		"ʲo", "jo", "ʲə", "jə", "ʲ", "",
		"ɚ", "əɹ", "r", "ɹ", "x", "k", "ç", "k", "ɐ", "ə", "ɬ", "l", "\u0303", "",
	}
	if british {
		pairs = append(pairs, "e"+tie+"ə", "ɛː", "i"+tie+"ə", "ɪə", "iə", "ɪə", "ə"+tie+"ʊ", "Q")
	} else {
		pairs = append(pairs, "o"+tie+"ʊ", "O", "ɜː"+tie+"ɹ", "ɜɹ", "ɜːɹ", "ɜɹ", "ɜː", "ɜɹ", "ɪ"+tie+"ə", "iə", "ɪə", "iə", "ː", "")
	}
	pairs = append(pairs, "e", "A", "o", "ɔ", "ɾ", "T", "ʔ", "t", tie, "", "-", "")
	return alphabet{letters: strings.NewReplacer(pairs...)}
}

// Read-only pattern.
var pronoun = regexp.MustCompile(`(^| )I( |$|[,.;:!?])`)

// convert turns one transcription into Kokoro's alphabet. The pronoun "I" gets the light stress of
// the model's own lexicon: without it the model swallows it at the start of a sentence.
func (a alphabet) convert(ipa string) string {
	return pronoun.ReplaceAllString(a.letters.Replace(syllabic.ReplaceAllString(ipa, "ᵊ$1")), "${1}ˌI$2")
}

// kokoroEncode turns phonemes into tokens with the padding token 0 at both ends. Unknown characters
// are left out; known counts the others.
func kokoroEncode(symbols map[rune]int64, phonemes string) (ids []int64, known int) {
	ids = append(ids, 0)
	for _, r := range phonemes {
		if id, ok := symbols[r]; ok {
			ids = append(ids, id)
			known++
		}
	}
	return append(ids, 0), known
}
