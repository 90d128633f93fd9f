package room

import (
	"fmt"
	"strconv"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/store"
)

// quietFor is how long nobody has said anything when memories are tidied.
const quietFor = 30 * time.Second

// meets tells personas who is here.
func (a *actor) meets(seats []*Seat, p lk.Participant) {
	person := memory.Person{ID: p.Identity}
	if p.Name != "" {
		person.Names = []string{p.Name}
	}
	for _, s := range seats {
		if s.memory != nil && !p.Agent {
			a.unremembered(s, s.memory.Joined(person))
		}
	}
}

// people are those who are here.
func (a *actor) people() (out []memory.Person) {
	if a.listener == nil {
		return nil
	}
	for _, p := range a.listener.people {
		if !p.Agent && !a.own(p.Identity) {
			out = append(out, memory.Person{ID: p.Identity, Names: []string{a.called(p.Identity)}})
		}
	}
	return out
}

// recalls has a persona that has just come recall what it remembers.
func (a *actor) recalls(s *Seat) {
	if s.memory == nil {
		return
	}
	if a.listener != nil {
		for _, p := range a.listener.people {
			a.meets([]*Seat{s}, p)
		}
	}
	a.unremembered(s, s.memory.Recall(a.people(), time.Now()))
}

// program tells whether who said something is none of the people here.
func (a *actor) program(who string, why *cause) bool {
	return why.agent || a.listener != nil && a.listener.people[who].Agent
}

// utterance is a line that somebody said, as what is to be remembered cites it.
func (a *actor) utterance(who string, line prompt.Line, program bool) memory.Utterance {
	u := memory.Utterance{ID: a.lineID(line.Seq), Speaker: who, Name: line.Speaker, Role: memory.Human, Text: line.Text, At: time.Now()}
	switch {
	case program:
		u.Role, u.Trust = memory.Other, memory.External
	case a.listener == nil:
		u.Trust = memory.Claimed
	default:
		p, here := a.listener.people[who]
		u.Trust = trust(p, here, a.vouched)
	}
	return u
}

// remembers tells all personas but one what somebody said.
func (a *actor) remembers(but *Seat, u memory.Utterance) {
	a.quiet.Reset(quietFor)
	for _, s := range a.sitting {
		if s.memory != nil && s != but {
			a.unremembered(s, s.memory.Heard(u))
		}
	}
}

// remembersOwn tells personas what one of them said, and that one what its answer asks to remember.
// answer is nil where it is not known any more.
func (a *actor) remembersOwn(by *Seat, line prompt.Line, answer *answer) {
	u := a.utterance(by.holder.Persona, line, true)
	a.remembers(by, u)
	if by.memory == nil {
		return
	}
	u.Role = memory.Persona
	said := memory.Answer{To: a.lineID(0), Said: u}
	if answer != nil {
		said.To, said.Notes = a.lineID(answer.asked), a.notes(answer)
	}
	a.unremembered(by, by.memory.Answered(said))
}

// noted takes what an answer asks to remember of which nothing was heard: the field may be all that
// the model wrote. Of one that was given up nothing is taken.
func (a *actor) noted(answer *answer) {
	notes := a.notes(answer)
	if len(notes) == 0 || answer.why != "" || answer.seat.memory == nil {
		return
	}
	s := answer.seat
	a.unremembered(s, s.memory.Answered(memory.Answer{
		To: a.lineID(answer.asked), Said: memory.Utterance{Speaker: s.holder.Persona, At: time.Now()}, Notes: notes,
	}))
}

// notes are what an answer asks to remember, once. A field that cannot be read is reported.
func (a *actor) notes(answer *answer) []memory.Note {
	field := answer.field
	if answer.field = ""; field == "" || answer.seat.memory == nil {
		return nil
	}
	notes, err := memory.ParseField([]byte(field))
	if err != nil {
		a.problemIn(answer.name.Turn, answer.seat, StageReply, "", err)
	}
	return notes
}

// told is what a persona is told to be: its prompt, and, where it remembers of its own accord and
// its model takes instructions, how to ask for that. It is the same for the whole stay.
func (s *Seat) told() string {
	if s.who.Remember != memory.Auto || !s.mayRemember() || !s.models.Traits().Instructions {
		return s.who.Prompt
	}
	if s.who.Prompt == "" {
		return memory.FieldAlways
	}
	return s.who.Prompt + "\n\n" + memory.FieldAlways
}

// noteTo is how a persona that remembers what it is asked to asks for that; empty where a question
// asks for nothing, so that no other prompt is any different.
func (a *actor) noteTo(s *Seat, q *question) string {
	if s.memory == nil || s.who.Remember != memory.OnRequest || !s.models.Traits().Instructions || a.own(q.Who) || !memory.Asked(q.line.Text, s.person()) {
		return ""
	}
	return memory.FieldAsked
}

// lineID names a line of this stay in the room.
func (a *actor) lineID(seq uint64) string {
	return a.stay + "/" + strconv.FormatUint(seq, 10)
}

// tidy has memories tidied, when nobody has spoken for a while.
func (a *actor) tidy() {
	for _, s := range a.sitting {
		if s.memory != nil {
			a.unremembered(s, s.memory.Idle(a.people(), time.Now()))
		}
	}
}

// remembered takes what came of what a persona was told.
func (a *actor) remembered(s *Seat, came store.Remembered) {
	if came.Err != nil {
		a.unremembered(s, came.Err)
	}
	a.problem(s, StageStore, "", came.Unsure)
	if came.Block != nil {
		if err := s.talk.prompts.SetMemory(came.Block.Text, came.Block.Note); err != nil {
			a.problem(s, StageStore, "", fmt.Errorf("what is remembered does not fit into the prompt: %w", err))
		}
	}
	a.observe(s, Remembered{At: time.Now(), Decisions: came.Decisions, Forgotten: came.Forgotten, Block: came.Block})
}

func (a *actor) unremembered(s *Seat, err error) {
	if err != nil {
		a.problem(s, StageStore, "", fmt.Errorf("not remembered: %w", err))
	}
}
