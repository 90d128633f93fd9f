package turn

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Persona is a persona as the address sees it.
type Persona struct {
	Name string
	// Aliases are other names that it answers to, as ears write them.
	Aliases []string
	// Specialty are words for what it knows about.
	Specialty []string
	Muted     bool
	// LastHeard is when it was heard last, or failed or passed in its turn; 0 for never.
	LastHeard time.Duration
}

// Human is a person as the address sees them.
type Human struct {
	Identity string `json:"identity"`
	Name     string `json:"name,omitempty"` // where it is another
}

// Call is what somebody said or wrote, as the address sees it.
type Call struct {
	From      string
	ByPersona bool // From is a persona
	Text      string
	To        []string  // those explicitly meant; empty for nobody in particular
	Personas  []Persona // of the room, in their order
	Humans    []Human   // who are here
	// FollowUp is the persona that is still meant, since it answered this person last; else empty.
	FollowUp   string
	Mode       Mode
	Front      string // empty for the first persona
	Responders Responders
}

// Rule says which rule of Address matched.
type Rule string

// Rules, in their order.
const (
	RuleTarget   Rule = "target"    // To, or @name
	RuleName     Rule = "name"      // called by name
	RuleGroup    Rule = "group"     // everybody was called
	RuleHuman    Rule = "human"     // a person was called
	RuleFollowUp Rule = "follow_up" // the persona that answered is still meant
	RuleMode     Rule = "mode"
)

// Addressed says who is to reply, in order, and why each other persona is not.
type Addressed struct {
	Rule       Rule
	Responders []string
	Silences   []Quiet
}

// Quiet is a persona that does not reply.
type Quiet struct {
	Seat string `json:"name"`
	Why  Reason `json:"reason"`
}

// Address decides who is meant. Every persona of the call is in exactly one place of the result. It
// is pure.
//
// The first rule that matches decides: those explicitly meant; those called by name; all, by
// everybody; nobody, where a person is called; the persona that answered before; the mode. A name
// in mid-sentence is a mention and no call. A name of four letters or more is also recognised by
// its sound. A room's only persona answers whatever mode auto leaves to nobody. In mode all nobody
// alone is meant because they answered before.
//
// A persona that speaks calls others only by their names, in their own letters.
func Address(c Call) Addressed {
	a := address{Call: c, mentioned: make([]bool, len(c.Personas))}
	a.read()
	rule, meant, most, other := a.decide()
	out := Addressed{Rule: rule}
	reasons := make([]Reason, len(c.Personas))
	for _, i := range meant {
		switch {
		case reasons[i] != "" || slices.Contains(out.Responders, c.Personas[i].Name):
		case c.Personas[i].Muted:
			reasons[i] = ReasonMuted
		case most > 0 && len(out.Responders) >= most:
			reasons[i] = ReasonOverResponders
		default:
			out.Responders = append(out.Responders, c.Personas[i].Name)
		}
	}
	a.inOrder(rule, out.Responders)
	for i, p := range c.Personas {
		why := reasons[i]
		switch {
		case slices.Contains(out.Responders, p.Name):
			continue
		case why != "":
		case p.Muted:
			why = ReasonMuted
		case a.mentioned[i]:
			why = ReasonMentionedOnly
		default:
			why = other
		}
		out.Silences = append(out.Silences, Quiet{p.Name, why})
	}
	return out
}

// address is a call that was read.
type address struct {
	Call
	text      text
	targets   []int // by @name
	called    []int // by name
	mentioned []bool
	human     bool // a person is called
	handle    bool // by @name; or the text begins with one that is nobody's
}

// read finds who is named in the text.
func (a *address) read() {
	var names []name
	for i, p := range a.Personas {
		names = append(names, namesOf(i, append([]string{p.Name}, p.Aliases...)...)...)
	}
	for i, h := range a.Humans {
		if h.Identity != a.From && !a.ByPersona {
			names = append(names, namesOf(len(a.Personas)+i, h.Identity, h.Name)...)
		}
	}
	a.text.words, a.text.asks = wordsOf(a.Text)
	a.text.found = find(a.text.words, names, a.ByPersona)
	person := func(owner int) bool { return owner >= len(a.Personas) }
	for i := range a.text.found {
		f := &a.text.found[i]
		f.strict = f.strict || person(f.owner)
	}
	a.text.judge()
	if w := a.text.words; len(w) > 0 && w[0].at && !groupHandle(w[0].text) && (len(a.text.found) == 0 || a.text.found[0].from > 0) {
		a.handle = true // of somebody who is not here
	}
	for _, f := range a.text.found {
		at := a.text.words[f.from].at
		switch {
		case person(f.owner):
			a.human, a.handle = a.human || f.called, a.handle || at
		case at:
			a.targets = append(a.targets, f.owner)
		case f.called:
			a.called = append(a.called, f.owner)
		default:
			a.mentioned[f.owner] = true
		}
	}
}

