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

// remembers tells personas a line that somebody said, a person or a program. by is the persona of
// this room that said it, nil for somebody else; asked is the line that it answers, where it answers
// one.
func (a *actor) remembers(by *Seat, who string, line prompt.Line, program bool, asked uint64) {
	a.quiet.Reset(quietFor)
	u := memory.Utterance{
		ID: a.lineID(line.Seq), Speaker: who, Name: line.Speaker, Role: memory.Human, Trust: memory.Known, Text: line.Text, At: time.Now(),
	}
	if program {
		u.Role, u.Trust = memory.Other, memory.External
	}
	for _, s := range a.sitting {
		switch {
		case s.memory == nil:
		case s == by:
			u := u
			u.Role = memory.Persona
			a.unremembered(s, s.memory.Answered(memory.Answer{To: a.lineID(asked), Said: u}))
		default:
			a.unremembered(s, s.memory.Heard(u))
		}
	}
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
