package scene

import (
	"strings"
	"unicode"
)

// sameWord maps spellings and synonyms to the word the answers use.
var sameWord = map[string]string{
	"grey": "gray", "colour": "color", "colours": "colors", "centre": "center", "middle": "center", "upper": "top", "lower": "bottom",
	"cannot": "not", "can't": "not", "don't": "not", "doesn't": "not", "isn't": "not", "aren't": "not", "hexagons": "hexagon",
	"butterflies": "butterfly", "strawberries": "strawberry", "1": "one", "2": "two", "3": "three", "4": "four", "photo": "image", "picture": "image",
}

// words splits a text into lower-case words in their plain spelling; full stops remain as words of
// their own.
func words(text string) []string {
	text = strings.ReplaceAll(text, "’", "'")
	var out []string
	for _, field := range strings.Fields(strings.ToLower(text)) {
		word := strings.TrimFunc(field, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if word != "" {
			out = append(out, plainWord(word))
		}
		if strings.ContainsAny(field[len(field)-1:], ".!?;") {
			out = append(out, ".")
		}
	}
	return out
}

func plainWord(w string) string {
	if to, ok := sameWord[w]; ok {
		return to
	}
	w = strings.TrimSuffix(w, "'s")
	for _, end := range []string{"s", "es"} {
		if bare, ok := strings.CutSuffix(w, end); ok && isName(bare) && !isName(w) {
			return bare
		}
	}
	return w
}

// tokens are words with the two words of a corner joined: "top left" is one token, "top" another.
func tokens(text string) []string {
	var out []string
	in := words(text)
	for i := 0; i < len(in); i++ {
		if i+1 < len(in) && (in[i] == "top" || in[i] == "bottom") && (in[i+1] == "left" || in[i+1] == "right") {
			out = append(out, in[i]+" "+in[i+1])
			i++
			continue
		}
		out = append(out, in[i])
	}
	return out
}

func isName(w string) bool     { return indexOf(shapeNames[:], w) >= 0 || indexOf(emojiNames[:], w) >= 0 }
func isColour(w string) bool   { return indexOf(colourNames[:], w) >= 0 }
func isPosition(w string) bool { return indexOf(positionNames[:], w) >= 0 }
func isCount(w string) bool    { return indexOf(countWords[1:], w) >= 0 }
func isNumber(w string) bool   { return w != "" && strings.Trim(w, "0123456789") == "" }
func isNegation(w string) bool { return w == "no" || w == "not" || w == "nothing" || w == "never" }

// isContent says whether a token can be right or wrong about a picture.
func isContent(w string) bool {
	return isName(w) || isColour(w) || isPosition(w) || isCount(w) || isNumber(w) || w == "plain" || w == "background"
}

// mention is one thing that a text speaks of. Words that the text does not say are empty.
type mention struct {
	name     string // a name, or "background", "number", "plain"
	count    string
	colour   string
	position string
}

// parser walks over tokens and gathers mentions.
type parser struct {
	mentions []mention
	next     mention // words said before their noun
	open     bool    // the last mention can still take a colour or a position
	verb     bool    // the last token was a verb
	negated  bool
}

// mentions reads a text. Clauses that deny something are left out.
func mentions(text string) []mention {
	var p parser
	for _, t := range tokens(text) {
		p.token(t)
	}
	p.end()
	return p.mentions
}

func (p *parser) token(t string) {
	switch {
	case t == ".":
		p.end()
		p.negated = false
	case t == "but" || t == "however":
		p.end()
		p.negated = false
	case isNegation(t):
		p.end()
		p.negated = true
	case p.negated:
	case isColour(t):
		p.colour(t)
	case isPosition(t):
		p.position(t)
	case isName(t) || t == "background" || t == "number":
		p.noun(t)
	case t == "plain":
		p.next.name = "plain"
	case t == "image" && p.next.name == "plain":
		p.noun("plain")
	case isCount(t) && !p.last("number"):
		p.next.count = t
	case isCount(t) || isNumber(t):
		p.number(t)
	case strings.HasPrefix(t, "object") || strings.HasPrefix(t, "thing") || strings.HasPrefix(t, "item"):
		if p.next.count != "" {
			p.noun("object")
		}
	}
	p.verb = t == "is" || t == "are" || p.verb && t == "in"
}

// last says whether the newest mention has this name and is still open.
func (p *parser) last(name string) bool {
	return p.open && len(p.mentions) > 0 && p.mentions[len(p.mentions)-1].name == name
}

func (p *parser) noun(name string) {
	p.next.name = name
	p.mentions = append(p.mentions, p.next)
	p.next, p.open = mention{}, true
}

func (p *parser) colour(c string) {
	if last := len(p.mentions) - 1; p.open && p.verb && p.mentions[last].colour == "" {
		p.mentions[last].colour = c
		return
	}
	if p.next.colour != "" {
		p.flush()
	}
	p.next.colour = c
}

func (p *parser) position(at string) {
	last := len(p.mentions) - 1
	switch {
	case p.next.colour != "" && p.next.position == "" && p.next.name == "":
		p.next.position = at // "red at the top left"
		p.flush()
	case p.open && p.mentions[last].position == "":
		p.mentions[last].position = at
	default:
		p.flush()
		p.mentions, p.open = append(p.mentions, mention{position: at}), true
	}
}

func (p *parser) number(t string) {
	if p.last("number") && p.mentions[len(p.mentions)-1].count == "" {
		p.mentions[len(p.mentions)-1].count = t
		return
	}
	p.mentions = append(p.mentions, mention{name: "number", count: t})
}

// flush keeps what was said without a noun.
func (p *parser) flush() {
	if p.next != (mention{}) {
		p.mentions = append(p.mentions, p.next)
	}
	p.next, p.open = mention{}, false
}

func (p *parser) end() {
	p.flush()
}
