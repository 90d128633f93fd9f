package turn

import (
	"strings"
	"unicode"
)

// word is a word of a text, in lower case.
type word struct {
	text     string
	sentence int
	before   bool // a sign stands before it, or its sentence begins
	after    bool // a sign stands behind it, or its sentence ends
	owns     bool // it had an 's
	at       bool // it had an @
}

// wordsOf cuts a text into words. asks tells of each sentence whether it ends with a question mark.
func wordsOf(text string) (out []word, asks []bool) {
	text = strings.ReplaceAll(text, "’", "'")
	sign, at, adjacent := true, false, false
	asks = append(asks, false)
	for i := 0; i < len(text); {
		end := strings.IndexFunc(text[i:], func(r rune) bool { return !inWord(r) })
		if end < 0 {
			end = len(text) - i
		}
		if end == 0 {
			r := []rune(text[i:min(len(text), i+4)])[0]
			at = r == '@' && !adjacent
			if r == '@' && adjacent { // the address of a mailbox calls nobody
				out[len(out)-1].owns = true
			}
			adjacent = false
			switch {
			case r == '@' || r == '-' || r == '_' || unicode.IsSpace(r):
			default:
				sign = true
				if len(out) > 0 {
					out[len(out)-1].after = true
				}
			}
			if last := len(asks) - 1; strings.ContainsRune(".?!…\n", r) && len(out) > 0 && out[len(out)-1].sentence == last {
				asks[last] = r == '?'
				asks = append(asks, false)
			}
			i += max(1, len(string(r)))
			continue
		}
		w := word{text: strings.ToLower(text[i : i+end]), sentence: len(asks) - 1, before: sign, at: at}
		w.text, w.owns = strings.CutSuffix(strings.Trim(w.text, "'"), "'s")
		w.text = plain(w.text)
		i += end
		if w.text == "" { // an apostrophe alone
			adjacent = false
			continue
		}
		out = append(out, w)
		sign, at, adjacent = false, false, true
	}
	for i := range out {
		out[i].before = out[i].before || out[i-1].sentence != out[i].sentence
		out[i].after = out[i].after || i == len(out)-1 || out[i+1].sentence != out[i].sentence
	}
	return out, asks
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '\''
}
