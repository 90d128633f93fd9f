package memory

import (
	"slices"
	"strings"
)

// Words with which people ask a persona for something.
const (
	fillers = "please hey hi hello ok okay so and well wait no oh um uh yes yeah actually just now then also but listen"
	// asking are the words before a verb: "could you please", "I would like you to".
	frames = "can you|could you|will you|would you|i want you to|i would like you to|i need you to|i'd like you to|let us"
)

// request is how somebody asks for something: verbs in the words that people use for it.
type request struct {
	verbs []string // longest first
	// loose are the verbs of it that need "that" or a colon behind them.
	loose []string
}

func rememberRequest() request {
	return request{
		verbs: []string{
			"please do not forget", "do not forget", "don't forget", "never forget", "keep in mind", "bear in mind", "keep a note", "make a note",
			"take a note", "take note", "for the record", "write down", "note down", "memorize", "memorise", "remember", "note",
		},
		loose: []string{"keep a note", "make a note", "take a note", "take note", "note", "for the record", "write down", "note down"},
	}
}

// Requests are what a person asks to remember in an utterance: the texts, as they said them. Known
// are "remember", "don't forget", "keep in mind", "bear in mind", "make a note", "take note", "note
// that", "write down", "memorize" and "for the record", with or without a name before them, as an
// order or as a question to do so, and "remember that" behind or after what is meant. Not requests
// are questions whether the persona remembers, and what it is to do ("remember to …"). called are
// the names of the persona.
func Requests(text string, called []string) []string {
	var out []string
	r := rememberRequest()
	previous := ""
	for _, s := range sentences(clean(bounded(text))) {
		body, framed := unframe(s.text, called)
		rest, found := r.cut(body)
		switch {
		case found && s.asked && !framed:
		case found && back(rest):
			if previous != "" {
				out = append(out, previous)
			}
		case found && fact(rest):
			out = append(out, trimEnd(rest))
		case found:
		default:
			if said, ok := before(s.text, r, called); ok && !s.asked {
				out = append(out, said)
			} else if said, ok := within(s.text); ok && !s.asked {
				out = append(out, said)
			}
		}
		previous, _ = unframe(s.text, called)
	}
	return out
}

// Asked tells whether an utterance asks a persona to remember something.
func Asked(text string, of Person) bool { return len(Requests(text, of.called())) > 0 }

// bounded is the beginning of an utterance.
func bounded(text string) string {
	if len(text) > MaxHeard {
		text = strings.ToValidUTF8(text[:MaxHeard], "")
	}
	return text
}

// unframe cuts what stands before a request: names, fillers and polite frames.
func unframe(text string, called []string) (body string, framed bool) {
	for {
		text = strings.TrimLeft(text, " ,:-–")
		word, rest, _ := strings.Cut(text, " ")
		bare := strings.ToLower(strings.Trim(word, ",.:!-"))
		if bare != "" && rest != "" && (in(fillers, bare) || slices.Contains(called, fold(bare))) {
			text = rest
			continue
		}
		cut := false
		for f := range strings.SplitSeq(frames, "|") {
			if rest, found := cutFold(text, f); found {
				text, cut, framed = rest, true, true
				break
			}
		}
		if !cut {
			return text, framed
		}
	}
}

// cutFold cuts a prefix of whole words, however it is written.
func cutFold(text, prefix string) (rest string, found bool) {
	norm := strings.NewReplacer("’", "'")
	text = norm.Replace(text)
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return text, false
	}
	rest = text[len(prefix):]
	if rest != "" && !strings.ContainsRune(" ,:;", rune(rest[0])) {
		return text, false
	}
	return rest, true
}

// cut cuts the verb of a request and what joins it to its object.
func (r request) cut(body string) (rest string, found bool) {
	for _, v := range r.verbs {
		rest, found = cutFold(body, v)
		if !found {
			continue
		}
		joined := strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, ",")
		rest = strings.TrimLeft(rest, " ,:-–")
		if back(rest) {
			return rest, true
		}
		if after, ok := cutFold(rest, "this:"); ok {
			rest, joined = after, true
		} else if after, ok := cutFold(rest, "that"); ok && strings.Trim(after, " ,.") != "" && !strings.HasPrefix(after, " song") {
			rest, joined = after, true
		}
		if !joined && slices.Contains(r.loose, v) {
			return "", false
		}
		return strings.TrimLeft(rest, " ,:-–"), true
	}
	return "", false
}

// back tells whether a request points to what was said before it.
func back(rest string) bool {
	list := split(fold(rest))
	list = slices.DeleteFunc(list, func(w string) bool { return in("please okay ok will you for me", w) })
	return len(list) == 1 && in("that this it", list[0])
}

// fact tells whether what is to be remembered is something that is so, and not something to do, to
// recall or to find out.
func fact(rest string) bool {
	list := split(fold(rest))
	return len(list) > 0 && !in("to when how why who whom whose what where which whether if me us self", list[0])
}

// trimEnd cuts what stands behind a request.
func trimEnd(rest string) string {
	for _, end := range []string{"please", "okay", "ok", "will you", "for me", "alright"} {
		if i := len(rest) - len(end); i > 0 && strings.EqualFold(rest[i:], end) && strings.ContainsRune(" ,", rune(rest[i-1])) {
			rest = strings.TrimRight(rest[:i], " ,")
		}
	}
	return rest
}

// before finds a request behind what is meant: "I have a twin, remember that".
func before(text string, r request, called []string) (string, bool) {
	i := strings.LastIndex(text, ",")
	if i < 0 {
		return "", false
	}
	body, _ := unframe(text[i+1:], nil)
	rest, found := r.cut(body)
	if !found || !back(rest) {
		return "", false
	}
	said, _ := unframe(text[:i], called)
	return said, said != ""
}

// within finds a request behind another one: "look at this and remember that …".
func within(text string) (string, bool) {
	folded := strings.ToLower(text)
	for _, join := range []string{" and remember that ", " and please remember that ", " and memorize that ", ", remember that "} {
		i := strings.Index(folded, join)
		if i >= 0 && len(folded) == len(text) && strings.Contains(folded[:i], " ") { // one word may be another's name
			return trimEnd(strings.TrimSpace(text[i+len(join):])), true
		}
	}
	return "", false
}
