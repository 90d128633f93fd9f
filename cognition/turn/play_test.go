package turn_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// play plays a conversation with one persona. A line is a time in seconds, what happens, and what
// is to follow:
//
//	1    write ada        = start 1            ada writes, and her question 1 is answered
//	2.5  say bob 2        = wait               bob had begun to speak at 2
//	3    audible          =                    the answer under way is heard
//	4    end 1            = start 2            the answer to question 1 has ended
//	5    shut             =                    nobody can hear the persona
//	6    open             =
//
// Questions are numbered in the order in which they are asked.
type play struct {
	table *turn.Table
	reply turn.Reply // begun last
}

func (p *play) run(t *testing.T, text string) {
	t.Helper()
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		did, want, ok := strings.Cut(line, "=")
		if !ok {
			t.Fatalf("line %d: %q says nothing of what follows", i+1, line)
		}
		if got := p.step(t, strings.Fields(did)); got != strings.Join(strings.Fields(want), " ") {
			t.Errorf("line %d: %s: got %q, want %q", i+1, strings.TrimSpace(did), got, strings.TrimSpace(want))
		}
	}
}

func (p *play) step(t *testing.T, words []string) string {
	t.Helper()
	now := second(t, words[0])
	switch words[1] {
	case "write":
		return p.show(p.table.Step(now, turn.Typed{Who: words[2], Text: "What?"}))
	case "say":
		e := turn.Heard{Who: words[2], Text: "What is this thing?", From: second(t, words[3]), To: now, Voiced: 2 * time.Second}
		return p.show(p.table.Step(now, e))
	case "audible":
		return p.show(p.table.Step(now, turn.Audible{Reply: p.reply, Text: "It is"}))
	case "end":
		number, err := strconv.ParseUint(words[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		id := turn.Reply{Turn: number, Seat: "iris"}
		if p.reply.Turn == number {
			id = p.reply
		}
		return p.show(p.table.Step(now, turn.Done{Reply: id, Outcome: turn.Spoken, Text: "It is this."}))
	case "shut", "open":
		return p.show(p.table.Step(now, turn.Connection{Seat: "iris", Up: words[1] == "open"}))
	}
	t.Fatalf("unknown step %q", words)
	return ""
}

func second(t *testing.T, word string) time.Duration {
	t.Helper()
	f, err := strconv.ParseFloat(word, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(f * float64(time.Second))
}

func (p *play) show(effects []turn.Effect) string {
	var lost, out []string
	for _, e := range effects {
		switch e := e.(type) {
		case turn.Start:
			p.reply = e.Reply
			out = append(out, fmt.Sprintf("start %d", e.Reply.Turn))
		case turn.Cancel:
			out = append(out, "stop")
			if e.Why == turn.ReasonYielded {
				out = append(out, "yielded")
			}
		case turn.Silence:
			lost = append(lost, fmt.Sprintf("%s %d", e.Why, e.Turn))
		}
	}
	return strings.Join(slices.Concat(out, lost), " ")
}

func newTable(t *testing.T, p turn.Policy) *turn.Table {
	t.Helper()
	table, err := turn.New(p)
	if err != nil {
		t.Fatal(err)
	}
	return table
}
