package prompt_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// answered are what two other personas say to a question, and what Iris herself said between.
func answered() []prompt.Line {
	return []prompt.Line{
		{Speaker: "Max", Text: "Sun,\n and water."},
		{Speaker: "Otto", Text: " "},
		{Own: true, Text: "Cold\nwinters."},
		{Speaker: "Otto", Text: "And soil that", Cut: true},
	}
}

// TestOthersStandBehindTheQuestion as they will stand in the transcript: what the persona said
// itself is its own, and the last message is the others'.
func TestOthersStandBehindTheQuestion(t *testing.T) {
	single := counter(1000)
	single.History = false
	note := "(It is noon.)\n"
	asked, max, otto := "Ada: What do tulips need?", "Max: Sun, and water.", "Otto: And soil that…"
	user := func(lines ...string) prompt.Message {
		return prompt.Message{Role: prompt.User, Text: strings.Join(lines, "\n")}
	}
	for name, c := range map[string]struct {
		traits prompt.Traits
		limits prompt.Limits
		others []prompt.Line
		want   []prompt.Message
	}{
		"nobody":       {others: nil, want: []prompt.Message{user(note + asked)}},
		"one":          {others: answered()[:1], want: []prompt.Message{user(note+asked, max)}},
		"nothing said": {others: answered()[1:2], want: []prompt.Message{user(note + asked)}},
		"all": {others: answered(), want: []prompt.Message{
			user(note+asked, max), {Role: prompt.Assistant, Text: "Cold\nwinters."}, user(otto),
		}},
		"its own is the last":    {others: answered()[:3], want: []prompt.Message{user(note+asked, max, "Iris: Cold winters.")}},
		"only its own":           {others: answered()[2:3], want: []prompt.Message{user(note+asked, "Iris: Cold winters.")}},
		"history is off":         {others: answered(), limits: prompt.Limits{NoTranscript: true}, want: []prompt.Message{user(note+asked, max, "Iris: Cold winters.", otto)}},
		"a model without":        {others: answered(), traits: single, want: []prompt.Message{user(note+asked, max, "Iris: Cold winters.", otto)}},
		"silence behind its own": {others: append(answered()[:3], prompt.Line{Speaker: "Max"}), want: []prompt.Message{user(note+asked, max, "Iris: Cold winters.")}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.traits.Count == nil {
				c.traits = counter(1000)
			}
			c.limits.Answer = 100
			talk := begin(t, prompt.Persona{Name: "Iris"}, c.traits, c.limits)
			question := tell(talk, prompt.Line{Seq: 7, Speaker: "Ada", Text: "What do tulips need?"})
			// What was heard of the answers meanwhile is not said twice.
			tell(talk, prompt.Line{Seq: 8, Speaker: "Max", Text: "Sun, and water."})
			p := ask(t, talk, question, prompt.Tail{Time: "noon", Others: c.others, Parts: []prompt.Part{sound{}}, PartTokens: 5})
			c.want[len(c.want)-1].Parts = []prompt.Part{sound{}}
			if diff := cmp.Diff(c.want, p.Messages); diff != "" {
				t.Error(diff)
			}
			if p.Tokens != length(p)+5 || p.Unsaid != 0 {
				t.Errorf("%d tokens, counted %d, %d lines unsaid", p.Tokens, length(p)+5, p.Unsaid)
			}
			for i, s := range p.Segments[3:] {
				if s.Kind != prompt.KindTail {
					t.Errorf("segment %d is %+v", i, s)
				}
			}
		})
	}
}

