package turn

import "slices"

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
	sounds bool // a word that sounds like a name in every consonant
	called bool
}

// find returns where names stand in a text. A name in its own letters goes before one that sounds
// so, a longer one before a shorter.
func find(words []word, names []name, literal bool) (out []found) {
	for i := 0; i < len(words); {
		best, length, near, sounds := -1, 0, false, false
		for n := range names {
			if l := len(names[n].words); l > length && begins(words[i:], names[n].words) {
				best, length = n, l
			}
		}
		if best < 0 && !literal {
			best = slices.IndexFunc(names, func(n name) bool { return len(n.words) == 1 && soundsLike(words[i].text, n.words[0]) })
			length, near = 1, true
			sounds = best >= 0 && metaphone(words[i].text) == metaphone(names[best].words[0])
		}
		if best < 0 {
			i++
			continue
		}
		out = append(out, found{owner: names[best].owner, from: i, to: i + length, strict: near, sounds: sounds})
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
		chain := found{from: t.found[i].from, to: t.found[last].to, strict: t.found[i].strict, sounds: t.found[i].sounds}
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
	if before := t.before(a.from); len(before) > 0 && t.words[a.to-1].after && minds(before[len(before)-1].text) {
		return false // "never mind bob, max, go on"
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
	before, behind := t.before(f.from), t.behind(f.to, first.sentence)
	switch {
	case first.at:
		return true
	case len(before) > 0 && greets(before[len(before)-1].text):
		return true
	case len(before) > 1 && before[len(before)-1].text == "you" && (before[len(before)-2].text == "and" || before[len(before)-2].text == "about"):
		return true
	case !slices.ContainsFunc(before, func(w word) bool { return !opens(w.text) }):
		return t.opened(f, behind)
	case len(behind) == 0 || len(behind) == 1 && trails(behind[0].text):
		return (!f.strict || f.sounds) && trailing(before, t.asks[first.sentence])
	case last.after && commands(before[0].text): // "look up iris, do you see it"
		return !f.strict && trailing(before, false)
	}
	return false
}

// opened tells the same of names that begin a sentence.
func (t *text) opened(f found, behind []word) bool {
	first, last := t.words[f.from], t.words[f.to-1]
	if last.after {
		return !t.apposed(behind, first.sentence) && !t.chooses(f, behind)
	}
	if f.strict {
		return f.sounds && commands(behind[0].text) || asksPerson(behind[0].text) || asksWith(behind[0].text) && len(behind) > 1 && pronoun(behind[1].text) ||
			behind[0].text == "you" && t.asks[first.sentence]
	}
	switch {
	case conjunction(behind[0].text):
		return len(behind) > 1 && behind[1].text == "you"
	case reports(behind[0].text), adverb(behind[0].text) && len(behind) > 1 && (reports(behind[1].text) || auxiliary(behind[1].text)):
		return false
	case len(behind) == 1 && behind[0].text == "who":
		return false
	case places(behind[0].text):
		return t.asks[first.sentence] || !states(behind)
	case auxiliary(behind[0].text), f.to-f.from > 1 && plural(behind[0].text):
		return t.asks[first.sentence] && !tagged(behind) || len(behind) > 1 && pronoun(behind[1].text)
	}
	return true
}

// apposed tells whether words between signs tell more about the name before them, and a verb of its
// bearer follows: "Max, of all people, was right".
func (t *text) apposed(behind []word, sentence int) bool {
	if t.asks[sentence] {
		return false
	}
	for i := 1; i < len(behind); i++ {
		verb := i
		if adverb(behind[i].text) {
			verb++
		}
		if !behind[i].before || verb == len(behind) {
			continue
		}
		w := behind[verb].text
		third := past(w) || auxiliary(w) || verb > i && reports(w)
		if third && (verb+1 == len(behind) || !pronoun(behind[verb+1].text)) {
			return true
		}
	}
	return false
}

// chooses tells whether a question ends with names to choose from: "who is it, Iris or Max?".
func (t *text) chooses(f found, behind []word) bool {
	sentence := t.words[f.from].sentence
	either := func(w word) bool { return w.text == "or" }
	return len(behind) == 0 && t.asks[sentence] && f.from > 0 && t.words[f.from-1].sentence == sentence && slices.ContainsFunc(t.words[f.from:f.to], either)
}

// tagged tells whether a statement ends as a question: "…, isn't he".
func tagged(words []word) bool {
	n := len(words)
	if n < 2 || !words[n-2].before || !pronoun(words[n-1].text) {
		return false
	}
	return auxiliary(words[n-2].text) || plural(words[n-2].text)
}

// states tells whether words behind a name go on to say something of its bearer: there is a verb in
// the third person whose subject is no pronoun, and nobody is spoken to.
func states(behind []word) bool {
	verb := false
	for i, w := range behind {
		switch {
		case w.text == "you" || w.text == "your":
			return false
		case i > 0 && auxiliary(w.text) && !pronoun(behind[i-1].text):
			verb = true
		}
	}
	return verb
}

// before are the words in front of one, back to the last sign.
func (t *text) before(i int) []word {
	from := i
	for from > 0 && !t.words[from].before {
		from--
	}
	return t.words[from:i]
}

// behind are the words from one on, to the end of the sentence.
func (t *text) behind(i, sentence int) []word {
	to := i
	for to < len(t.words) && t.words[to].sentence == sentence {
		to++
	}
	return t.words[i:to]
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
		before, behind := t.before(i), t.behind(i+n, t.words[i].sentence)
		switch {
		case t.called(found{from: i, to: i + n, strict: true}) && t.plainly(i, i+n),
			asksAll(before, behind, t.asks[t.words[i].sentence]), hails(before, t.words[i].text, behind):
			return true
		case len(before) > 0 && len(behind) == 0 && !t.asks[t.words[i].sentence] && trailing(before, false):
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
	return len(rest) > 1 && (asksWith(rest[0].text) && pronoun(rest[1].text) || rest[0].text == "what" || rest[0].text == "how")
}
