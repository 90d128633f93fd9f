package memory

import (
	"slices"
	"strings"
)

// claim is what a text says in a form that can be compared: something (slot) has a value, or it is
// so, or it is not so.
type claim struct {
	slot, value string
	negated     bool
	words       []string // content, sorted
	numbers     []string // numbers and times, in order
}

// Words that a claim is cut with.
const (
	self       = "§" // stands for whom the text is about
	copulas    = "is are am was were"
	leads      = "that well so and but actually also please the a an oh okay ok yes no"
	trails     = "now please actually okay ok too again then still"
	places     = "in on at under behind near by next inside above below beside between"
	likings    = "like love enjoy prefer adore want"
	dislikes   = "hate dislike detest"
	attributes = "name colour color birthday age address number job hometown email phone size team nickname surname diet"
	times      = "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august " +
		"september october november december today tomorrow tonight noon midnight dawn morning evening afternoon week weekend half quarter"
	numerals = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen " +
		"eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand first second third fourth fifth"
)

// claimOf reads a text about a subject, who has these names.
func claimOf(text string, names []string) claim {
	list := words(text)
	c := claim{words: content(list)}
	var rest []string
	for i, w := range list {
		bare := strings.TrimSuffix(w, "'s")
		switch {
		case in(firstPerson, w), slices.Contains(names, bare) && !afterName(list, i):
			if len(rest) == 0 || rest[len(rest)-1] != self {
				rest = append(rest, self)
			}
		case in(negations, w):
			c.negated = !c.negated
		case bare == "doe" || bare == "does" || bare == "do" || bare == "did": // of a negation
		default:
			if numeric(w) {
				c.numbers = append(c.numbers, stem(w))
			}
			rest = append(rest, bare)
		}
	}
	for len(rest) > 0 && in(leads, rest[0]) {
		rest = rest[1:]
	}
	for len(rest) > 0 && in(trails, rest[len(rest)-1]) {
		rest = rest[:len(rest)-1]
	}
	c.words = slices.DeleteFunc(c.words, func(w string) bool { return slices.Contains(names, w) })
	c.read(rest)
	return c
}

// afterName tells whether a word is what somebody is called: the name is said there, and does not
// stand for who has it.
func afterName(list []string, i int) bool {
	return i > 0 && (in(copulas, list[i-1]) || in("called named me", list[i-1]))
}

// read finds slot and value.
func (c *claim) read(rest []string) {
	for i := 1; i < len(rest); i++ {
		if in(copulas, rest[i]) {
			c.copula(rest[:i], rest[i+1:])
			return
		}
	}
	if len(rest) < 2 || rest[0] != self {
		c.generic(rest)
		return
	}
	verb, object := stem(rest[1]), rest[2:]
	switch {
	case in(likings, verb) || in(dislikes, verb):
		c.slot = "like " + key(object)
		c.negated = c.negated != in(dislikes, verb)
	case verb == "live" || verb == "moved":
		c.slot, c.value = "live", key(object)
	case verb == "work" && len(object) > 0:
		c.slot, c.value = "work "+object[0], key(object[1:])
	default:
		c.generic(rest)
	}
}

// copula reads "the noun is value". What a noun can be only once is its slot alone; of what it can
// be at once, every value is a slot of its own, that holds or does not.
func (c *claim) copula(noun, value []string) {
	if len(value) == 0 {
		c.generic(noun)
		return
	}
	head, last := key(noun), stem(noun[len(noun)-1])
	switch {
	case in("called named", value[0]):
		c.slot, c.value = head+" name", key(value[1:])
	case last == "name":
		c.slot, c.value = head, key(value)
	case slices.ContainsFunc(value, numeric):
		c.slot, c.value = head+" number", key(value)
	case len(noun) == 1 && noun[0] == self && value[0] == "from":
		c.slot, c.value = "from", key(value)
	case in(attributes, last) || slices.Contains(noun, "favourite") || slices.Contains(noun, "favorite"):
		c.slot, c.value = head, key(value)
	case in(places, value[0]) && (len(noun) > 1 || noun[0] != self):
		c.slot, c.value = head+" where", key(value)
	default:
		c.slot = head + " is " + key(value)
	}
}

// generic is the whole text, in which numbers and times may change.
func (c *claim) generic(rest []string) {
	c.value = strings.Join(c.numbers, " ")
	c.slot = key(slices.DeleteFunc(slices.Clone(rest), numeric))
}

// key joins stemmed words, without articles.
func key(list []string) string {
	var out []string
	for _, w := range list {
		if !in("a an the of to have has had", w) {
			out = append(out, stem(w))
		}
	}
	return strings.Join(out, " ")
}

// numeric tells whether a word is a number or a time.
func numeric(w string) bool {
	return strings.ContainsAny(w, "0123456789") || in(numerals, w) || in(times, w) || in(times, strings.TrimSuffix(w, "s"))
}

// same is the share of words above which two texts say the same.
const same = 0.8

// duplicates tells whether two claims about one subject say the same.
func (c claim) duplicates(o claim) bool {
	if c.negated != o.negated || !slices.Equal(c.numbers, o.numbers) {
		return false
	}
	if c.slot == o.slot && c.slot != "" {
		return c.value == o.value
	}
	return jaccard(c.words, o.words) >= same
}

// contradicts tells whether two claims about one subject cannot both hold.
func (c claim) contradicts(o claim) bool {
	if c.slot != o.slot || len(strings.Fields(c.slot)) == 0 {
		return false
	}
	return c.negated != o.negated || c.value != o.value && c.value != "" && o.value != ""
}
