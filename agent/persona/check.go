package persona

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Bounds of a set. They are far above what a machine can serve, and keep a broken file from being
// a large one.
const (
	MaxPersonas = 256
	MaxRooms    = 1024
	MaxSeats    = 32       // personas of one room
	MaxNames    = 16       // aliases of one persona
	MaxName     = 128      // bytes of a name, an identity, a room or an alias
	MaxPrompt   = 32 << 10 // bytes: as much text as the widest of today's small models can hold
	MaxGreeting = 1 << 10
	MaxTokens   = 32_768
)

// MaxIdle bounds how long a silence is before a persona breaks it.
const MaxIdle = 24 * time.Hour

// FieldError is one mistake in a set.
type FieldError struct {
	// Field is where it is, for example "personas[1].aliases[0]".
	Field string
	Text  string
}

// Error returns both in a line.
func (p FieldError) Error() string { return p.Field + ": " + p.Text }

// Check returns every mistake, in the order of the set; none for a set that can be served. Whether
// a profile, a voice or a model exists is not known here.
func (s *Set) Check() []FieldError {
	c := checker{called: map[string]string{}, identities: map[string]string{}}
	if n := len(s.Personas); n > MaxPersonas {
		c.add("personas", "%d are more than %d", n, MaxPersonas)
	}
	for i, p := range s.Personas {
		c.persona(fmt.Sprintf("personas[%d]", i), p)
	}
	if n := len(s.Rooms); n > MaxRooms {
		c.add("rooms", "%d are more than %d", n, MaxRooms)
	}
	seen := map[string]string{}
	for i, r := range s.Rooms {
		c.room(s, fmt.Sprintf("rooms[%d]", i), r, seen)
	}
	return c.problems
}

type checker struct {
	problems   []FieldError
	called     map[string]string // a folded name or alias to the field it is in
	identities map[string]string
}

func (c *checker) add(field, format string, args ...any) {
	c.problems = append(c.problems, FieldError{field, fmt.Sprintf(format, args...)})
}

// name checks one line that names somebody or something.
func (c *checker) name(field, text string, must bool) bool {
	switch {
	case text == "" && must:
		c.add(field, "is missing")
	case text == "":
		return true
	case len(text) > MaxName:
		c.add(field, "has %d bytes; at most %d", len(text), MaxName)
	case !utf8.ValidString(text), strings.ContainsFunc(text, unicode.IsControl), strings.TrimSpace(text) != text:
		c.add(field, "must be one line of printable text without space around it")
	default:
		return true
	}
	return false
}

// prose checks a text that a model or a voice gets.
func (c *checker) prose(field, text string, most int) {
	odd := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	switch {
	case len(text) > most:
		c.add(field, "has %d bytes; at most %d", len(text), most)
	case !utf8.ValidString(text), strings.ContainsFunc(text, odd):
		c.add(field, "must be printable text")
	}
}

// call notes that a name is taken. Two personas of one name in different rooms are refused too: a
// name is how an operator, the log and the ledger tell them apart.
func (c *checker) call(field, name string) {
	folded := Fold(name)
	if folded == "" {
		c.add(field, "%q has no letter or digit to be called by", name)
		return
	}
	if before, taken := c.called[folded]; taken {
		c.add(field, "%q is taken by %s", name, before)
		return
	}
	c.called[folded] = field
}

// idle checks what is said where nobody says anything.
func (c *checker) idle(at string, i turn.Idle) {
	c.prose(at+".say", i.Say, MaxGreeting)
	switch {
	case i.After < 0 || i.After > MaxIdle:
		c.add(at+".after", "%v is not from 0s to %v", i.After, MaxIdle)
	case i.After > 0 && i.Say == "":
		c.add(at+".say", "is missing: what is said after %v", i.After)
	case i.After == 0 && i.Say != "":
		c.add(at+".after", "is missing: how long nobody has said anything then, for example 30s")
	}
}

