package agent_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/agent"
)

// script plays a conversation against the order of answers. A line is a time in seconds, what happens, and what is to follow:
//
//	1    write ada        = start 1            ada writes, and her question 1 is answered
//	2.5  say bob 2        = wait               bob had begun to speak at 2
//	3    audible          =                    the answer under way is heard
//	4    end 1            = start 2            the answer to question 1 has ended
//	5    shut             =                    nobody can hear the persona
//	6    open             =
//
// Questions are numbered in the order in which they are asked.
type script struct {
	order agent.Order
	asked uint64
}

func (s *script) play(t *testing.T, text string) {
	t.Helper()
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		did, want, ok := strings.Cut(line, "=")
		if !ok {
			t.Fatalf("line %d: %q says nothing of what follows", i+1, line)
		}
		if got := s.step(t, strings.Fields(did)); got != strings.Join(strings.Fields(want), " ") {
			t.Errorf("line %d: %s: got %q, want %q", i+1, strings.TrimSpace(did), got, strings.TrimSpace(want))
		}
	}
}

func (s *script) step(t *testing.T, words []string) string {
	t.Helper()
	now := second(t, words[0])
	switch words[1] {
	case "write":
		s.asked++
		return s.show(s.order.Ask(agent.Ask{Turn: s.asked, Who: words[2], Began: now, Asked: now}))
	case "say":
		s.asked++
		return s.show(s.order.Ask(agent.Ask{Turn: s.asked, Who: words[2], Spoken: true, Began: second(t, words[3]), Asked: now}))
	case "audible":
		s.order.Audible()
		return ""
	case "end":
		turn, err := strconv.ParseUint(words[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return s.show(s.order.Ended(turn, now))
	case "shut", "open":
		return s.show(s.order.Open(words[1] == "open", now))
	}
	t.Fatalf("unknown step %q", words)
	return ""
}

func second(t *testing.T, word string) time.Time {
	t.Helper()
	f, err := strconv.ParseFloat(word, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(1000, 0).Add(time.Duration(f * float64(time.Second)))
}

func (s *script) show(d agent.Decision) string {
	var out []string
	if d.Stop {
		out = append(out, "stop")
		if errors.Is(agent.FateError(d.Why), agent.ErrYielded) {
			out = append(out, "yielded")
		}
	}
	if d.Start != nil {
		out = append(out, fmt.Sprintf("start %d", d.Start.Turn))
	}
	for _, x := range d.Lost {
		word := map[error]string{
			agent.ErrSuperseded: "superseded", agent.ErrCrowded: "crowded", agent.ErrLate: "late", agent.ErrYielded: "yielded",
		}[agent.FateError(x.Fate)]
		out = append(out, fmt.Sprintf("%s %d", word, x.Ask.Turn))
	}
	return strings.Join(out, " ")
}

func TestWhoseQuestionIsAnsweredWhen(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want agent.QuestionStats
	}{
		"one person asks one thing after another": {
			`
			1 write ada = start 1
			2 end 1     =
			3 say ada 2.5 = start 2
			4 audible   =
			5 end 2     =`,
			agent.QuestionStats{Asked: 2, Answered: 2},
		},
		"a newer question takes the place of one's own": {
			`
			1 write ada = start 1
			2 write ada = stop start 2
			2 end 1     =
			3 say ada 2.5 = stop start 3
			4 end 3     =`,
			agent.QuestionStats{Asked: 3, Answered: 3, Superseded: 2},
		},
		"nobody takes the answer of another": {
			`
			1 write ada = start 1
			2 write bob =
			3 say cid 2 =
			4 end 1     = start 3
			5 end 3     = start 2
			6 end 2     =`,
			agent.QuestionStats{Asked: 3, Answered: 3, Waited: 2},
		},
		"a flood of one is one question at a time": {
			`
			1   write eve = start 1
			1.3 write eve = stop start 2
			1.6 write ada =
			1.9 write eve =
			2.2 write eve = superseded 4
			2.5 write eve = superseded 5
			3   end 2     = start 3
			3.1 write eve = superseded 6
			4   end 3     = start 7
			5   write ada =
			6   write eve =
			7   end 7     = start 8
			8   end 8     = start 9`,
			agent.QuestionStats{Asked: 9, Answered: 6, Waited: 4, Superseded: 4},
		},
		"who had begun to speak is answered first, and the other anew": {
			`
			1   write eve = start 1
			2   say ada 0.5 = stop yielded start 2
			2.1 end 1     =
			3   end 2     = start 1
			4   end 1     =`,
			agent.QuestionStats{Asked: 2, Answered: 3, Yielded: 1},
		},
		"an answer that was heard is not begun anew": {
			`
			1   write eve = start 1
			1.5 audible   =
			2   say ada 0.5 = stop start 2
			3   end 2     =`,
			agent.QuestionStats{Asked: 2, Answered: 2, Yielded: 1},
		},
		"the one that is begun anew has been asked again meanwhile": {
			`
			1   write ada = start 1
			1.2 write eve =
			1.5 end 1     = start 2
			1.6 write bob =
			1.7 write eve =
			2   say ada 0.5 = stop yielded start 5 superseded 2
			3   end 5     = start 3
			4   end 3     = start 4`,
			agent.QuestionStats{Asked: 5, Answered: 5, Waited: 3, Yielded: 1},
		},
		"the one that would be begun anew is the only one who waits": {
			`
			1  write eve = start 1
			2  write bob =
			50 write eve =
			63 say ada 0.5 = stop yielded start 4 late 2 superseded 1
			64 end 4     = start 3`,
			agent.QuestionStats{Asked: 4, Answered: 3, Waited: 2, Late: 1, Yielded: 1},
		},
		"who had begun to speak has written meanwhile": {
			`
			1   write eve = start 1
			1.2 write ada =
			2   say ada 0.5 = stop yielded start 3 superseded 2
			3   end 3     = start 1
			4   end 1     =`,
			agent.QuestionStats{Asked: 3, Answered: 3, Waited: 1, Superseded: 1, Yielded: 1},
		},
		"nobody else waits any more": {
			`
			1  write ada = start 1
			2  write bob =
			50 write ada =
			63 write ada = stop start 4 late 2 superseded 3
			64 end 4     =`,
			agent.QuestionStats{Asked: 4, Answered: 2, Waited: 2, Superseded: 2, Late: 1},
		},
		"speaking gives no precedence over what was asked before": {
			`
			1   write eve = start 1
			3   say ada 1.5 =
			4   end 1     = start 2`,
			agent.QuestionStats{Asked: 2, Answered: 2, Waited: 1},
		},
		"one's own spoken question supersedes and does not yield": {
			`
			1   write ada = start 1
			2   write bob =
			3   say ada 0.5 =
			4   end 1     = start 3
			5   end 3     = start 2`,
			agent.QuestionStats{Asked: 3, Answered: 3, Waited: 2},
		},
		"spoken questions pass a written one twice": {
			`
			1 write ada = start 1
			2 write bob =
			3 say cid 2 =
			4 say dan 3 =
			5 say eva 4 =
			6 write fay =
			7 say gus 6 =
			10 end 1    = start 3
			11 end 3    = start 4
			12 end 4    = start 2
			13 end 2    = start 5
			14 end 5    = start 7
			15 end 7    = start 6`,
			agent.QuestionStats{Asked: 7, Answered: 7, Waited: 6},
		},
		"who wrote and then says it has the place of who speaks": {
			`
			1 write ada = start 1
			2 write bob =
			3 write cid =
			4 say cid 3.5 = superseded 3
			5 write cid = superseded 4
			6 end 1     = start 5
			7 end 5     = start 2`,
			agent.QuestionStats{Asked: 5, Answered: 3, Waited: 2, Superseded: 2},
		},
		"at most eight people wait": {
			`
			1 write a0 = start 1
			2 write a1 =
			2 write a2 =
			2 write a3 =
			2 write a4 =
			2 write a5 =
			2 write a6 =
			2 write a7 =
			2 write a8 =
			3 write a9 = crowded 10
			4 say b0 3 = crowded 9
			5 end 1    = start 11
			6 end 11   = start 2`,
			agent.QuestionStats{Asked: 11, Answered: 3, Waited: 10, Crowded: 2, Waiting: 6},
		},
		"the one that yields keeps its place when eight wait": {
			`
			2 write a0 = start 1
			2 write a1 =
			2 write a2 =
			2 write a3 =
			2 write a4 =
			2 write a5 =
			2 write a6 =
			2 write a7 =
			2 write a8 =
			3 say b0 1 = stop yielded start 10 crowded 9
			4 end 10   = start 1`,
			agent.QuestionStats{Asked: 10, Answered: 3, Waited: 8, Crowded: 1, Yielded: 1, Waiting: 7},
		},
		"who has waited for a minute is let go": {
			`
			1  write ada = start 1
			2  write bob =
			3  write cid =
			62 write dan =
			62.5 end 1   = start 3 late 2
			200 end 3    = late 4`,
			agent.QuestionStats{Asked: 4, Answered: 2, Waited: 3, Late: 2},
		},
		"a question finds the late ones gone": {
			`
			1  write ada = start 1
			2  write bob =
			70 write bob = late 2
			71 end 1     = start 3`,
			agent.QuestionStats{Asked: 3, Answered: 2, Waited: 2, Late: 1},
		},
		"while nobody can hear it questions wait": {
			`
			1 shut      =
			2 write ada =
			3 write bob =
			4 write ada = superseded 1
			5 open      = start 3
			6 end 3     = start 2`,
			agent.QuestionStats{Asked: 3, Answered: 2, Waited: 2, Superseded: 1},
		},
		"an answer that ends while nobody can hear it is followed by none": {
			`
			1 write ada = start 1
			2 write bob =
			3 shut      =
			4 end 1     =
			5 open      = start 2`,
			agent.QuestionStats{Asked: 2, Answered: 2, Waited: 1},
		},
		"opening does not disturb the answer under way": {
			`
			1 write ada = start 1
			2 write bob =
			3 shut      =
			4 open      =
			5 end 1     = start 2`,
			agent.QuestionStats{Asked: 2, Answered: 2, Waited: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var s script
			s.play(t, c.text)
			if diff := cmp.Diff(c.want, s.order.Stats()); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEveryQuestionComesToAnEnd holds over random conversations: a question is begun or given up, at most eight wait, one is answered at a time,
// and nobody waits for more than the answers of those before them.
func TestEveryQuestionComesToAnEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var o agent.Order
		now := time.Unix(1000, 0)
		open := map[uint64]bool{} // asked, and neither begun nor given up
		current := uint64(0)
		take := func(d agent.Decision) {
			if d.Stop && current == 0 {
				t.Fatal("nothing to stop")
			}
			if d.Stop && errors.Is(agent.FateError(d.Why), agent.ErrYielded) {
				open[current] = true
			}
			for _, x := range d.Lost {
				if !open[x.Ask.Turn] {
					t.Fatalf("%d is given up and was not waiting", x.Ask.Turn)
				}
				delete(open, x.Ask.Turn)
			}
			if d.Start != nil {
				if current != 0 && !d.Stop || !open[d.Start.Turn] {
					t.Fatalf("%d begins while %d is under way", d.Start.Turn, current)
				}
				delete(open, d.Start.Turn)
				current = d.Start.Turn
			}
			if o.Stats().Waiting != len(open) || len(open) > agent.WaitingPlaces {
				t.Fatalf("%d wait, %d are open", o.Stats().Waiting, len(open))
			}
			if a, ok := o.Answering(); ok != (current != 0) || a.Turn != current {
				t.Fatalf("%d is answered, want %d", a.Turn, current)
			}
		}
		for turn := uint64(1); turn <= uint64(rapid.IntRange(1, 60).Draw(t, "questions")); turn++ {
			now = now.Add(time.Duration(rapid.IntRange(0, 8000).Draw(t, "ms")) * time.Millisecond)
			a := agent.Ask{Turn: turn, Who: rapid.StringMatching("[a-l]").Draw(t, "who"), Began: now, Asked: now}
			if a.Spoken = rapid.Bool().Draw(t, "spoken"); a.Spoken {
				a.Began = now.Add(-time.Duration(rapid.IntRange(0, 5000).Draw(t, "spoken for")) * time.Millisecond)
			}
			open[turn] = true
			take(o.Ask(a))
			if current != 0 && rapid.Bool().Draw(t, "audible") {
				o.Audible()
			}
			if current != 0 && rapid.Bool().Draw(t, "ends") {
				ended := current
				current = 0
				take(o.Ended(ended, now))
			}
		}
		for current != 0 {
			ended := current
			current = 0
			take(o.Ended(ended, now))
		}
		if len(open) != 0 {
			t.Fatalf("%d questions are left", len(open))
		}
	})
}
