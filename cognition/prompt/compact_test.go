package prompt_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// TestCompactionDropsWholeLinesFromTheOldest has ten exchanges of known cost.
func TestCompactionDropsWholeLinesFromTheOldest(t *testing.T) {
	// The transcript may have 400 - 40 - 3 - 57 = 300: beyond 240 it goes down to 120.
	c := begin(t, prompt.Persona{Name: "Iris"}, counter(400), prompt.Limits{Answer: 40, Tail: 57, High: 80, Low: 40})
	var got *prompt.Compaction
	for i := range uint64(8) { // 24 + frame and 6 + frame: 38 each
		got = c.Append(noon, prompt.Line{Seq: 2 * i, Speaker: "Ada", Text: fmt.Sprintf("%019d", i)})
		if i < 7 && got != nil {
			t.Fatalf("%v at %d tokens", got, c.Tokens())
		}
		if i == 7 {
			break
		}
		if done := c.Append(noon, prompt.Line{Seq: 2*i + 1, Own: true, Text: "Right."}); done != nil || c.Tokens() != 38*int(i+1) {
			t.Fatalf("%v at %d tokens", done, c.Tokens())
		}
	}
	want := &prompt.Compaction{At: noon, Lines: 8, Tokens: 152, First: 0, Last: 7, LinesLeft: 7, TokensLeft: 142}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	if got.String() != "compacted 12:03, 8 lines of 152 tokens" || c.Tokens() != 142 || c.Len() != 7 {
		t.Errorf("%v, %d lines of %d tokens", got, c.Len(), c.Tokens())
	}
	p := ask(t, c, tell(c, prompt.Line{Seq: 99, Speaker: "Ada", Text: "And now?"}), prompt.Tail{})
	if len(p.Messages) != 7 || !strings.HasSuffix(p.Messages[0].Text, "0004") || p.Segments[3].Note != got.String() || p.Segments[4].Note != "" {
		t.Errorf("%d messages, the first %q; notes %q, %q", len(p.Messages), p.Messages[0].Text, p.Segments[3].Note, p.Segments[4].Note)
	}
	if p.Tokens != length(p)+frame-1 {
		t.Errorf("%d tokens, counted %d", p.Tokens, length(p))
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("compacted", "conversation", *got)
	for _, part := range []string{"conversation.lines=8", "conversation.tokens=152", "conversation.last=7", "conversation.tokens_left=142", "conversation.lines_left=7", "conversation.first=0", "conversation.at=2026-11-28T12:03"} {
		if !strings.Contains(log.String(), part) {
			t.Errorf("%s does not say %s", log.String(), part)
		}
	}
}

// TestCompactionStopsAtTheWatermarks moves one byte over each of them.
func TestCompactionStopsAtTheWatermarks(t *testing.T) {
	for last, want := range map[int]bool{36: false, 37: true} { // 2 * (96+4) + last+4 against 240
		c := begin(t, prompt.Persona{}, counter(400), prompt.Limits{Answer: 40, Tail: 57, High: 80, Low: 40})
		c.Append(noon, prompt.Line{Seq: 1, Text: strings.Repeat("a", 96)})
		c.Append(noon, prompt.Line{Seq: 2, Own: true, Text: strings.Repeat("b", 96)})
		c.Append(noon, prompt.Line{Seq: 3, Text: strings.Repeat("c", last)})
		if got := c.Append(noon, prompt.Line{Seq: 4, Text: "d"}); (got != nil) != want || got != nil && got.Lines != 2 {
			t.Errorf("%d tokens: %v", c.Tokens(), got)
		}
	}
	for size, want := range map[int]int{116: 2, 117: 3} { // what stays against 120
		c := begin(t, prompt.Persona{}, counter(400), prompt.Limits{Answer: 40, Tail: 57, High: 80, Low: 40})
		c.Append(noon, prompt.Line{Seq: 1, Text: strings.Repeat("a", 196)})
		c.Append(noon, prompt.Line{Seq: 2, Own: true, Text: "b"})
		c.Append(noon, prompt.Line{Seq: 3, Text: strings.Repeat("c", size)})
		if got := c.Append(noon, prompt.Line{Seq: 4, Text: "d"}); got == nil || got.Lines != want {
			t.Errorf("%d tokens behind the oldest lines: %v", size, got)
		}
	}
}

// TestAskCompactsWhatItMust: the question itself and what came behind it stay.
func TestAskCompactsWhatItMust(t *testing.T) {
	c := begin(t, prompt.Persona{}, counter(400), prompt.Limits{Answer: 40})
	for i := range uint64(8) {
		c.Append(noon, prompt.Line{Seq: i, Text: strings.Repeat("a", 30)})
	}
	line := prompt.Line{Seq: 6, Text: strings.Repeat("a", 30)}
	p := ask(t, c, line, prompt.Tail{PartTokens: 300})
	if p.Compacted == nil || p.Compacted.Lines != 6 || p.Compacted.LinesLeft != 2 || len(p.Messages) != 1 || p.Tokens > p.Limit {
		t.Errorf("%+v, %d messages, %d tokens of %d", p.Compacted, len(p.Messages), p.Tokens, p.Limit)
	}
	line.Seq = 7
	if p := ask(t, c, line, prompt.Tail{}); p.Compacted != nil || p.Messages[0].Text != strings.Repeat("a", 30)+"\n"+strings.Repeat("a", 30) {
		t.Errorf("%+v", p)
	}
}

// TestPromptsStayWithinTheWindow asks at random moments of random conversations.
func TestPromptsStayWithinTheWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		traits := counter(rapid.IntRange(150, 2000).Draw(t, "window"))
		traits.UserFirst = rapid.Bool().Draw(t, "user first")
		limits := prompt.Limits{
			Answer: rapid.IntRange(1, 60).Draw(t, "answer"), Tail: rapid.IntRange(0, 40).Draw(t, "tail"),
			Transcript: rapid.SampledFrom([]int{0, 0, 100}).Draw(t, "transcript"),
			High:       rapid.IntRange(50, 100).Draw(t, "high"), Low: rapid.IntRange(1, 50).Draw(t, "low"),
		}
		who := prompt.Persona{Name: "Iris"}
		if rapid.Bool().Draw(t, "prompt") {
			who.Instructions, who.Memory = "Be kind.", "Ada is here."
		}
		c, err := prompt.NewConversation(who, traits, limits)
		if err != nil {
			t.Fatal(err)
		}
		twin, _ := prompt.NewConversation(who, traits, limits)
		kept := []string{}
		for seq := range uint64(rapid.IntRange(1, 60).Draw(t, "lines")) {
			line := prompt.Line{
				Seq: seq, Own: rapid.IntRange(0, 2).Draw(t, "own") == 0, Cut: rapid.Bool().Draw(t, "cut"),
				Speaker: rapid.SampledFrom([]string{"", "Ada", "Bob"}).Draw(t, "who"), Text: rapid.StringN(1, 40, 60).Draw(t, "text"),
			}
			c.Append(noon, line)
			twin.Append(noon.Add(time.Hour), line)
			if strings.TrimSpace(line.Text) == "" {
				continue
			}
			if line.Own {
				kept = append(kept, "")
				continue
			}
			text := strings.Join(strings.Fields(line.Text), " ")
			if line.Cut {
				text += "…"
			}
			kept = append(kept, text)
			tail := prompt.Tail{PartTokens: rapid.IntRange(0, 30).Draw(t, "picture"), Here: []string{"Ada"}}
			p, err := c.Ask(noon, line, tail)
			if err != nil {
				continue // the window may be too small for a question
			}
			if got := length(p) + tail.PartTokens; got > p.Tokens || p.Tokens > p.Limit || p.Tokens-got > 2*frame {
				t.Fatalf("%d tokens, bound %d, limit %d", got, p.Tokens, p.Limit)
			}
			again, err := twin.Ask(noon.Add(time.Hour), line, tail)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(p.Messages, again.Messages); diff != "" {
				t.Fatalf("the same lines at another time: %s", diff)
			}
			wantNewest(t, c, p, kept)
		}
	})
}

