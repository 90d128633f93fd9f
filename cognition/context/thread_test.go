package context_test

import (
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// TestThreadComparesWithThePromptBefore follows four prompts: the first one, one that goes on, one
// behind another memory, and one that goes on from there.
func TestThreadComparesWithThePromptBefore(t *testing.T) {
	c := conversation(t, 2000)
	var thread context.Thread
	keys := map[context.Key]bool{}
	next := func(seq uint64) string {
		asked := prompt.Line{Seq: seq, Speaker: "Ada", Text: "And now?"}
		c.Append(noon, asked)
		p, err := c.Ask(noon, asked, prompt.Tail{})
		if err != nil {
			t.Fatal(err)
		}
		chain, broken := thread.Next(p)
		if fresh := context.ChainOf(p.Segments, context.Chain{}); fresh.Prefix() != chain.Prefix() {
			t.Errorf("prompt %d: prefix %s, want %s", seq, chain.Prefix(), fresh.Prefix())
		}
		keys[chain.Persona()] = true
		if broken == nil {
			return ""
		}
		return broken.String()
	}
	if got := next(1) + next(2); got != "" {
		t.Error(got)
	}
	if err := c.SetMemory("new", "consolidated 14:03"); err != nil {
		t.Fatal(err)
	}
	if got := next(3); got != "prefix broke in memory at byte 0 (consolidated 14:03)" {
		t.Error(got)
	}
	if got := next(4); got != "" || len(keys) != 1 {
		t.Errorf("%q; %d keys of the persona", got, len(keys))
	}
}
