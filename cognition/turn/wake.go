package turn

import (
	"slices"
	"time"
)

// Bounds of what personas say to each other.
const (
	callsKept = 16  // calls of a turn that wait for its end
	pairsKept = 256 // latest wakings that are counted
)

// follow is who answered somebody last.
type follow struct {
	who, seat string
	at        time.Duration
}

// wakes follows what personas say to each other.
type wakes struct {
	calls      []call // of the turn under way, in their order
	pairs      []pair // the latest last
	sinceHuman int    // replies begun since a person spoke
}

// call is a reply that names other personas.
type call struct {
	by    Reply
	text  string
	typed bool // what began it all
	hop   int
	meant Addressed
}

// pair is a persona that woke another.
type pair struct {
	by, seat string
	at       time.Duration
}

// call is a question as the address sees it.
func (t *Table) call(q *trigger, to []string) Call {
	c := Call{
		From: q.Who, Text: q.Text, To: to, Humans: t.people.humans(), Personas: t.personas(""), FollowUp: t.followUp(q.Who),
		Mode: t.policy.Mode, Front: t.policy.Front, Responders: t.policy.Responders,
	}
	return c
}

// personas are the seats but one, as the address sees them.
func (t *Table) personas(but string) []Persona {
	out := make([]Persona, 0, len(t.seats))
	for _, s := range t.seats {
		if s.name != but && !s.leaving {
			out = append(out, Persona{Name: s.name, Aliases: s.aliases, Specialty: s.specialty, Muted: s.muted, LastHeard: s.lastHeard})
		}
	}
	return out
}

// followUp is the persona that is still meant by somebody; empty where there is none.
func (t *Table) followUp(who string) string {
	if c := t.turn; c != nil && c.Who == who && c.Hop == 0 {
		for _, r := range c.replies {
			if r.phase.live() {
				return r.id.Seat
			}
		}
	}
	if t.follow.who != who || t.now-t.follow.at > t.policy.FollowUp {
		return ""
	}
	return t.follow.seat
}

// personAsks takes note that a person has said something: the others' conversation is interrupted,
// and what personas had to say to each other is forgotten.
func (t *Table) personAsks(who string) {
	if t.follow.who != who {
		t.follow = follow{}
	}
	t.wakes.calls = nil
}

// answeredBy takes note that somebody has heard a reply, or read it, and whom it calls.
func (t *Table) answeredBy(r *reply, text string, whole bool) {
	s, c := t.seat(r.id.Seat), t.turn
	if s == nil || c == nil {
		return
	}
	c.said++
	t.hadChance(r)
	if c.Say {
		return
	}
	if c.Hop == 0 {
		t.follow = follow{who: c.Who, seat: s.name, at: t.now}
	}
	if !whole || len(t.wakes.calls) >= callsKept {
		return
	}
	meant := Address(Call{From: s.name, ByPersona: true, Text: text, Personas: t.personas(s.name), Responders: t.policy.Responders})
	asked := func(seat string) bool { // and answers in this turn
		return slices.ContainsFunc(c.replies, func(o *reply) bool { return o.id.Seat == seat && o != r && o.phase.live() })
	}
	meant.Responders = slices.DeleteFunc(meant.Responders, asked)
	if len(meant.Responders) > 0 {
		t.wakes.calls = append(t.wakes.calls, call{by: r.id, text: text, typed: !c.Spoken, hop: c.Hop + 1, meant: meant})
	}
}

// wakeNext begins the turn of the next call, where nobody waits.
func (t *Table) wakeNext() {
	for t.turn == nil && len(t.wakes.calls) > 0 && !t.order.shut && !t.closing {
		next := t.wakes.calls[0]
		t.wakes.calls = slices.Delete(t.wakes.calls, 0, 1)
		if t.seat(next.by.Seat) != nil { // who has left calls nobody
			t.wakeBySpeech(next)
		}
	}
}

func (t *Table) wakeBySpeech(x call) {
	t.turns++
	q := trigger{Turn: t.turns, Who: x.by.Seat, Text: x.text, Spoken: !x.typed, Began: t.now, Asked: t.now, Hop: x.hop}
	t.emit(Wakes{Reply: x.by, Turn: q.Turn})
	silent := func(seat string, why Reason) { t.emit(Silence{Turn: q.Turn, Seat: seat, Why: why}) }
	for _, s := range t.seats {
		if slices.Contains(x.meant.Responders, s.name) {
			continue
		}
		why := ReasonNotAddressed // who speaks, who has come since, and who leaves
		if i := slices.IndexFunc(x.meant.Silences, func(q Quiet) bool { return q.Seat == s.name }); i >= 0 {
			why = x.meant.Silences[i].Why
		}
		silent(s.name, why)
	}
	for _, seat := range x.meant.Responders {
		if t.seat(seat) == nil {
			continue
		}
		if why := t.mayWake(x, seat); why != "" {
			silent(seat, why)
			continue
		}
		q.Responders = append(q.Responders, seat)
		t.countPair(pair{x.by.Seat, seat, t.now})
	}
	if len(q.Responders) == 0 {
		t.emit(Over{Turn: q.Turn})
		return
	}
	t.decide(t.order.wake(q))
}

