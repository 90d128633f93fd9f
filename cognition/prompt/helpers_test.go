package prompt_test

import (
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// What the model of these tests writes around its messages; a token is a byte.
const (
	frame = 4
	empty = 3
)

// noon is when compactions of these tests are made.
var noon = time.Date(2026, 11, 28, 12, 3, 0, 0, time.UTC)

// counter is a model with a window, in bytes.
func counter(window int) prompt.Traits {
	return prompt.Traits{
		Window: window, Instructions: true, History: true, Frame: frame, Empty: empty,
		Count: func(text string) int { return len(text) },
	}
}

// begin makes a conversation that must be possible.
func begin(tb testing.TB, who prompt.Persona, traits prompt.Traits, limits prompt.Limits) *prompt.Conversation {
	tb.Helper()
	c, err := prompt.NewConversation(who, traits, limits)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// tell appends a line and returns it.
func tell(c *prompt.Conversation, line prompt.Line) prompt.Line {
	c.Append(noon, line)
	return line
}

// ask builds a prompt that must be possible.
func ask(tb testing.TB, c *prompt.Conversation, question prompt.Line, tail prompt.Tail) prompt.Prompt {
	tb.Helper()
	p, err := c.Ask(noon, question, tail)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// length is how long a prompt really is.
func length(p prompt.Prompt) int {
	n := empty
	for _, m := range p.Messages {
		n += len(m.Text) + frame
	}
	return n
}

// iris is a persona with everything.
func iris() prompt.Persona {
	return prompt.Persona{
		Name: "Iris", Instructions: "You are Iris.", Tools: []string{"look()", "ask()"},
		Memory: "Ada likes tulips.", MemoryNote: "consolidated 11:58",
	}
}
