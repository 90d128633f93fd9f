package answer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what a [Cutter] holds, in bytes.
const (
	// FieldLimit is how much is kept of a field; what is longer is cut as well, and no field.
	FieldLimit = 8 << 10
	maxOwn     = 160 // of a name before an answer, with its marks
	maxOpening = 96  // of how a field begins
)

// blanks are white space in JSON.
const blanks = " \t\r\n"

// Cutter takes visible text of an answer apart: what is said goes on, and two things do not. The
// persona's own name before it ("Iris: It is red."), which models write where several people speak:
// everybody knows who speaks. And a field for what is to be remembered ({"remember": …}), wherever
// it stands, within a block of code or not, whole or broken: nobody is to hear it, see it or find
// it in the chat. A field behind a single backtick is text, since somebody may have asked about it.
//
// How the text is cut into pieces never changes the result. A Cutter belongs to one answer and one
// goroutine, and holds a few KB at most.
type Cutter struct {
	names []string // in lower case

	held  string // not decided yet
	begun bool   // what is said has begun
	last  byte   // the last byte that was said; 0 before the first
	out   strings.Builder

	field  strings.Builder
	inside bool // the field
	line   bool // it ends with its line: nothing else tells
	quoted bool // inside a text of it
	escape bool // behind a backslash in that
	depth  int  // of brackets
	fenced bool // a block of code is open that holds a field
}

// NewCutter returns one for an answer of a persona that is called by these names.
func NewCutter(names ...string) *Cutter {
	c := &Cutter{}
	for _, n := range names {
		if n = strings.ToLower(strings.TrimSpace(n)); n != "" && len(n) < maxOwn/2 {
			c.names = append(c.names, n)
		}
	}
	return c
}

// Push takes visible text and returns what of it is said as far as it is decided, which may be
// empty.
func (c *Cutter) Push(visible string) (said string) {
	c.held += visible
	c.run(false)
	return c.take()
}

// End returns the rest of what is said. Nothing may be pushed afterwards.
func (c *Cutter) End() (said string) {
	c.run(true)
	return c.take()
}

// Field is what was cut for what is to be remembered, as the model wrote it; empty where there was
// none. Of two fields it is both, one behind the other.
func (c *Cutter) Field() string { return strings.TrimSpace(c.field.String()) }

func (c *Cutter) take() string {
	out := c.out.String()
	c.out.Reset()
	return out
}

// say has the first bytes of what is held said.
func (c *Cutter) say(n int) {
	if n > 0 {
		c.out.WriteString(c.held[:n])
		c.last = c.held[n-1]
		c.held = c.held[n:]
	}
}

// run decides what can be decided; final says that nothing follows.
func (c *Cutter) run(final bool) {
	for c.held != "" {
		var wait bool
		switch {
		case c.inside:
			c.within()
		case c.fenced:
			wait = c.fence(final)
		case !c.begun:
			wait = c.opening(final)
		default:
			wait = c.text(final)
		}
		if wait {
			return
		}
	}
}

// opening cuts the own name from the beginning.
func (c *Cutter) opening(final bool) (wait bool) {
	c.held = strings.TrimLeftFunc(c.held, unicode.IsSpace)
	if cutRune(c.held) == len(c.held) && !final {
		return true
	}
	n, more := own(c.held, c.names)
	switch {
	case n > 0:
		c.held = c.held[n:]
	case more && !final:
		return true
	default:
		c.begun = true
	}
	return false
}

// text says what is before the next field.
func (c *Cutter) text(final bool) (wait bool) {
	at := strings.IndexAny(c.held, "{`")
	if at < 0 {
		c.say(len(c.held))
		return true
	}
	c.say(at)
	found, brace := opens(c.held)
	switch {
	case found == certain && c.last != '`':
		c.fenced = brace > 0
		c.held = c.held[brace:]
		c.begun = c.last != 0 // the name may stand behind it
		c.inside, c.line = true, c.held[strings.IndexAny(c.held, `"'`)] == '\''
		c.quoted, c.escape, c.depth = false, false, 0
		if c.field.Len() > 0 {
			c.field.WriteByte('\n')
		}
	case found == open && !final && c.last != '`':
		return true
	default:
		c.say(max(1, len(c.held)-len(strings.TrimLeft(c.held, "`"))))
	}
	return false
}