// TestOldestOthersAreLeftOutFirst makes the window smaller and smaller: the question is the last
// that goes, and nothing goes before it must.
func TestOldestOthersAreLeftOutFirst(t *testing.T) {
	question := prompt.Line{Seq: 7, Speaker: "Ada", Text: strings.Repeat("q", 25)} // 30 with her name
	lines := []string{"Ada: " + question.Text}
	var others []prompt.Line
	for _, name := range []string{"Max", "Otto", "Eve"} {
		others = append(others, prompt.Line{Speaker: name, Text: strings.Repeat(strings.ToLower(name[:1]), 20)})
		lines = append(lines, name+": "+others[len(others)-1].Text)
	}
	const fixed = empty + frame + 10 // and the answer
	for window := fixed + 1; window < 200; window++ {
		traits := counter(window)
		talk, err := prompt.NewConversation(prompt.Persona{}, traits, prompt.Limits{Answer: 10, Tail: 1})
		if err != nil {
			t.Fatal(err)
		}
		tell(talk, prompt.Line{Seq: 1, Own: true, Text: "x"})
		p, err := talk.Ask(noon, question, prompt.Tail{Others: others})
		fits := 0 // lines, from the last one on, beside the question
		for need := fixed + 30; fits < 3 && need+len(lines[3-fits])+1 <= window; fits++ {
			need += len(lines[3-fits]) + 1
		}
		if window < fixed+30 {
			var long *prompt.TooLongError
			if !errors.As(err, &long) || long.Kind != prompt.KindTail {
				t.Fatalf("window %d: %v", window, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("window %d: %v", window, err)
		}
		want := strings.Join(append([]string{lines[0]}, lines[4-fits:]...), "\n")
		if got := p.Messages[len(p.Messages)-1].Text; got != want || p.Unsaid != 3-fits || p.Tokens > p.Limit {
			t.Fatalf("window %d: %q with %d unsaid, want %q", window, got, p.Unsaid, want)
		}
	}
}

// TestAPersonaIsWokenByAnother: the line that called it by name is its question.
func TestAPersonaIsWokenByAnother(t *testing.T) {
	max := begin(t, prompt.Persona{Name: "Max"}, counter(1000), prompt.Limits{Answer: 100})
	tell(max, prompt.Line{Seq: 3, Speaker: "Ada", Text: "Iris, what is this?"})
	calls := tell(max, prompt.Line{Seq: 9, Speaker: "Iris", Text: "A clock. Max, how old is it?"})
	p := ask(t, max, calls, prompt.Tail{Meant: []string{"Max"}})
	want := []prompt.Message{{Role: prompt.User, Before: 25, Text: "Ada: Iris, what is this?\n(Iris speaks to Max.)\nIris: A clock. Max, how old is it?"}}
	if diff := cmp.Diff(want, p.Messages); diff != "" {
		t.Error(diff)
	}
}

// TestQuestionsThatTheConversationDoesNotHold: one that was compacted while it waited, and one of
// before the persona came.
func TestQuestionsThatTheConversationDoesNotHold(t *testing.T) {
	c := begin(t, prompt.Persona{Name: "Iris"}, counter(200), prompt.Limits{Answer: 20})
	asked := prompt.Line{Seq: 10, Speaker: "Ada", Text: "What is this?"}
	tell(c, prompt.Line{Seq: 4, Speaker: "Bob", Text: "Hello."})
	tell(c, asked)
	for seq := uint64(20); c.Len() > 0 && seq < 100; seq += 10 {
		tell(c, prompt.Line{Seq: seq, Speaker: "Max", Text: strings.Repeat("m", 40)})
	}
	p := ask(t, c, asked, prompt.Tail{Others: []prompt.Line{{Speaker: "Max", Text: "A cup."}}})
	want := []prompt.Message{{Role: prompt.User, Text: "Ada: What is this?\nMax: A cup."}}
	if diff := cmp.Diff(want, p.Messages); diff != "" {
		t.Errorf("compacted: %s", diff)
	}
	late := begin(t, prompt.Persona{Name: "Otto"}, counter(200), prompt.Limits{Answer: 20})
	tell(late, prompt.Line{Seq: 8, Speaker: "Bob", Text: "Hello."}) // recalled
	tell(late, prompt.Line{Seq: 12, Speaker: "Max", Text: "A cup."})
	p = ask(t, late, asked, prompt.Tail{})
	want = []prompt.Message{{Role: prompt.User, Before: 12, Text: "Bob: Hello.\nAda: What is this?"}}
	if diff := cmp.Diff(want, p.Messages); diff != "" {
		t.Errorf("late: %s", diff)
	}
}
