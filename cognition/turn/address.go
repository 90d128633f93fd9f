package turn

import (
	"slices"
	"strings"
	"unicode"
)

// Persona is a persona as the address sees it.
type Persona struct {
	Name    string
	Aliases []string
	Muted   bool
}

// Call is what somebody said or wrote, as the address sees it.
type Call struct {
	Text     string
	To       []string  // those explicitly meant; empty for nobody in particular
	Personas []Persona // of the room, in their order
	Humans   int       // people who are here
	Mode     Mode
	Front    string // empty for the first persona
}

// Addressed says who is to reply, in order, and why each other persona is not.
type Addressed struct {
	Responders []string
	Silences   []Quiet
}

// Quiet is a persona that does not reply.
type Quiet struct {
	Seat string
	Why  Reason
}

// Address decides who is meant. Every persona of the call is in exactly one place of the result. It
// is pure.
//
// One persona answers everything. Of several, the first rule that matches decides: those explicitly
// meant; those called by name; the mode.
func Address(c Call) Addressed {
	named, other := c.To, ReasonNotAddressed
	if len(c.To) == 0 && len(c.Personas) > 1 {
		named = c.named()
	}
	if len(named) == 0 {
		named, other = c.byMode()
	}
	var out Addressed
	for _, name := range named {
		i := slices.IndexFunc(c.Personas, func(p Persona) bool { return p.Name == name })
		if i >= 0 && !c.Personas[i].Muted && !slices.Contains(out.Responders, name) {
			out.Responders = append(out.Responders, name)
		}
	}
	for _, p := range c.Personas {
		switch {
		case slices.Contains(out.Responders, p.Name):
		case p.Muted:
			out.Silences = append(out.Silences, Quiet{p.Name, ReasonMuted})
		default:
			out.Silences = append(out.Silences, Quiet{p.Name, other})
		}
	}
	return out
}

// byMode is who answers what is addressed to nobody, and why the others do not.
func (c *Call) byMode() (names []string, other Reason) {
	if len(c.Personas) == 0 {
		return nil, ReasonNotAddressed
	}
	front := c.Front
	if front == "" {
		front = c.Personas[0].Name
	}
	mode := c.Mode
	if mode == ModeAuto {
		mode = ModeMentions
		if c.Humans <= 1 || len(c.Personas) == 1 {
			mode = ModeFront
		}
	}
	switch mode {
	case ModeAll:
		for _, p := range c.Personas {
			names = append(names, p.Name)
		}
		return names, ReasonNotAddressed
	case ModeFront:
		here := slices.ContainsFunc(c.Personas, func(p Persona) bool { return p.Name == front && !p.Muted })
		if !here {
			return nil, ReasonFrontUnavailable
		}
		return []string{front}, ReasonNotFront
	case ModeAuto, ModeMentions:
	}
	return nil, ReasonNotAddressed
}

// named are the personas that are called by a name or an alias, in the order of the names.
func (c *Call) named() (out []string) {
	for _, w := range wordsOf(c.Text) {
		for _, p := range c.Personas {
			if strings.EqualFold(w, p.Name) || slices.ContainsFunc(p.Aliases, func(a string) bool { return strings.EqualFold(w, a) }) {
				out = append(out, p.Name)
			}
		}
	}
	return out
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '_' && r != '-'
	})
}

// call is a question as the address sees it.
func (t *Table) call(q *trigger, to []string) Call {
	c := Call{
		Text: q.Text, To: to, Humans: t.people.humans(), Mode: t.policy.Mode, Front: t.policy.Front,
		Personas: make([]Persona, len(t.seats)),
	}
	for i, s := range t.seats {
		c.Personas[i] = Persona{Name: s.name, Aliases: s.aliases, Muted: s.muted}
	}
	return c
}
