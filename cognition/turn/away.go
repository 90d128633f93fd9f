package turn

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/sensory-agent/sensory-agent/cognition/turn/interrupt"
)

// away follows whether anybody is there for the personas, and when anybody said something last.
type away struct {
	alone  time.Duration // since when no person is here
	people bool          // somebody is
	asked  bool          // to wait
	word   time.Duration // when anybody said something last, or somebody came
	nudged bool          // the silence since then was broken by a persona
}

// note takes note of what an event says of that.
func (a *away) note(t *Table, e Event) {
	switch e := e.(type) {
	case PersonJoined:
		a.hears(t, !e.Agent)
	case Typed:
		a.hears(t, !e.Agent && !t.people.isAgent(e.Who) && t.seat(e.Who) == nil)
	case Voiced:
		a.hears(t, !t.people.isAgent(e.Who))
	case Ended:
		a.hears(t, !t.people.isAgent(e.Who))
	case Heard:
		a.hears(t, !t.people.isAgent(e.Who))
	case Asked:
		a.hears(t, true)
	case Audible, Done:
		a.word = t.now
	}
}

func (a *away) hears(t *Table, person bool) {
	if a.word = t.now; person {
		a.nudged = false
	}
}

// is tells whether nobody is there for the personas.
func (a *away) is(t *Table) bool {
	switch here := t.people.anybody(); {
	case here:
		a.people = true
	case a.people:
		a.people, a.alone = false, t.now
	}
	after := t.policy.Away.After
	switch {
	case a.asked && t.turn == nil:
		return true
	case a.people || after == 0 || len(t.seats) == 0 || t.closing:
		return false
	case t.now < a.alone+after:
		t.wakeBy(a.alone + after)
		return false
	}
	return true
}

// asksToWait takes a question of which it is known who is to answer it, and tells whether it only
// asks to wait: then nobody answers.
func (t *Table) asksToWait(q *trigger, meant *Addressed) bool {
	t.away.asked = false
	if !t.policy.Away.Asked || len(meant.Responders) == 0 || !q.Plan.none() || !interrupt.Waits(t.withoutNames(q.Text)) {
		return false
	}
	t.away.asked = true
	return true
}

// withoutNames is a text without what the personas are called.
func (t *Table) withoutNames(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '?' })
	return strings.Join(slices.DeleteFunc(words, func(w string) bool {
		return slices.ContainsFunc(t.seats, func(s *seat) bool {
			return strings.EqualFold(s.name, w) || slices.ContainsFunc(s.aliases, func(a string) bool { return strings.EqualFold(a, w) })
		})
	}), " ")
}

// idles is what a seat says where nobody says anything: what it was given itself, else what the
// policy has for the front persona.
func (t *Table) idles(s *seat) Idle {
	switch {
	case s.muted || s.leaving || !s.heard():
		return Idle{}
	case s.idle.on():
		return s.idle
	case s.name == t.policy.Front || t.policy.Front == "" && s == t.seats[0]:
		return t.policy.Idle
	}
	return Idle{}
}

// nudge has the first persona whose time has come say something where nobody says anything.
func (t *Table) nudge() {
	if t.turn != nil || t.order.shut || t.away.nudged || t.away.asked || !t.people.anybody() || t.listens() {
		return
	}
	var first *seat
	var say Idle
	for _, s := range t.seats {
		if i := t.idles(s); i.on() && (first == nil || i.After < say.After) {
			first, say = s, i
		}
	}
	if first == nil {
		return
	}
	if due := t.away.word + say.After; t.now < due {
		t.wakeBy(due)
		return
	}
	t.away.nudged, t.away.word = true, t.now
	t.speakUp(first, say.Say)
}

// listens tells whether somebody is speaking.
func (t *Table) listens() bool {
	return slices.ContainsFunc(t.mics, func(m *mic) bool { return m.overlap.Speaks() })
}
