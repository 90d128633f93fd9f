package turn

import (
	"slices"
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
			at = r == '@' && !adjacent // no address of a mailbox
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
		if w.text != "" {
			out = append(out, w)
		}
		sign, at, adjacent = false, false, true
		i += end
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

// name is one of somebody's names, as words.
type name struct {
	words []string
	owner int
}

// namesOf are the names of somebody, cut into words.
func namesOf(owner int, names ...string) (out []name) {
	for _, n := range names {
		words, _ := wordsOf(n)
		if len(words) == 0 {
			continue
		}
		x := name{owner: owner}
		for _, w := range words {
			x.words = append(x.words, w.text)
		}
		out = append(out, x)
	}
	return out
}

// found is a name in a text: words [from,to).
type found struct {
	owner    int
	from, to int
	// strict names are called only where that is plain: those of people, since many are called like
	// a word, and words that only sound like a name.
	strict bool
	called bool
}

// find returns where names stand in a text. A name in its own letters goes before one that sounds
// so, a longer one before a shorter.
func find(words []word, names []name, literal bool) (out []found) {
	for i := 0; i < len(words); {
		best, length, sounds := -1, 0, false
		for n := range names {
			if l := len(names[n].words); l > length && begins(words[i:], names[n].words) {
				best, length = n, l
			}
		}
		if best < 0 && !literal {
			best = slices.IndexFunc(names, func(n name) bool { return len(n.words) == 1 && soundsLike(words[i].text, n.words[0]) })
			length, sounds = 1, true
		}
		if best < 0 {
			i++
			continue
		}
		out = append(out, found{owner: names[best].owner, from: i, to: i + length, strict: sounds})
		i += length
	}
	return out
}

// text is a text that is searched for calls.
type text struct {
	words []word
	asks  []bool
	found []found // all names in it
}

// judge tells which names of a text are called. Names joined by "and" or a comma are called
// together.
func (t *text) judge() {
	for i := 0; i < len(t.found); {
		last := i
		for last+1 < len(t.found) && t.joined(last) {
			last++
		}
		chain := found{from: t.found[i].from, to: t.found[last].to, strict: t.found[i].strict}
		called := t.called(chain)
		for ; i <= last; i++ {
			t.found[i].called = called
		}
	}
}

// joined tells whether a name and the next are said in one breath: "iris, max", "iris and max",
// "iris or max".
func (t *text) joined(i int) bool {
	a, b := t.found[i], t.found[i+1]
	between := t.words[a.to:b.from]
	if t.words[a.from].sentence != t.words[b.from].sentence {
		return false
	}
	if len(between) == 0 && t.words[a.to-1].after { // "iris, max is wrong" is said to one of them
		more := i+2 < len(t.found) && b.to+1 == t.found[i+2].from && conjunction(t.words[b.to].text)
		return t.words[b.to-1].after || more
	}
	return len(between) == 0 || len(between) == 1 && conjunction(between[0].text)
}

func conjunction(word string) bool { return word == "and" || word == "or" }

// called tells whether names, standing together, are called rather than spoken of.
func (t *text) called(f found) bool {
	first, last := t.words[f.from], t.words[f.to-1]
	if last.owns {
		return false
	}
	sentence := t.sentence(first.sentence)
	before, behind := sentence[:f.from-t.begin(first.sentence)], t.words[f.to:t.begin(first.sentence)+len(sentence)]
	switch {
	case first.at:
		return true
	case len(before) > 0 && greets(before[len(before)-1].text):
		return true
	case len(before) > 1 && before[len(before)-1].text == "you" && (before[len(before)-2].text == "and" || before[len(before)-2].text == "about"):
		return true
	case !slices.ContainsFunc(before, func(w word) bool { return !opens(w.text) }):
		return t.opened(f, behind)
	case first.before && last.after:
		return true
	case len(behind) == 0 || len(behind) == 1 && trails(behind[0].text):
		if first.before {
			return true
		}
		if before[len(before)-1].text == "please" {
			return !f.strict
		}
		return !f.strict && !asksOf(before) && !takes(before[len(before)-1].text) && (t.asks[first.sentence] || demands(before[0].text))
	}
	return false
}

// asksOf tells whether words ask about the name behind them: "was it iris?".
func asksOf(before []word) bool {
	return len(before) == 2 && (before[0].text == "is" || before[0].text == "was") && before[1].text == "it"
}

// opened tells the same of names that begin a sentence.
func (t *text) opened(f found, behind []word) bool {
	first, last := t.words[f.from], t.words[f.to-1]
	if last.after {
		return true
	}
	if f.strict {
		return asksPerson(behind[0].text) || asksWith(behind[0].text) && len(behind) > 1 && pronoun(behind[1].text)
	}
	switch {
	case conjunction(behind[0].text):
		return len(behind) > 1 && behind[1].text == "you"
	case reports(behind[0].text):
		return false
	case auxiliary(behind[0].text), f.to-f.from > 1 && plural(behind[0].text):
		return t.asks[first.sentence] || len(behind) > 1 && pronoun(behind[1].text)
	}
	return true
}

// begin is the first word of a sentence.
func (t *text) begin(sentence int) int {
	return slices.IndexFunc(t.words, func(w word) bool { return w.sentence == sentence })
}

func (t *text) sentence(n int) []word {
	from := t.begin(n)
	to := from
	for to < len(t.words) && t.words[to].sentence == n {
		to++
	}
	return t.words[from:to]
}

// callsAll tells whether everybody is called.
func (t *text) callsAll() bool {
	for i := 0; i < len(t.words); i++ {
		if t.words[i].at && groupHandle(t.words[i].text) {
			return true
		}
		n, strict := group(t.words[i:])
		if n == 0 {
			continue
		}
		if !strict {
			return true
		}
		if t.called(found{from: i, to: i + n, strict: true}) && t.plainly(i, i+n) {
			return true
		}
	}
	return false
}

// plainly tells whether words that may mean everybody are a call by what stands beside them: a
// sign, a greeting, "please", or a question to somebody.
func (t *text) plainly(from, to int) bool {
	rest := t.words[to:]
	switch {
	case t.words[from].after || begins(rest, []string{"please"}):
		return true
	case from > 0 && t.words[from-1].sentence == t.words[from].sentence && greets(t.words[from-1].text):
		return true
	}
	return len(rest) > 1 && asksWith(rest[0].text) && pronoun(rest[1].text)
}
