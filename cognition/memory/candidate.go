package memory

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Candidate is what may become a memory.
type Candidate struct {
	// Text is what is to be remembered, as it was said.
	Text string
	// Kind is what it is about; empty is found from the text.
	Kind Kind
	// Subject is whom it is about, as who made the candidate says: a name or a subject; empty is
	// found from the text.
	Subject string
	// Sources are the ids of the utterances that say so.
	Sources []string
	// Speaker is who said it.
	Speaker Person
	// Trust is the most that it can have; what it cites may lower it.
	Trust Trust
	At    time.Time
}

// Words that a text begins with that states nothing.
const (
	questions = "what when where who whom whose why how which do does did is are was were can could will would should shall have " +
		"has am isn aren don doesn didn won't"
	conditions = "if suppose supposing imagine maybe perhaps whether unless"
	leastWords = 3
)

// malformed tells whether a text cannot be kept as one line.
func malformed(text string) bool {
	return !utf8.ValidString(text) || utf8.RuneCountInString(text) > MaxText || clean(text) == ""
}

// states tells whether a text says something by itself: neither a question nor a condition, and of
// enough words.
func states(text string) bool {
	if strings.HasSuffix(text, "?") {
		return false
	}
	list := words(text)
	for len(list) > 0 && in(leads, list[0]) {
		list = list[1:]
	}
	return len(list) >= leastWords && len(content(list)) > 0 && !in(questions, list[0]) && !in(conditions, list[0])
}

// supported tells whether people's own words say what a text says: word for word, or most of its
// words in what they stated. A question states nothing.
func supported(text string, names []string, cited []Utterance) bool {
	want := content(words(text))
	var said []string
	for _, u := range cited {
		if strings.Contains(fold(clean(u.Text)), fold(text)) {
			return true
		}
		for _, s := range sentences(u.Text) {
			if list := words(s.text); !s.asked && len(list) > 0 && !in(questions, list[0]) && !in(conditions, list[0]) {
				said = append(said, list...)
			}
		}
	}
	said = append(said, names...)
	return covered(want, content(said)) >= support
}

// support is the share of a text's words that people must have said themselves.
const support = 0.75

// kindOf finds the kind of a text about a subject.
func kindOf(text, subject string) Kind {
	list := words(text)
	has := func(set string) bool {
		for _, w := range list {
			if in(set, w) || in(set, stem(w)) {
				return true
			}
		}
		return false
	}
	switch {
	case has(likings + " " + dislikes + " favourite favorite"):
		return Preference
	case has(times) && !has("birthday born"):
		return Event
	case isPerson(subject):
		return Profile
	}
	return Fact
}