// decide finds the rule that matches: those meant, in order, at most so many of them, and why
// others are not.
func (a *address) decide() (rule Rule, meant []int, most int, other Reason) {
	if len(a.To) > 0 {
		for _, to := range a.To {
			if i := a.index(to); i >= 0 {
				meant = append(meant, i)
			}
		}
		return RuleTarget, meant, a.Responders.Named, ReasonNotAddressed
	}
	if a.ByPersona {
		return RuleName, a.called, a.Responders.Named, ReasonNotAddressed
	}
	all := a.text.callsAll()
	switch {
	case len(a.targets) > 0:
		return RuleTarget, append(a.targets, a.called...), a.Responders.Named, ReasonNotAddressed
	case len(a.called) > 0:
		return RuleName, a.called, a.Responders.Named, ReasonNotAddressed
	case a.handle:
		return RuleHuman, nil, 0, ReasonAddressedToHuman
	case all:
		return RuleGroup, a.everybody(), a.Responders.Group, ReasonNotAddressed
	case a.human:
		return RuleHuman, nil, 0, ReasonAddressedToHuman
	}
	if i := a.index(a.FollowUp); i >= 0 && a.Mode != ModeAll {
		return RuleFollowUp, []int{i}, 1, ReasonNotAddressed
	}
	meant, most, other = a.byMode()
	return RuleMode, meant, most, other
}

func (a *address) index(name string) int {
	return slices.IndexFunc(a.Personas, func(p Persona) bool { return strings.EqualFold(p.Name, name) && name != "" })
}

// byMode is who answers what is addressed to nobody.
func (a *address) byMode() (meant []int, most int, other Reason) {
	if len(a.Personas) == 0 {
		return nil, 0, ReasonNotAddressed
	}
	mode, most := a.Mode, a.Responders.Otherwise
	if mode == ModeAuto {
		mode = ModeMentions
		if len(a.Humans) <= 1 || len(a.Personas) == 1 {
			mode = ModeFront
		}
	}
	switch mode {
	case ModeAll:
		return a.everybody(), most, ReasonNotAddressed
	case ModeSpecialty:
		if meant = a.specialists(); len(meant) > 0 {
			return meant, max(1, most), ReasonNotAddressed
		}
	case ModeFront:
	case ModeAuto, ModeMentions:
		return nil, 0, ReasonNotAddressed
	}
	front := 0
	if a.Front != "" {
		front = a.index(a.Front)
	}
	if front < 0 || a.Personas[front].Muted {
		return nil, 0, ReasonFrontUnavailable
	}
	return []int{front}, 1, ReasonNotFront
}

// everybody are all personas, the least recently heard first, then by name.
func (a *address) everybody() []int {
	out := make([]int, len(a.Personas))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(x, y int) int {
		p, q := &a.Personas[x], &a.Personas[y]
		return cmp.Or(cmp.Compare(p.LastHeard, q.LastHeard), cmp.Compare(p.Name, q.Name))
	})
	return out
}

// specialists are those who know about something that is spoken of.
func (a *address) specialists() (out []int) {
	for _, i := range a.everybody() {
		if slices.ContainsFunc(a.Personas[i].Specialty, a.spokenOf) {
			out = append(out, i)
		}
	}
	return out
}

// spokenOf tells whether a word, or several of them, are in the text; a plural is the same word.
func (a *address) spokenOf(what string) bool {
	want, _ := wordsOf(what)
	for i := range a.text.words {
		if len(want) == 0 || i+len(want) > len(a.text.words) {
			return false
		}
		same := true
		for j, w := range want {
			same = same && singular(a.text.words[i+j].text) == singular(w.text)
		}
		if same {
			return true
		}
	}
	return false
}

func singular(word string) string { return strings.TrimSuffix(word, "s") }

// inOrder has the front persona answer first where everybody was asked.
func (a *address) inOrder(rule Rule, responders []string) {
	if rule != RuleGroup && rule != RuleMode || a.Front == "" {
		return
	}
	i := slices.IndexFunc(responders, func(n string) bool { return strings.EqualFold(n, a.Front) })
	if i > 0 {
		front := responders[i]
		copy(responders[1:i+1], responders[:i])
		responders[0] = front
	}
}
