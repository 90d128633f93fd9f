package hearing

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Verdict says whether a transcript reads like something a speaker has finished saying.
type Verdict uint8

// Verdicts about a transcript.
const (
	Unknown    Verdict = iota // no transcript, or no telling
	Complete                  // ends like a sentence
	Unfinished                // breaks off: more is likely to follow
	Leading                   // ends with a word that usually wants another behind it, or with a comma
	Whole                     // Complete, and of wholeWords or more
	Asked                     // Whole, and a question
)

// String returns the verdict as one word.
func (v Verdict) String() string {
	switch v {
	case Complete:
		return "complete"
	case Unfinished:
		return "unfinished"
	case Leading:
		return "leading"
	case Whole:
		return "whole"
	case Asked:
		return "asked"
	case Unknown:
	}
	return "unknown"
}

// wholeWords is how many words a sentence has at least that is Whole: in the first set of
// scripts/bench-turns engines make shorter ones of what breaks off ("What is the").
const wholeWords = 5

// Judge reads English text as a transcriber punctuates it. Engines put a full stop behind almost
// anything, so the last word counts too: nobody ends a sentence with "the". A dash, colon or
// ellipsis at the end, or such a word, is Unfinished; a question or exclamation mark after at least
// two words is Complete, and so is a full stop, unless the last word usually wants another behind
// it; everything else is Unknown. Where hardly anybody ends with the last two words it is Leading,
// but for questions that may end so ("What is it for?"); so is whoever thinks aloud ("Let me
// think."), and a comma at the end, which engines also write behind whole sentences. What is
// Complete and has five words is Whole, and Asked if it is a question.
func Judge(text string) Verdict {
	text = strings.TrimRight(strings.TrimSpace(text), "\"'”’)]")
	if text == "" {
		return Unknown
	}
	last, _ := utf8.DecodeLastRuneInString(text)
	switch {
	case strings.HasSuffix(text, "..."), last == '…', last == '-', last == '–', last == '—', last == ':', last == ';':
		return Unfinished
	}
	words := strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '’'
	})
	if len(words) == 0 {
		return Unknown
	}
	word := strings.ToLower(words[len(words)-1])
	switch {
	case dangling(word):
		return Unfinished
	case last == ',', thinks(words):
		return Leading
	case len(words) < 2:
		return Unknown
	case last != '!' && (last != '?' || !asks(strings.ToLower(words[0]))) && wanting(strings.ToLower(words[len(words)-2]), word):
		return Leading
	case last == '.' && leading(word):
		return Unknown
	case last != '.' && last != '?' && last != '!':
		return Unknown
	case len(words) < wholeWords:
		return Complete
	case last == '?':
		return Asked
	}
	return Whole
}

// dangling reports whether an English sentence does not end with this word: articles, possessives,
// conjunctions and hesitations.
func dangling(word string) bool {
	switch word {
	case "a", "an", "the", "my", "your", "our", "their", "and", "or", "but", "because", "if", "than", "whether", "uh", "um", "er", "erm":
		return true
	}
	return false
}

// leading reports whether a statement that ends with this word is probably not over: it may end so,
// but more often more follows.
func leading(word string) bool {
	switch word {
	case "to", "of", "in", "on", "at", "with", "for", "from", "by", "about", "into", "that", "which", "who", "what", "where", "when", "how", "why",
		"is", "are", "was", "were", "am", "i", "we", "they", "he", "she", "know", "like", "want", "think", "say", "said", "wonder", "please", "so", "then":
		return true
	}
	return false
}