// within takes the field, as far as it is there.
func (c *Cutter) within() {
	for i := range len(c.held) {
		b := c.held[i]
		switch {
		case c.line:
			if b == '\n' {
				c.end(i)
				return
			}
		case c.escape:
			c.escape = false
		case c.quoted:
			c.escape = b == '\\'
			c.quoted = b != '"'
		case b == '"':
			c.quoted = true
		case b == '{' || b == '[':
			c.depth++
		case b == '}' || b == ']':
			if c.depth--; c.depth <= 0 {
				c.end(i + 1)
				return
			}
		}
	}
	c.end(len(c.held))
	c.inside = true
}

// end takes so many bytes of what is held as the end of the field.
func (c *Cutter) end(n int) {
	if room := FieldLimit + 1 - c.field.Len(); room > 0 {
		c.field.WriteString(c.held[:min(n, room)])
	}
	c.held, c.inside = c.held[n:], false
}

// fence cuts the end of the block of code that held the field.
func (c *Cutter) fence(final bool) (wait bool) {
	rest := strings.TrimLeft(c.held, blanks)
	if len(rest) < 3 && strings.Trim(rest, "`") == "" && !final {
		return true
	}
	c.fenced = false
	if after, closed := strings.CutPrefix(rest, "```"); closed {
		c.held = after
	}
	return false
}

// verdict is whether something is there.
type verdict int

const (
	no      verdict = iota
	open            // it depends on what follows
	certain         // it is
)

// opens tells whether a text begins with a field: a brace, "remember" and a colon, with white space
// between them, or that behind the mark that begins a block of code. at is where the brace stands.
func opens(text string) (v verdict, at int) {
	if len(text) > maxOpening {
		text = text[:maxOpening]
	}
	rest := text
	if rest[0] == '`' {
		if rest, v = lit(rest, "```"); v != certain {
			return v, 0
		}
		rest = strings.TrimLeftFunc(rest, func(r rune) bool { return r < utf8.RuneSelf && unicode.IsLetter(r) })
		rest = strings.TrimLeft(rest, " \t\r")
		if rest, v = lit(rest, "\n"); v != certain {
			return bounded(v, text), 0
		}
		rest = strings.TrimLeft(rest, blanks)
	}
	at = len(text) - len(rest)
	for _, want := range []string{"{", `"`, "remember", `"`, ":"} {
		rest = strings.TrimLeft(rest, blanks)
		if want == `"` && strings.HasPrefix(rest, "'") {
			want = "'"
		}
		if rest, v = lit(rest, want); v != certain {
			return bounded(v, text), at
		}
	}
	return certain, at
}

// bounded is no where a text that is not decided yet is as long as it may be.
func bounded(v verdict, text string) verdict {
	if v == open && len(text) >= maxOpening {
		return no
	}
	return v
}

// lit cuts a text that must be there, in whatever case.
func lit(text, want string) (rest string, v verdict) {
	n := min(len(text), len(want))
	switch {
	case lower(text[:n]) != lower(want[:n]):
		return text, no
	case n < len(want):
		return text, open
	}
	return text[n:], certain
}

// own is how many bytes at the beginning of a text are one of the names and a colon, in bold or
// not; more says that this depends on what follows.
func own(text string, names []string) (n int, more bool) {
	if len(text) > maxOwn {
		text = text[:maxOwn]
	}
	for _, name := range names {
		rest := text
		v := certain
		for _, want := range []string{"*", name, "*", ":", "*"} {
			if want == "*" {
				rest = strings.TrimLeft(strings.TrimLeft(rest, "*_"), " ")
				continue
			}
			if rest, v = lit(rest, want); v != certain {
				break
			}
		}
		switch {
		case v == certain && rest != "":
			return len(text) - len(rest), false
		case v == certain || v == open:
			more = more || len(text) < maxOwn
		}
	}
	return 0, more
}
