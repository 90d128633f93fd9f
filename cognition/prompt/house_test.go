package prompt_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// read is a prompt's segments as a model reads them, the last message left open.
func read(segments []prompt.Segment) string {
	var b strings.Builder
	last := prompt.Role("")
	for _, s := range segments {
		switch {
		case s.Text == "":
			continue
		case s.Role == last:
			b.WriteString("\n")
		case last != "":
			b.WriteString("</" + string(last) + ">")
		}
		if s.Role != last {
			b.WriteString("<" + string(s.Role) + ">")
		}
		b.WriteString(s.Text)
		last = s.Role
	}
	return b.String()
}

// house is a room with several personas. Numbers of lines have gaps.
type house struct {
	seq   uint64
	seats []*seat
	room  *rapid.T
	limit prompt.Limits
	model prompt.Traits
}

// seat is a persona with its conversation.
type seat struct {
	name     string
	talk     *prompt.Conversation
	head     string // of its last prompt: what stood before the tail
	whole    string // and all of it, where the next one begins with it
	question uint64 // in its last prompt
	dropped  uint64 // the last line that was compacted
}

// compacted takes note that lines were dropped.
func (s *seat) compacted(done *prompt.Compaction) {
	if done != nil {
		s.head, s.whole, s.dropped = "", "", done.Last
	}
}

// join seats a persona, which may know some lines of before.
func (h *house) join(recalled ...prompt.Line) {
	name := fmt.Sprint("P", len(h.seats))
	who := prompt.Persona{Name: name, Instructions: "Be kind.", Memory: rapid.SampledFrom([]string{"", "Ada likes tulips."}).Draw(h.room, "memory")}
	c, err := prompt.NewConversation(who, h.model, h.limit)
	if err != nil {
		h.room.Fatal(err)
	}
	for _, line := range recalled {
		h.seq += 2
		line.Seq = h.seq
		c.Append(noon, line)
	}
	h.seats = append(h.seats, &seat{name: name, talk: c})
}

// say has everybody hear a line; by is the persona that says it, -1 for people.
func (h *house) say(by int, line prompt.Line) prompt.Line {
	h.seq += rapid.Uint64Range(1, 5).Draw(h.room, "gap")
	line.Seq = h.seq
	for i, s := range h.seats {
		heard := line
		if heard.Own = i == by; heard.Own {
			heard.Speaker = ""
		}
		s.compacted(s.talk.Append(noon, heard))
	}
	return line
}

// asked has a persona be asked, and compares its prompt with its last one.
func (h *house) asked(s *seat, question prompt.Line, tail prompt.Tail) {
	for k := range tail.Others {
		tail.Others[k].Own = tail.Others[k].Speaker == s.name
	}
	p, err := s.talk.Ask(noon, question, tail)
	if errors.Is(err, prompt.ErrTooLong) {
		return
	}
	if err != nil {
		h.room.Fatal(err)
	}
	if got := length(p) + tail.PartTokens; got > p.Tokens || p.Tokens > p.Limit {
		h.room.Fatalf("%d tokens, bound %d, limit %d", got, p.Tokens, p.Limit)
	}
	s.compacted(p.Compacted)
	before := slices.IndexFunc(p.Segments, func(s prompt.Segment) bool { return s.Kind == prompt.KindTail })
	now, whole := read(p.Segments[:before]), read(p.Segments)
	if question.Seq == s.question && (tail.Time != "" || p.Unsaid > 0) {
		s.whole = "" // the same tail, written anew
	}
	if !strings.HasPrefix(whole, s.head) || !strings.HasPrefix(whole, s.whole) {
		h.room.Fatalf("%s has changed what stood before its tail:\n%q\n%q\n%q", s.name, s.head, s.whole, whole)
	}
	// What comes with the question stands behind all that others said before, or that the persona
	// did.
	last := p.Messages[len(p.Messages)-1]
	ahead, behind := last.Split()
	if tail := read(p.Segments[before:]); !strings.HasSuffix(tail, behind) || !strings.HasSuffix(now, strings.TrimSuffix(ahead, "\n")) {
		h.room.Fatalf("parts stand between %q and %q", ahead, behind)
	}
	s.head, s.whole, s.question = now, "", question.Seq
	// Where the tail is but what the conversation holds, all of it is read again.
	if others := tail.Others; tail.Time == "" && p.Unsaid == 0 && question.Seq > s.dropped &&
		(len(others) == 0 || !others[len(others)-1].Own) {
		s.whole = whole
	}
}

// TestNothingBeforeTheTailChanges holds random conversations of several personas, with turns that
// some of them answer in order, rounds of more, calls of one persona by another, and late joiners.
// From prompt to prompt no byte changes before the tail; and what the tail itself held, the
// question and what others answered, is read again where it stood.
func TestNothingBeforeTheTailChanges(t *testing.T) {
	text := rapid.StringMatching(`[a-z ,.]{1,12}[a-z]`)
	rapid.Check(t, func(t *rapid.T) {
		h := &house{room: t, limit: prompt.Limits{Answer: 20}, model: counter(rapid.SampledFrom([]int{200, 400, 4000}).Draw(t, "window"))}
		for range rapid.IntRange(1, 4).Draw(t, "personas") {
			h.join()
		}
		for range rapid.IntRange(2, 12).Draw(t, "turns") {
			question := h.say(-1, prompt.Line{Speaker: rapid.SampledFrom([]string{"Ada", "Bob"}).Draw(t, "who"), Text: text.Draw(t, "question")})
			order := rapid.Permutation(index(len(h.seats))).Draw(t, "order")[:rapid.IntRange(1, len(h.seats)).Draw(t, "responders")]
			var said []prompt.Line
			for range rapid.IntRange(1, 2).Draw(t, "rounds") {
				for _, i := range order {
					tail := prompt.Tail{Others: slices.Clone(said)}
					if rapid.Bool().Draw(t, "noted") {
						tail.Time = text.Draw(t, "time")
					}
					h.asked(h.seats[i], question, tail)
					said = append(said, h.say(i, prompt.Line{Speaker: h.seats[i].name, Text: text.Draw(t, "answer")}))
				}
			}
			if called := rapid.IntRange(0, len(h.seats)).Draw(t, "called"); called < len(h.seats) && called != order[len(order)-1] {
				h.asked(h.seats[called], said[len(said)-1], prompt.Tail{}) // by the last who spoke
			}
			if rapid.IntRange(0, 5).Draw(t, "joins") == 0 {
				h.join(prompt.Line{Speaker: "Ada", Text: "hello"}, prompt.Line{Own: true, Text: "hi"})
			}
		}
	})
}

// index are the numbers below n.
func index(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
