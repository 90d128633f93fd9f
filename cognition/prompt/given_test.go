package prompt_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// before is a context that somebody gives.
func before() []prompt.Segment {
	return []prompt.Segment{
		{Kind: prompt.KindMemory, Role: prompt.User, Text: "Bob is away."},
		{Kind: prompt.KindTranscript, Role: prompt.User, Text: "Eve: Who is away?"},
		{Kind: prompt.KindTranscript, Role: prompt.Assistant, Text: "Bob."},
	}
}

// TestGivenContextStandsBeforeTheTranscript: in one prompt, and in no other.
func TestGivenContextStandsBeforeTheTranscript(t *testing.T) {
	c := begin(t, iris(), counter(1000), prompt.Limits{Answer: 100})
	talk(c)
	alone := ask(t, c, asks, prompt.Tail{})
	p := ask(t, c, asks, prompt.Tail{Given: before()})
	want := []prompt.Message{
		{Role: prompt.System, Text: "ask()\nlook()\n\nYou are Iris."},
		{Role: prompt.User, Text: "Ada likes tulips.\nBob is away.\nEve: Who is away?"},
		{Role: prompt.Assistant, Text: "Bob.\nHello, I am Iris."},
		{Role: prompt.User, Text: "Ada: My name is Ada.\nBob: And I am Bob."},
		{Role: prompt.Assistant, Text: "Nice to meet\nyou both, and…"},
		{Role: prompt.User, Text: "Ada: What is my name?"},
	}
	if diff := cmp.Diff(want, p.Messages); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before(), p.Segments[3:6]); diff != "" || len(p.Segments) != len(alone.Segments)+3 {
		t.Errorf("%d segments (-want +got):\n%s", len(p.Segments), diff)
	}
	if got := length(p); p.Tokens < got {
		t.Errorf("%d tokens, counted %d", p.Tokens, got)
	}
	if diff := cmp.Diff(alone, ask(t, c, asks, prompt.Tail{})); diff != "" {
		t.Errorf("the prompt after it (-before +now):\n%s", diff)
	}
}

// TestGivenContextIsBounded: the newest lines of the room stay beside it, and one that leaves no
// room is refused.
func TestGivenContextIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, err := prompt.NewConversation(iris(), counter(rapid.IntRange(300, 700).Draw(t, "window")), prompt.Limits{Answer: 60})
		if err != nil {
			t.Fatal(err)
		}
		for i := range rapid.IntRange(0, 20).Draw(t, "lines") {
			own := rapid.Bool().Draw(t, "own")
			c.Append(noon, prompt.Line{Seq: uint64(i + 1), Speaker: "Ada", Own: own, Text: strings.Repeat("x", rapid.IntRange(1, 40).Draw(t, "length"))})
		}
		given := before()[:rapid.IntRange(1, 3).Draw(t, "given")]
		given[0].Text = strings.Repeat("y", rapid.IntRange(1, 600).Draw(t, "long"))
		lines := c.Len()
		question := prompt.Line{Seq: 99, Speaker: "Ada", Text: "What?"}
		c.Append(noon, question)
		p, err := c.Ask(noon, question, prompt.Tail{Given: given})
		if _, _, fits := c.Context(given); fits == nil && err != nil {
			t.Fatalf("a context that fits: %v", err)
		}
		if err != nil {
			var long *prompt.TooLongError
			if !errors.As(err, &long) || long.Tokens <= long.Limit {
				t.Fatal(err)
			}
			return
		}
		if got := length(p); p.Tokens < got || p.Tokens > p.Limit {
			t.Fatalf("%d tokens of %d, counted %d", p.Tokens, p.Limit, got)
		}
		if diff := cmp.Diff(given, p.Segments[3:3+len(given)]); diff != "" {
			t.Fatal(diff)
		}
		if rest := p.Segments[3+len(given):]; len(rest) > 1 && len(rest) <= lines && rest[0].Role == prompt.Assistant && len(rest)-1 < lines {
			t.Fatalf("an answer without its question: %+v", rest)
		}
	})
}

func TestContextsThatCannotBeGiven(t *testing.T) {
	single := counter(1000)
	single.History, single.Instructions = false, false
	for name, c := range map[string]struct {
		conversation *prompt.Conversation
		change       func([]prompt.Segment)
		want         error
		says         string
	}{
		"instructions":  {nil, func(s []prompt.Segment) { s[0].Role = prompt.System }, prompt.ErrGiven, `segment 0 has the role "system"`},
		"another kind":  {nil, func(s []prompt.Segment) { s[1].Kind = prompt.KindTail }, prompt.ErrGiven, `segment 1 is of kind "tail"`},
		"a long kind":   {nil, func(s []prompt.Segment) { s[1].Kind = prompt.Kind(strings.Repeat("k", 999)) }, prompt.ErrGiven, `kkk…"`},
		"no text":       {nil, func(s []prompt.Segment) { s[2].Text = "" }, prompt.ErrGiven, "segment 2 has no text"},
		"too long":      {nil, func(s []prompt.Segment) { s[2].Text = strings.Repeat("x", 900) }, prompt.ErrTooLong, "up to the transcript"},
		"single prompt": {begin(t, prompt.Persona{Name: "Iris"}, single, prompt.Limits{Answer: 50}), func([]prompt.Segment) {}, prompt.ErrGiven, "one question at a time"},
	} {
		if c.conversation == nil {
			c.conversation = begin(t, iris(), counter(1000), prompt.Limits{Answer: 100})
		}
		given := before()
		c.change(given)
		_, err := c.conversation.Ask(noon, asks, prompt.Tail{Given: given})
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, also := c.conversation.Context(given); !errors.Is(also, c.want) {
			t.Errorf("%s: its context: %v", name, also)
		}
	}
}

// TestGivenAnswersMayComeFirst: where a conversation must begin with somebody else.
func TestGivenAnswersMayComeFirst(t *testing.T) {
	traits := counter(1000)
	traits.UserFirst = true
	c := begin(t, prompt.Persona{Name: "Iris"}, traits, prompt.Limits{Answer: 100, NoTranscript: true})
	p := ask(t, c, asks, prompt.Tail{Given: before()[2:]})
	if diff := cmp.Diff([]prompt.Message{{Role: prompt.User, Text: "Iris: Bob.\nAda: What is my name?", Before: 11}}, p.Messages); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestContext: what a prompt has before its tail.
func TestContext(t *testing.T) {
	c := begin(t, iris(), counter(1000), prompt.Limits{Answer: 100})
	talk(c)
	segments, tokens, err := c.Context(nil)
	line := tell(c, prompt.Line{Seq: 9, Speaker: "Ada", Text: "Well?"})
	p := ask(t, c, line, prompt.Tail{})
	if diff := cmp.Diff(p.Segments[:len(p.Segments)-1], segments); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if want := p.Tokens - len("Ada: Well?") - frame; tokens != want {
		t.Errorf("%d tokens, want %d", tokens, want)
	}
	segments, _, err = c.Context(before())
	p = ask(t, c, line, prompt.Tail{Given: before()})
	if diff := cmp.Diff(p.Segments[:len(p.Segments)-1], segments[:len(segments)-1]); err != nil || diff != "" {
		t.Errorf("given: %v (-want +got):\n%s", err, diff)
	}
	off := begin(t, iris(), counter(1000), prompt.Limits{Answer: 100, NoTranscript: true})
	talk(off)
	if segments, _, err = off.Context(nil); err != nil || len(segments) != 3 {
		t.Errorf("without a transcript: %v, %v", segments, err)
	}
}
