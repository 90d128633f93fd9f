package tokenizer

import (
	"unicode"
	"unicode/utf8"
)

// The patterns that published byte-level tokenizers use. Go's regular expressions have no
// look-ahead, which both need, so each is written out as a function below.
const (
	patternGPT2  = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	patternQwen2 = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

// scan cuts text by a function that returns the length of the word at the front of a non-empty
// text.
func scan(next func(string) int) splitter {
	return func(text string, each func(string) error) error {
		for text != "" {
			n := next(text)
			if err := each(text[:n]); err != nil {
				return err
			}
			text = text[n:]
		}
		return nil
	}
}

// isOther is [^\s\p{L}\p{N}].
func isOther(r rune) bool { return !unicode.IsSpace(r) && !unicode.IsLetter(r) && !unicode.IsNumber(r) }

// run is the length of the characters at the front of text that are in a class.
func run(text string, in func(rune) bool) int {
	for i, r := range text {
		if !in(r) {
			return i
		}
	}
	return len(text)
}

// gpt2 is the first match of [patternGPT2].
func gpt2(text string) int {
	if n := contraction(text, false); n > 0 {
		return n
	}
	lead := 0
	if text[0] == ' ' {
		lead = 1
	}
	for _, in := range []func(rune) bool{unicode.IsLetter, unicode.IsNumber, isOther} {
		if n := run(text[lead:], in); n > 0 {
			return lead + n
		}
	}
	return spaces(text)
}

// qwen2 is the first match of [patternQwen2].
func qwen2(text string) int {
	if n := contraction(text, true); n > 0 {
		return n
	}
	first, size := utf8.DecodeRuneInString(text)
	if n := run(text, unicode.IsLetter); n > 0 {
		return n
	}
	if first != '\r' && first != '\n' && !unicode.IsNumber(first) {
		if n := run(text[size:], unicode.IsLetter); n > 0 {
			return size + n
		}
	}
	if unicode.IsNumber(first) {
		return size
	}
	lead := 0
	if first == ' ' {
		lead = 1
	}
	if n := run(text[lead:], isOther); n > 0 {
		end := lead + n
		return end + run(text[end:], isBreak)
	}
	blank := run(text, unicode.IsSpace)
	for i := blank - 1; i >= 0; i-- {
		if isBreak(rune(text[i])) {
			return i + 1
		}
	}
	return spaces(text)
}

// isBreak is [\r\n].
func isBreak(r rune) bool { return r == '\r' || r == '\n' }

// spaces is \s+(?!\S)|\s+: white space, without its last character where something else follows.
func spaces(text string) int {
	n := run(text, unicode.IsSpace)
	if n == len(text) {
		return n
	}
	_, last := utf8.DecodeLastRuneInString(text[:n])
	if n > last {
		return n - last
	}
	return n
}

// contraction is the length of an English contraction at the front of text.
func contraction(text string, anyCase bool) int {
	if len(text) < 2 || text[0] != '\'' {
		return 0
	}
	lower := func(i int) rune {
		r, _ := utf8.DecodeRuneInString(text[i:])
		if anyCase {
			// U+017F, the long s, folds to s.
			if r == 'ſ' {
				return 's'
			}
			return unicode.ToLower(r)
		}
		return r
	}
	size := func(i int) int {
		_, n := utf8.DecodeRuneInString(text[i:])
		return n
	}
	switch first := lower(1); first {
	case 's', 't', 'm', 'd':
		return 1 + size(1)
	case 'r', 'v', 'l':
		second := 'e'
		if first == 'l' {
			second = 'l'
		}
		if len(text) > 2 && lower(2) == second {
			return 3
		}
	}
	return 0
}