// agentSays takes what a program that is no seat says or writes. It wakes personas as one of them
// would, and waits for nobody.
func (t *Table) agentSays(who, text string, utterance uint64, spoken bool) {
	t.turns++
	q := trigger{Turn: t.turns, Who: who, Text: text, Spoken: spoken, Began: t.now, Asked: t.now, Hop: 1}
	t.emit(Keep{Who: who, Utterance: utterance, Turn: q.Turn})
	meant := Address(Call{From: who, ByPersona: true, Text: text, Personas: t.personas(""), Responders: t.policy.Responders})
	for _, s := range t.seats {
		why := ReasonRemoved // it leaves
		if i := slices.IndexFunc(meant.Silences, func(q Quiet) bool { return q.Seat == s.name }); i >= 0 {
			why = meant.Silences[i].Why
		} else if slices.Contains(meant.Responders, s.name) {
			continue
		}
		t.emit(Silence{Turn: q.Turn, Seat: s.name, Why: why})
	}
	for _, seat := range meant.Responders {
		why := t.mayWake(call{by: Reply{Seat: who}, hop: q.Hop}, seat)
		if why == "" && (t.turn != nil || t.order.shut) {
			why = ReasonSuperseded
		}
		if why != "" {
			t.emit(Silence{Turn: q.Turn, Seat: seat, Why: why})
			continue
		}
		q.Responders = append(q.Responders, seat)
		t.countPair(pair{who, seat, t.now})
	}
	if len(q.Responders) == 0 {
		t.emit(Over{Turn: q.Turn})
		return
	}
	t.decide(t.order.wake(q))
}

// mayWake says why a persona may not wake another; empty where it may.
func (t *Table) mayWake(x call, seat string) Reason {
	n := 0
	for _, p := range t.wakes.pairs {
		if p.by == x.by.Seat && p.seat == seat && t.now-p.at < t.policy.PairWindow {
			n++
		}
	}
	switch {
	case x.hop > t.policy.Hops:
		return ReasonHopLimit
	case t.wakes.sinceHuman >= t.policy.TurnsSoft:
		return ReasonTurnBudget
	case n >= t.policy.PairTurns:
		return ReasonPairLimit
	}
	return ""
}

func (t *Table) countPair(p pair) {
	if len(t.wakes.pairs) == pairsKept {
		t.wakes.pairs = slices.Delete(t.wakes.pairs, 0, 1)
	}
	t.wakes.pairs = append(t.wakes.pairs, p)
}

// askForMore asks all who answered in a turn once more, where nobody waits.
func (t *Table) askForMore(c *current) {
	if t.turn != nil || t.order.shut || !c.Group || c.said == 0 || c.interrupted || c.Round >= t.policy.Rounds ||
		t.wakes.sinceHuman >= t.policy.TurnsSoft {
		return
	}
	t.turns++
	q := c.trigger
	q.Turn, q.Round, q.Try, q.Began, q.Asked = t.turns, c.Round+1, 0, t.now, t.now
	q.Responders = nil
	t.emit(Round{Turn: q.Turn, After: c.Turn})
	for _, r := range c.replies {
		if t.seat(r.id.Seat) != nil {
			q.Responders = append(q.Responders, r.id.Seat)
		}
	}
	for _, s := range t.seats {
		if !slices.Contains(q.Responders, s.name) {
			t.emit(Silence{Turn: q.Turn, Seat: s.name, Why: ReasonNotAddressed})
		}
	}
	if len(q.Responders) == 0 {
		t.emit(Over{Turn: q.Turn})
		return
	}
	t.decide(t.order.wake(q))
}

// greet has the next persona that has not done so greet people, where nothing else is said.
func (t *Table) greet() {
	if t.turn != nil || t.order.shut {
		return
	}
	i := slices.IndexFunc(t.seats, func(s *seat) bool { return s.greeting != "" && !s.muted && !s.leaving && s.heard() })
	if i < 0 || !t.people.anybody() {
		return
	}
	s := t.seats[i]
	text := s.greeting
	s.greeting = ""
	t.speakUp(s, text)
}

// speakUp has a persona say something that nobody asked for.
func (t *Table) speakUp(s *seat, text string) {
	t.turns++
	q := trigger{Turn: t.turns, Who: s.name, Text: text, Spoken: true, Say: true, Began: t.now, Asked: t.now, Responders: []string{s.name}}
	t.emit(Greet{Turn: q.Turn, Seat: s.name})
	for _, o := range t.seats {
		if o != s {
			t.emit(Silence{Turn: q.Turn, Seat: o.name, Why: ReasonNotAddressed})
		}
	}
	t.decide(t.order.wake(q))
}
