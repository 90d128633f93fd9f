package addressing

import (
	"slices"
	"strings"
	"unicode"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Naive is a simple way to decide who is meant, as agents have it that know of no rules.
type Naive struct {
	Name, Doc string
	Address   func(turn.Call) turn.Addressed
}

// Naives returns those that the rules are compared with.
func Naives() []Naive {
	return []Naive{
		{"anywhere", "whoever's name, alias or handle stands anywhere in the line, and all where everyone or everybody does", anywhere},
		{"wake word", "whoever's name or alias the line begins with, greetings left out", wakeWord},
		{"everything", "all answer everything, as a single agent does", everything},
	}
}

// split cuts a text into words in lower case.
func split(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func named(c turn.Call, word string) (string, bool) {
	i := slices.IndexFunc(c.Personas, func(p turn.Persona) bool { return p.Name == word || slices.Contains(p.Aliases, word) })
	if i < 0 {
		return "", false
	}
	return c.Personas[i].Name, true
}

func all(c turn.Call) turn.Addressed {
	out := turn.Addressed{Rule: turn.RuleGroup}
	for _, p := range c.Personas {
		out.Responders = append(out.Responders, p.Name)
	}
	return out
}

func anywhere(c turn.Call) turn.Addressed {
	out := turn.Addressed{Rule: turn.RuleName}
	for _, w := range split(c.Text) {
		if name, ok := named(c, w); ok && !slices.Contains(out.Responders, name) {
			out.Responders = append(out.Responders, name)
		}
	}
	if len(out.Responders) == 0 && slices.ContainsFunc(split(c.Text), func(w string) bool { return w == "everyone" || w == "everybody" }) {
		return all(c)
	}
	return out
}

func wakeWord(c turn.Call) turn.Addressed {
	for _, w := range split(c.Text) {
		switch w {
		case "hey", "hi", "hello", "ok", "okay":
			continue
		}
		if name, ok := named(c, w); ok {
			return turn.Addressed{Rule: turn.RuleName, Responders: []string{name}}
		}
		break
	}
	return turn.Addressed{Rule: turn.RuleMode}
}

func everything(c turn.Call) turn.Addressed { return all(c) }