func (c *checker) persona(at string, p Persona) {
	if c.name(at+".name", p.Name, true) {
		c.call(at+".name", p.Name)
	}
	if identity := p.Identity; c.name(at+".identity", identity, false) {
		field := at + ".identity"
		if identity == "" {
			identity, field = p.Name, at+".name"
		}
		if before, taken := c.identities[identity]; taken && before != field {
			c.add(field, "%q is the identity of %s", identity, before)
		} else if identity != "" {
			c.identities[identity] = field
		}
	}
	c.name(at+".profile", p.Profile, false)
	c.name(at+".voice", p.Voice, false)
	c.prose(at+".prompt", p.Prompt, MaxPrompt)
	c.prose(at+".greeting", p.Greeting, MaxGreeting)
	c.idle(at+".idle", p.Idle)
	if len(p.Aliases) > MaxNames {
		c.add(at+".aliases", "%d are more than %d", len(p.Aliases), MaxNames)
	}
	for i, alias := range p.Aliases {
		field := fmt.Sprintf("%s.aliases[%d]", at, i)
		if c.name(field, alias, true) {
			c.call(field, alias)
		}
	}
	if len(p.Specialty) > MaxNames {
		c.add(at+".specialty", "%d are more than %d", len(p.Specialty), MaxNames)
	}
	for i, word := range p.Specialty {
		c.name(fmt.Sprintf("%s.specialty[%d]", at, i), word, true)
	}
	if p.AnswerTokens < 0 || p.AnswerTokens > MaxTokens {
		c.add(at+".answer.tokens", "%d is not between 0 and %d", p.AnswerTokens, MaxTokens)
	}
	if _, known := memory.ParseMode(string(p.Remember)); !known && p.Remember != "" {
		c.add(at+".remember", "%q is unknown; known are never, on_request, auto", p.Remember)
	}
	if _, known := ParseHistory(p.History.String()); !known {
		c.add(at+".history", "%s; known are %s", p.History, strings.Join(histories(), ", "))
	}
}

func (c *checker) room(s *Set, at string, r Room, seen map[string]string) {
	before := len(c.problems)
	if c.name(at+".name", r.Name, true) {
		if before, taken := seen[r.Name]; taken {
			c.add(at+".name", "%q is there as %s", r.Name, before)
		} else {
			seen[r.Name] = at
		}
	}
	switch n := len(r.Personas); {
	case n == 0:
		c.add(at+".personas", "names nobody")
	case n > MaxSeats:
		c.add(at+".personas", "%d are more than %d", n, MaxSeats)
	}
	for i, name := range r.Personas {
		field := fmt.Sprintf("%s.personas[%d]", at, i)
		if _, known := s.Find(name); !known {
			c.add(field, "%q is no persona of this file; there are %s", name, s.names())
		} else if slices.Contains(r.Personas[:i], name) {
			c.add(field, "%q has a seat here already", name)
		}
	}
	var called []turn.Persona
	for _, name := range r.Personas {
		if p, known := s.Find(name); known {
			called = append(called, turn.Persona{Name: p.Name, Aliases: p.Aliases})
		}
	}
	if err := turn.CheckNames(called); err != nil && len(c.problems) == before {
		c.add(at+".personas", "%v", err)
	}
	if r.Front != "" && !slices.Contains(r.Personas, r.Front) {
		c.add(at+".front", "%q has no seat in this room", r.Front)
	}
	if _, known := ParseMode(r.Mode.String()); !known {
		c.add(at+".mode", "%s; known are %s", r.Mode, strings.Join(modes(), ", "))
	}
}

// names lists the personas for a message.
func (s *Set) names() string {
	const most = 8
	var out []string
	for _, p := range s.Personas {
		out = append(out, fmt.Sprintf("%q", p.Name))
	}
	switch {
	case len(out) == 0:
		return "none"
	case len(out) > most:
		return strings.Join(out[:most], ", ") + fmt.Sprintf(" and %d more", len(out)-most)
	}
	return strings.Join(out, ", ")
}

// Fold returns what is left of a name when it is only said: lower-case letters and digits.
func Fold(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}