// wantNewest fails unless the prompt's lines are the newest ones of the conversation, without a
// gap, and do not begin with an answer.
func wantNewest(t *rapid.T, c *prompt.Conversation, p prompt.Prompt, kept []string) {
	lines := p.Segments[3:]
	if len(lines) != c.Len() {
		t.Fatalf("%d segments of %d lines", len(lines), c.Len())
	}
	for i, text := range kept[len(kept)-len(lines):] {
		if !strings.HasSuffix(lines[i].Text, text) {
			t.Fatalf("line %d is %q, want %q", i, lines[i].Text, text)
		}
	}
	if len(lines) < len(kept) && lines[0].Role == prompt.Assistant {
		t.Fatal("after a compaction the first line is an answer")
	}
}

// TestPromptsThatWereHandedOutStay: the conversation goes on, and is compacted, while a reply reads
// its prompt.
func TestPromptsThatWereHandedOutStay(t *testing.T) {
	c := begin(t, iris(), counter(300), prompt.Limits{Answer: 40})
	c.Append(noon, prompt.Line{Seq: 1, Speaker: "Ada", Text: "one"})
	p := ask(t, c, tell(c, prompt.Line{Seq: 2, Speaker: "Ada", Text: "two"}), prompt.Tail{})
	segments := append([]prompt.Segment(nil), p.Segments...)
	messages := append([]prompt.Message(nil), p.Messages...)
	var last prompt.Line
	for i := range uint64(40) {
		last = tell(c, prompt.Line{Seq: 3 + i, Speaker: "Bob", Text: "and so on, and so on"})
	}
	if err := c.SetMemory("Bob talks.", "consolidated 12:04"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(segments, p.Segments); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(messages, p.Messages); diff != "" {
		t.Error(diff)
	}
	if next := ask(t, c, last, prompt.Tail{}); next.Segments[2].Text != "Bob talks." || next.Segments[2].Note != "consolidated 12:04" {
		t.Errorf("the memory is %+v", next.Segments[2])
	}
}
