package hearing

import (
	"strings"
	"time"
	"unicode"
)

// Evidence is what is known of an utterance when its final transcript is there.
type Evidence struct {
	Text       string        // by the accurate engine
	Tokens     int           // of it
	AvgLogProb float32       // mean over the tokens, see Transcript
	NoSpeech   float32       // see Transcript; in an utterance of several parts that of the part where somebody most likely speaks
	Voiced     time.Duration // windows of speech together
	Voice      float32       // their mean probability
	Treble     float32       // share of their sound above 2 kHz, in dB; 0 where the room is too loud to tell
	Interim    string        // last interim transcript; empty where there is none
}

// Doubt is a reason not to take a transcript for something that was said.
type Doubt uint8

// Reasons to doubt a transcript.
const (
	DoubtNone    Doubt = iota // it was said
	DoubtNothing              // it is empty
	DoubtNoWords              // it holds no words: signs alone, or laughter
	DoubtTooFast              // nobody says so much in the time
	DoubtLoop                 // the engine has said the same again and again, as it does where it hears nothing clearly
	DoubtPhantom              // both ears heard what engines are known to make of noise, and nothing else speaks for it
	DoubtMuffled              // it comes from another room, and words, voice and ears are not sure enough for that
	DoubtUnsure               // words, voice and ears together are not sure enough
)

// String returns the reason in one word for logs and counts.
func (d Doubt) String() string {
	switch d {
	case DoubtNone:
		return "none"
	case DoubtNothing:
		return "nothing"
	case DoubtNoWords:
		return "no_words"
	case DoubtTooFast:
		return "too_fast"
	case DoubtLoop:
		return "loop"
	case DoubtPhantom:
		return "phantom"
	case DoubtMuffled:
		return "muffled"
	case DoubtUnsure:
		return "unsure"
	}
	return "unknown"
}

// What is impossible, or nearly so.
const (
	lettersPerSecond = 30                     // more, with spareTime on top, is not speech; hurried speech has 20
	spareTime        = 100 * time.Millisecond // at the edges of speech, which the voice detector misses
	loopWords        = 4                      // so many words in a row, said again,
	loopShare        = 0.25                   // may make up this share of a text; loops had 0.28 and more, sentences none
)

// Trust adds up what words, voice and the second ear say. The numbers were set on two sets of
// sounds, voices and words of scripts/bench-nonspeech and judged by a third. The no-speech
// probability has none: it was below 0.15 for crowds, laughter and hiss alike, and up to 0.4 for
// short true words. The share of letters that both ears have in common counts from chanceShare on:
// below, two texts agree by chance, and true sentences in noise as little as made-up ones.
const (
	voiceWorth  = 4.0 // a mean probability of voice 0.1 lower asks for words that are 1.5 times as likely, each of them
	agreeWorth  = 2.0 // ears that agree in every letter make up for words that are 2.7 times less likely
	chanceShare = 0.5

	shortTrust   = 1.2 // of up to shortWord: true answers had 1.28 and more, but one; made-up ones 1.15 at most, but three; in the third set eight had more
	longTrust    = 3.0 // of more, and of phantoms: true sentences in noise had 3.05 and more; made-up ones at most 2.9, but for loops; in the third set up to 3.2
	muffledTrust = 4.0 // of more, through a wall, where the second ear could have agreed: a television that is well heard has 3.5
	shortWord    = 1200 * time.Millisecond
	walledTreble = -29 // dB of treble; long speech in the room has more
)

// Doubt returns the first reason not to take the transcript for something that was said. It is
// pure.
func (e Evidence) Doubt() Doubt {
	e.Text = e.once()
	letters := countLetters(e.Text)
	long := e.Voiced >= shortWord
	trust := e.trust()
	switch {
	case strings.TrimSpace(e.Text) == "":
		return DoubtNothing
	case letters == 0 || laughter(e.Text):
		return DoubtNoWords
	case float64(letters) > lettersPerSecond*(e.Voiced+spareTime).Seconds():
		return DoubtTooFast
	case loops(e.Text) > loopShare:
		return DoubtLoop
	case phantom(e.Text) && (phantom(e.Interim) || countLetters(e.Interim) == 0) && trust < longTrust:
		return DoubtPhantom
	case long && e.Treble < walledTreble && e.Interim != "" && trust < muffledTrust:
		return DoubtMuffled
	case trust < shortTrust || long && trust < longTrust:
		return DoubtUnsure
	}
	return DoubtNone
}

// trust returns how much speaks for the transcript.
func (e Evidence) trust() float64 {
	agreed := max(0, agreement(e.Text, e.Interim)-chanceShare)
	return float64(e.AvgLogProb) + voiceWorth*float64(e.Voice) + agreeWorth*agreed
}

// loops returns which share of the sequences of loopWords words in a text was there before.
func loops(text string) float64 {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' })
	all := len(words) - loopWords + 1
	if all <= 0 {
		return 0
	}
	seen := make(map[[loopWords]string]bool, all)
	for i := range all {
		seen[[loopWords]string(words[i:])] = true
	}
	return 1 - float64(len(seen))/float64(all)
}

// countLetters returns how many letters a text has. A digit counts for the four letters that it is
// said with.
func countLetters(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case unicode.IsLetter(r):
			n++
		case unicode.IsDigit(r):
			n += 4
		}
	}
	return n
}

// laughter reports whether a text is nothing but written laughter.
func laughter(text string) bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	for _, w := range words {
		if !laughs(w) {
			return false
		}
	}
	return len(words) > 0
}

// laughs reports whether a word is made of "ha", "he", "hi", "ho", at least two of them, or is "ha"
// or "heh".
func laughs(word string) bool {
	switch word {
	case "ha", "hah", "heh":
		return true
	}
	puffs := 0
	for i, r := range word {
		switch {
		case r == 'h' && i%2 == 0:
			puffs++
		case strings.ContainsRune("aeio", r) && i%2 == 1:
		default:
			return false
		}
	}
	return puffs >= 2
}

// phantom reports whether a text is one of those that speech engines write when nobody speaks: what
// ends the films and videos that they were trained on.
func phantom(text string) bool {
	switch strings.Trim(strings.ToLower(text), " .!?,") {
	case "thank you", "thank you so much", "thank you very much", "thanks", "thanks for watching", "thank you for watching",
		"you", "bye", "bye-bye", "okay", "oh", "so", "the end", "i'm sorry", "i'm not sure", "please subscribe", "i", "the", "and":
		return true
	}
	return false
}
