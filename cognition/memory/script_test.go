package memory_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
)

// noon is when the tests' conversations begin.
var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// script is a conversation with what is to be remembered of it.
type script struct {
	gate   memory.Gate
	people []scripted
	turns  []turn
}

type scripted struct {
	memory.Person
	trust memory.Trust
}

// turn is one utterance, the persona's answer, the field of its model, and what they are there for.
type turn struct {
	who, text, answer, field string
	plants                   []plant
	ends                     []string // plants that no longer hold
	hostile, echo            []string // words that must not be kept
}

// plant is something that is to be remembered.
type plant struct {
	id, subject string
	words       []string
	auto        bool // only by a persona that remembers of its own accord
}

func (p plant) matches(m memory.Memory) bool {
	text := strings.ToLower(m.Text)
	return !slices.ContainsFunc(p.words, func(w string) bool { return !strings.Contains(text, w) })
}

// readScript reads a file of testdata. A line "who: text" begins a turn; of the lines behind it
//
//	>  is what the persona answers
//	~  is the field of its model's answer
//	+  is planted: an id, the subject, words of it
//	*  is the same, said without being asked to remember it
//	-  is the id of a plant that no longer holds
//	!  are words of somebody who means harm: none of them may ever reach a prompt
//	@  are words that only the persona said
func readScript(t testing.TB, name string) script {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var s script
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		if err := s.line(lines.Text()); err != nil {
			t.Fatalf("%s:%d: %v", name, n, err)
		}
	}
	return s
}

func (s *script) line(text string) error {
	mark, rest, _ := strings.Cut(text, " ")
	fields := strings.Fields(rest)
	var now *turn
	if len(s.turns) > 0 {
		now = &s.turns[len(s.turns)-1]
	}
	switch mark {
	case "", "#":
	case "persona":
		s.gate.Persona = memory.Person{ID: strings.ToLower(rest), Names: []string{rest}}
	case "prompt":
		s.gate.Prompt = rest
	case "person":
		p := scripted{Person: memory.Person{ID: fields[0], Names: []string{fields[1]}}}
		s.people = append(s.people, p)
		return s.people[len(s.people)-1].trust.UnmarshalText([]byte(fields[2]))
	case ">":
		now.answer = rest
	case "~":
		now.field = rest
	case "+", "*":
		now.plants = append(now.plants, plant{id: fields[0], subject: fields[1], words: fields[2:], auto: mark == "*"})
	case "-":
		now.ends = append(now.ends, fields[0])
	case "!":
		now.hostile = append(now.hostile, fields...)
	case "@":
		now.echo = append(now.echo, fields...)
	default:
		who, ok := strings.CutSuffix(mark, ":")
		if !ok {
			return fmt.Errorf("no such line: %q", text)
		}
		s.turns = append(s.turns, turn{who: who, text: rest})
	}
	return nil
}

// played is what came of a script.
type played struct {
	memories  []memory.Memory
	decisions []memory.Decision
	blocks    []memory.Block
}

// play has a persona go through a script. After every few turns the room is idle: memories are
// consolidated and a block is written.
func (s *script) play(t testing.TB, mode memory.Mode) played {
	t.Helper()
	const idleEvery = 5
	k := memory.NewKeeper(s.gate, "lobby", mode)
	var present []memory.Person
	for _, p := range s.people {
		k.Joined(p.Person)
		present = append(present, p.Person)
	}
	var out played
	take := func(d []memory.Decision, c memory.Change, err error) {
		if err != nil {
			t.Fatal(err)
		}
		out.decisions = append(out.decisions, d...)
		out.memories = c.Apply(out.memories)
	}
	for i, turn := range s.turns {
		at := noon.Add(time.Duration(i) * time.Minute)
		who := s.people[slices.IndexFunc(s.people, func(p scripted) bool { return p.ID == turn.who })]
		u := memory.Utterance{
			ID: fmt.Sprintf("s1/%d", i), Speaker: who.ID, Name: who.Names[0], Role: memory.Human, Trust: who.trust, Text: turn.text, At: at,
		}
		take(k.Heard(u, out.memories))
		a := memory.Answer{To: u.ID, Said: memory.Utterance{ID: u.ID + "/answer", Speaker: s.gate.Persona.ID, Text: turn.answer, At: at.Add(time.Second)}}
		if turn.field != "" {
			notes, err := memory.ParseField([]byte(turn.field))
			if err != nil {
				t.Fatal(err)
			}
			a.Notes = notes
		}
		take(k.Answered(a, out.memories))
		if i%idleEvery == 0 || i == len(s.turns)-1 {
			now := at.Add(30 * time.Second)
			out.memories = k.Consolidate(out.memories, now).Apply(out.memories)
			out.blocks = append(out.blocks, k.Recall(out.memories, present, now, "consolidated"))
		}
	}
	return out
}
