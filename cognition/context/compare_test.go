package context_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// say makes a conversation of Iris's with some exchanges, and the chain of its newest prompt.
func say(t *testing.T, c *prompt.Conversation, from, to int, tail prompt.Tail) context.Chain {
	t.Helper()
	var asked prompt.Line
	for i := from; i < to; i++ {
		asked = prompt.Line{Seq: uint64(2 * i), Speaker: "Ada", Text: fmt.Sprintf("question %d", i)}
		c.Append(noon, asked)
		if i < to-1 {
			c.Append(noon, prompt.Line{Seq: uint64(2*i + 1), Own: true, Text: fmt.Sprintf("answer %d", i)})
		}
	}
	p, err := c.Ask(noon, asked, tail)
	if err != nil {
		t.Fatal(err)
	}
	c.Append(noon, prompt.Line{Seq: uint64(2*to - 1), Own: true, Text: fmt.Sprintf("answer %d", to-1)})
	return context.ChainOf(p.Segments, context.Chain{})
}

func conversation(t *testing.T, window int) *prompt.Conversation {
	t.Helper()
	c, err := prompt.NewConversation(
		prompt.Persona{Name: "Iris", Instructions: "You are Iris.", Memory: strings.Repeat("m", 212) + "old", MemoryNote: "consolidated 11:03"},
		prompt.Traits{Window: window, Instructions: true, History: true, Frame: 4, Empty: 3, Count: func(text string) int { return len(text) }},
		prompt.Limits{Answer: 10, Tail: 60})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestNothingBeforeTheTailChanges renders turn after turn of one conversation, each with a tail of
// its own.
func TestNothingBeforeTheTailChanges(t *testing.T) {
	c := conversation(t, 2000)
	before := context.Chain{}
	for turn := range 12 {
		now := say(t, c, turn, turn+1, prompt.Tail{Time: fmt.Sprint("turn ", turn), Here: []string{fmt.Sprint("guest ", turn)}})
		if b := context.Compare(before, now); b != nil {
			t.Fatalf("turn %d: %v", turn, b)
		}
		before = now
	}
}

func TestBreakNamesSegmentAndByte(t *testing.T) {
	c := conversation(t, 2000)
	before := say(t, c, 0, 3, prompt.Tail{Time: "noon"})
	if err := c.SetMemory(strings.Repeat("m", 212)+"new", "consolidated 14:03"); err != nil {
		t.Fatal(err)
	}
	after := say(t, c, 3, 4, prompt.Tail{})
	b := context.Compare(before, after)
	if b == nil || b.String() != "prefix broke in memory at byte 212 (consolidated 14:03)" {
		t.Fatalf("%v", b)
	}
	if got := (context.Reuse{Reused: 40, Prompt: 160, Break: b}).String(); got != "40/160 prompt tokens reused; prefix broke in memory at byte 212 (consolidated 14:03)" {
		t.Error(got)
	}
}

func TestBreakByCompaction(t *testing.T) {
	c := conversation(t, 500)
	before := say(t, c, 0, 1, prompt.Tail{})
	for turn := 1; ; turn++ {
		now := say(t, c, turn, turn+1, prompt.Tail{})
		if b := context.Compare(before, now); b != nil {
			if b.Kind != prompt.KindTranscript || b.Offset != len("Ada: question ") || !strings.HasPrefix(b.Note, "compacted 12:03, ") {
				t.Errorf("%v", b)
			}
			return
		}
		if before = now; turn > 50 {
			t.Fatal("no compaction")
		}
	}
}

// TestCompare changes single segments.
func TestCompare(t *testing.T) {
	type list = []prompt.Segment
	tools, persona, memory := segment(prompt.KindTools, "look"), segment(prompt.KindPersona, "You are Iris."), segment(prompt.KindMemory, "")
	one, two, tail := segment(prompt.KindTranscript, "Ada: one"), segment(prompt.KindTranscript, "Bob: two"), segment(prompt.KindTail, "x")
	own, question := one, segment(prompt.KindTail, "Ada: one")
	own.Role = prompt.Assistant
	for name, c := range map[string]struct {
		before, after list
		want          string
	}{
		"the first prompt":      {nil, list{tools, persona, memory, tail}, ""},
		"the same":              {list{tools, persona, memory, one, tail}, list{tools, persona, memory, one, tail}, ""},
		"another tail":          {list{tools, persona, memory, tail}, list{tools, persona, memory, question}, ""},
		"a line more":           {list{tools, persona, memory, one, tail}, list{tools, persona, memory, one, two, tail}, ""},
		"the first line":        {list{tools, persona, memory, question}, list{tools, persona, memory, one, tail}, ""},
		"a line less":           {list{tools, persona, memory, one, two, tail}, list{tools, persona, memory, one, tail}, ""},
		"tools":                 {list{tools, persona, memory, tail}, list{segment(prompt.KindTools, "lock"), persona, memory, tail}, "tools at byte 2"},
		"persona":               {list{tools, persona, memory, tail}, list{tools, segment(prompt.KindPersona, "You are I"), memory, tail}, "persona at byte 9"},
		"a memory":              {list{tools, persona, memory, tail}, list{tools, persona, segment(prompt.KindMemory, "m"), tail}, "memory at byte 0"},
		"the first of two":      {list{tools, persona, memory, one, two, tail}, list{tools, persona, memory, two, one, tail}, "transcript at byte 0"},
		"the second of two":     {list{tools, persona, memory, one, two, tail}, list{tools, persona, memory, one, segment(prompt.KindTranscript, "Bob: too"), tail}, "transcript at byte 15"},
		"another's words":       {list{tools, persona, memory, one, tail}, list{tools, persona, memory, own, tail}, "transcript at byte 0"},
		"no memory any more":    {list{tools, persona, memory, tail}, list{tools, persona, one, tail}, "transcript at byte 0"},
		"nothing but a segment": {list{tools}, list{tools, persona}, ""},
	} {
		b := context.Compare(context.ChainOf(c.before, context.Chain{}), context.ChainOf(c.after, context.Chain{}))
		switch {
		case b == nil && c.want == "":
		case b == nil || b.String() != "prefix broke in "+c.want:
			t.Errorf("%s: %v, want %q", name, b, c.want)
		}
	}
}

func TestReuseIsOneSentence(t *testing.T) {
	for want, r := range map[string]context.Reuse{
		"90/100 prompt tokens reused":                                  {Reused: 90, Prompt: 100},
		"0/100 prompt tokens reused; first reply":                      {Prompt: 100, Lost: "first reply"},
		"3/9 prompt tokens reused; x; prefix broke in tools at byte 1": {Reused: 3, Prompt: 9, Lost: "x", Break: &context.Break{Kind: prompt.KindTools, Offset: 1}},
	} {
		if got := r.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if r := (context.Reuse{Reused: 90, Prompt: 100}).Ratio(); r != 0.9 {
		t.Error(r)
	}
	if r := (context.Reuse{}).Ratio(); r != 0 {
		t.Error(r)
	}
}

// BenchmarkChain10000Lines computes the keys of a prompt of ten thousand lines, of which one is
// new.
func BenchmarkChain10000Lines(b *testing.B) {
	segments := make([]prompt.Segment, 10_000)
	for i := range segments {
		segments[i] = segment(prompt.KindTranscript, fmt.Sprintf("Ada: what is the name of the flower on the table? It is number %d.", i))
	}
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			context.ChainOf(segments, context.Chain{})
		}
	})
	before := context.ChainOf(segments[:len(segments)-1], context.Chain{})
	b.Run("one more", func(b *testing.B) {
		for b.Loop() {
			if c := context.ChainOf(segments, before); context.Compare(before, c) != nil {
				b.Fatal("broken")
			}
		}
	})
}
