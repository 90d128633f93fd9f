package memory_test

import (
	"fmt"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
)

// The people of the tests, and the persona.
func ada() memory.Person  { return memory.Person{ID: "ada", Names: []string{"Ada"}} }
func bob() memory.Person  { return memory.Person{ID: "bob-1", Names: []string{"Bob", "Bobby"}} }
func iris() memory.Person { return memory.Person{ID: "iris", Names: []string{"Iris"}} }

func everybody() []memory.Person { return []memory.Person{ada(), bob()} }

func gate() *memory.Gate {
	return &memory.Gate{Persona: iris(), Prompt: "You are Iris, a botanist. You look after the old greenhouse. Be kind."}
}

// said is an utterance of Ada's, n minutes after noon.
func said(n int, text string) memory.Utterance {
	return memory.Utterance{
		ID: fmt.Sprint("u", n), Speaker: "ada", Name: "Ada", Role: memory.Human, Trust: memory.Known, Text: text, At: noon.Add(time.Duration(n) * time.Minute),
	}
}

// trial is a candidate with what it cites.
type trial struct {
	memory.Candidate
	lineage memory.Lineage
}

// try makes a candidate of an utterance that says so word for word.
func try(u memory.Utterance, text string) *trial {
	t := &trial{Candidate: memory.Candidate{
		Text: text, Sources: []string{u.ID}, Speaker: memory.Person{ID: u.Speaker, Names: []string{u.Name}}, Trust: u.Trust, At: u.At,
	}}
	t.lineage.Add(u)
	return t
}

// decide has the gate of the tests decide on a candidate.
func (t *trial) decide(g *memory.Gate, known ...memory.Memory) memory.Decision {
	return g.Decide(t.Candidate, "lobby", &t.lineage, everybody(), known)
}

// plainly is a memory of what Ada said.
func plainly(tb testing.TB, n int, text string, known ...memory.Memory) memory.Memory {
	tb.Helper()
	d := try(said(n, text), text).decide(gate(), known...)
	if d.Outcome != memory.Admit {
		tb.Fatalf("%q: %s %s", text, d.Outcome, d.Reason)
	}
	return d.Memory
}

// odd tells whether a character may be left out of a text that is kept.
func odd(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs)
}
