package hearing

import (
	"strings"
	"time"
	"unicode"
)

// Evidence is what is known of a turn when its final transcript is there.
type Evidence struct {
	Text       string        // by the accurate engine
	Tokens     int           // of it
	AvgLogProb float32       // mean over the tokens, see Transcript
	NoSpeech   float32       // see Transcript; in a turn of several parts that of the part where somebody most likely speaks
	Voiced     time.Duration // windows of speech together
	Voice      float32       // their mean probability
	Treble     float32       // share of their sound above 2 kHz, in dB; 0 where the room is too loud to tell
	Interim    string        // last interim transcript; empty where there is none
}

// Doubt is a reason not to take a transcript for something that was said.
type Doubt uint8

// Reasons to doubt a transcript.
const (
	DoubtNone     Doubt = iota // it was said
	DoubtNothing               // it is empty
	DoubtNoWords               // it holds no words: signs alone, or laughter
	DoubtTooFast               // nobody says so much in the time
	DoubtTooSlow               // so few words in so long a sound
	DoubtVoice                 // the voice detector was hardly sure, and the words do not make up for it
	DoubtMuffled               // it comes from another room, and the words are not sure
	DoubtDisagree              // both ears hear different things, and the accurate one is not sure
	DoubtPhantom               // what engines are known to make of noise, and something else is doubtful
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
	case DoubtTooSlow:
		return "too_slow"
	case DoubtVoice:
		return "voice"
	case DoubtMuffled:
		return "muffled"
	case DoubtDisagree:
		return "disagreement"
	case DoubtPhantom:
		return "phantom"
	}
	return "unknown"
}

// Thresholds of Doubt. They were set on what TestFiguresNonSpeech and TestFiguresShortAnswers print. The no-speech probability has none: it
// was below 0.15 for crowds, laughter and hiss alike, and up to 0.4 for short true words.
const (
	lettersPerSecond = 30                      // more, with spareTime on top, is not speech; hurried speech has 20
	spareTime        = 100 * time.Millisecond  // at the edges of speech, which the voice detector misses
	drawnOut         = 1500 * time.Millisecond // speech from here on has more than
	drawnLetters     = 3                       // letters a second
	sureVoice        = 0.7                     // mean probability of a voice; short true answers have 0.72 and more, most 0.9
	clearVoice       = 0.9                     // mean probability of a voice that nothing but a human has
	shortWord        = 1200 * time.Millisecond // a single word lasts no longer
	walledTreble     = -29                     // dB of treble; speech in the room has more
	agreeing         = 0.5                     // share of the letters that both ears have in common
	agreeingLong     = 0.6                     // and of texts of longText letters, of which two share some by chance
	longText         = 20
	sureAgreement    = 0.7   // and that make words sure which come through a wall
	sureText         = -0.5  // average log probability of words that can be relied on
	unsureText       = -0.6  // and below which a longer text needs another witness
	unsureClear      = -0.75 // the same of a clear voice
	guessedText      = -1.8  // below which a short one does
	phantomText      = -1.2  // a known phantom is as likely to be one as a guess
	phantomVoice     = 0.85  // a known phantom needs a voice that is surer
)

// Doubt returns the first reason not to take the transcript for something that was said. It is pure.
func (e Evidence) Doubt() Doubt {
	letters := countLetters(e.Text)
	agree := agreement(e.Text, e.Interim)
	least := agreeing
	if min(letters, countLetters(e.Interim)) >= longText {
		least = agreeingLong
	}
	unsure := float32(unsureText)
	if e.Voice >= clearVoice {
		unsure = unsureClear
	}
	disagree := e.Interim != "" && agree < least
	switch {
	case strings.TrimSpace(e.Text) == "":
		return DoubtNothing
	case letters == 0 || laughter(e.Text):
		return DoubtNoWords
	case float64(letters) > lettersPerSecond*(e.Voiced+spareTime).Seconds():
		return DoubtTooFast
	case e.Voiced >= drawnOut && float64(letters) < drawnLetters*e.Voiced.Seconds() && e.AvgLogProb < sureText:
		return DoubtTooSlow
	case e.Voice < sureVoice && (e.AvgLogProb < sureText || disagree || e.Voiced < 2*spareTime):
		return DoubtVoice
	case e.Voiced >= shortWord && e.Treble < walledTreble && agree < sureAgreement && (e.Interim != "" || e.AvgLogProb < unsureText):
		return DoubtMuffled
	case disagree && e.Voiced >= shortWord && e.AvgLogProb < unsure:
		return DoubtDisagree
	case disagree && e.Voice < clearVoice && e.AvgLogProb < guessedText:
		return DoubtDisagree
	case phantom(e.Text) && agree < agreeing && (e.Voice < phantomVoice || e.AvgLogProb < phantomText):
		return DoubtPhantom
	}
	return DoubtNone
}

// countLetters returns how many letters a text has. A digit counts for the four letters that it is said with.
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

// laughs reports whether a word is made of "ha", "he", "hi", "ho", at least two of them, or is "ha" or "heh".
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

// phantom reports whether a text is one of those that speech engines write when nobody speaks: what ends the films and videos that they
// were trained on.
func phantom(text string) bool {
	switch strings.Trim(strings.ToLower(text), " .!?,") {
	case "thank you", "thank you so much", "thank you very much", "thanks", "thanks for watching", "thank you for watching",
		"you", "bye", "bye-bye", "okay", "oh", "so", "the end", "i'm sorry", "i'm not sure", "please subscribe", "i", "the", "and":
		return true
	}
	return false
}
