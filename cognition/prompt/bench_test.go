package prompt_test

import (
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// many are the lines of a long conversation.
const many = 10_000

// BenchmarkConversation10000Lines is all that a room does for one persona in a conversation of ten
// thousand lines: it takes each line, every third of which is a question that another persona has
// answered, and builds the prompt of each reply. The window is that of a small model; what does not
// fit is compacted. One iteration is the whole conversation, which must stay below 100 ms.
func BenchmarkConversation10000Lines(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		c := begin(b, iris(), counter(8192), prompt.Limits{Answer: 256})
		others := []prompt.Line{{Speaker: "Max", Text: "It is a tulip, I think."}}
		for i := range uint64(many) {
			line := prompt.Line{Seq: i, Own: i%3 == 1, Speaker: "Ada", Text: "What is the name of the flower on the table?"}
			c.Append(noon, line)
			if i%3 == 0 {
				ask(b, c, line, prompt.Tail{Time: "noon", Here: []string{"Ada", "Bob"}, Others: others})
			}
		}
	}
}

// BenchmarkAppend10000Lines takes ten thousand lines that all fit and builds one prompt of them.
func BenchmarkAppend10000Lines(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		c := begin(b, iris(), counter(1<<20), prompt.Limits{Answer: 256})
		var last prompt.Line
		for i := range uint64(many) {
			last = tell(c, prompt.Line{Seq: i, Own: i%3 == 1, Speaker: "Ada", Text: "What is the name of the flower on the table?"})
		}
		if p := ask(b, c, last, prompt.Tail{Time: "noon"}); len(p.Segments) != many+3 {
			b.Fatal(len(p.Segments))
		}
	}
}

// BenchmarkAsk10000Lines builds the prompt of a conversation of ten thousand lines that all fit:
// what a reply pays beside its model.
func BenchmarkAsk10000Lines(b *testing.B) {
	traits := counter(1 << 20)
	c, err := prompt.NewConversation(iris(), traits, prompt.Limits{Answer: 256})
	if err != nil {
		b.Fatal(err)
	}
	var last prompt.Line
	for i := range uint64(many) {
		last = tell(c, prompt.Line{Seq: i, Own: i%3 == 1, Speaker: "Ada", Text: "What is the name of the flower on the table?"})
	}
	b.ReportAllocs()
	for b.Loop() {
		p, err := c.Ask(noon, last, prompt.Tail{Time: "noon"})
		if err != nil || len(p.Segments) != many+3 {
			b.Fatal(len(p.Segments), err)
		}
	}
}
