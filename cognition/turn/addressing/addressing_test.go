package addressing_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/cognition/turn/addressing"
)

// TestWhoIsMeant: of what is typed, at least 99 % of the calls are answered, and at most 1 % of the
// rest.
func TestWhoIsMeant(t *testing.T) {
	lines, err := addressing.Lines()
	if err != nil {
		t.Fatal(err)
	}
	s := addressing.Rate(lines, turn.Address, nil)
	t.Logf("%d of %d answered, %d of %d others answered", s.Right, s.Addressed, s.False, s.Others)
	if len(lines) < 300 || s.Recall() < 0.99 || s.FalseResponses() > 0.01 || s.Addressed+s.Others != len(lines) {
		t.Errorf("%d lines, recall %.3f, false responses %.3f", len(lines), s.Recall(), s.FalseResponses())
	}
	for _, m := range s.Misses {
		t.Logf("line %d: %s: %v, want %v", m.Line.Number, m.Line.Text, m.Got, m.Line.Meant)
	}
}

// TestScoreCounts: what is heard is scored, not what was said.
func TestScoreCounts(t *testing.T) {
	lines, err := addressing.Read(strings.NewReader("# a\n\niris | Iris, who?\n max  iris | Max, Iris!\nnobody | What?\nperson | Bob?\nnobody|So.\n"))
	if err != nil || len(lines) != 5 || lines[1].Number != 4 || lines[1].Text != "Max, Iris!" {
		t.Fatalf("%+v, %v", lines, err)
	}
	s := addressing.Rate(lines, turn.Address, []string{"Mirrors, who?", "Max, Iris!", "Otto?", "Bob?", "Bob?"})
	if s.Addressed != 2 || s.Right != 1 || s.Others != 3 || s.False != 1 || len(s.Misses) != 3 || s.Recall() != 0.5 || s.FalseResponses() < 0.33 || s.FalseResponses() > 0.34 {
		t.Errorf("%+v", s)
	}
	if empty := (&addressing.Score{}); empty.Recall() != 0 || empty.FalseResponses() != 0 {
		t.Errorf("of nothing: %v, %v", empty.Recall(), empty.FalseResponses())
	}
	for _, bad := range []string{
		"iris Iris?", "| Iris?", "iris |", "iris | x\niris", "eve | x", "iris nobody | x",
		"room | iris | ada", "room | | ada | ada", "room | iris | ada | bob", "room | iris eye ris | , | ", "room | iris iris | ada | ada", "room | nova | ada | ada\niris | Iris?",
	} {
		if _, err := addressing.Read(strings.NewReader(bad)); !errors.Is(err, addressing.ErrLines) || !strings.Contains(err.Error(), "line ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestHeldOutLines: on lines that no rule was changed for it is well above what naive ways reach.
func TestHeldOutLines(t *testing.T) {
	tuned, err := addressing.Lines()
	if err != nil {
		t.Fatal(err)
	}
	lines, err := addressing.HeldOut()
	if err != nil {
		t.Fatal(err)
	}
	s := addressing.Rate(lines, turn.Address, nil)
	t.Logf("%d of %d answered, %d of %d others answered", s.Right, s.Addressed, s.False, s.Others)
	if len(lines) < 150 || s.Recall() < 0.99 || s.FalseResponses() > 0.04 {
		t.Errorf("%d lines, recall %.3f, false responses %.3f", len(lines), s.Recall(), s.FalseResponses())
	}
	for _, n := range addressing.Naives() {
		other := addressing.Rate(lines, n.Address, nil)
		t.Logf("%s: recall %.3f, false responses %.3f", n.Name, other.Recall(), other.FalseResponses())
		if n.Doc == "" || other.Recall()-other.FalseResponses() >= s.Recall()-s.FalseResponses()-0.5 {
			t.Errorf("%s is as good: recall %.3f, false responses %.3f", n.Name, other.Recall(), other.FalseResponses())
		}
	}
	for _, l := range lines {
		for _, o := range tuned {
			if l.Text == o.Text {
				t.Errorf("line %d is not held out: %s", l.Number, l.Text)
			}
		}
	}
	decided := 0
	for _, r := range s.Rules {
		if r.Right > r.Lines {
			t.Errorf("%+v", r)
		}
		decided += r.Lines
	}
	if decided != len(lines) {
		t.Errorf("%d of %d lines were decided by a rule: %+v", decided, len(lines), s.Rules)
	}
}

func TestLabelsAreKnown(t *testing.T) {
	for _, read := range []func() ([]addressing.Line, error){addressing.Lines, addressing.HeldOut} {
		lines, err := read()
		if err != nil {
			t.Fatal(err)
		}
		var labels strings.Builder
		for _, l := range lines {
			labels.WriteString(strings.Join(l.Meant, " ") + "\n")
		}
		answers, err := addressing.Answers(strings.NewReader(labels.String()))
		if err != nil {
			t.Fatal(err)
		}
		s, err := addressing.RateAnswers(lines, answers)
		if err != nil || s.Recall() != 1 || s.FalseResponses() != 0 || len(s.Misses) != 0 || s.Addressed+s.Others != len(lines) {
			t.Errorf("its own labels: %+v, %v", s, err)
		}
	}
}

// TestRoomOfLines: personas, their aliases and people are those of the room that stands above a
// line.
func TestRoomOfLines(t *testing.T) {
	const text = `iris | Iris, who?
room | nova/novah felix | eve, user-3=Rosa Lind | eve
nova felix | Novah, Felix, who?
person | Rosa Lind, who?
nobody | Iris, who?
nobody | Eve, who?
`
	lines, err := addressing.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if s := addressing.Rate(lines, turn.Address, nil); len(s.Misses) != 0 || len(lines) != 5 {
		t.Errorf("%+v", s.Misses)
	}
	if c := lines[1].Call("Max?"); c.Text != "Max?" || c.Front != "nova" || c.From != "eve" || lines[1].Call("").Text != "" {
		t.Errorf("%+v", c)
	}
	if c := lines[0].Call("x"); c.From != "ada" || len(c.Personas) != 3 {
		t.Errorf("%+v", c)
	}
}

// TestNaiveWays are what they say.
func TestNaiveWays(t *testing.T) {
	const labelled = `iris | Hey Iris, what is this?
iris max | I like what Max said, Irish.
everybody | Hello everybody!
nobody | What is this?
`
	lines, err := addressing.Read(strings.NewReader(labelled))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"anywhere": "[max iris]", "wake word": "[nobody] [nobody]", "everything": "[everybody] [everybody] [everybody]",
	} {
		i := slices.IndexFunc(addressing.Naives(), func(n addressing.Naive) bool { return n.Name == name })
		if i < 0 {
			t.Fatalf("no %s", name)
		}
		var got []string
		for _, m := range addressing.Rate(lines, addressing.Naives()[i].Address, nil).Misses {
			got = append(got, fmt.Sprint(m.Got))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", name, got, want)
		}
	}
}

func TestAnswersOfAnother(t *testing.T) {
	lines, err := addressing.Read(strings.NewReader("iris | Iris?\nnobody | So.\n"))
	if err != nil {
		t.Fatal(err)
	}
	answers, err := addressing.Answers(strings.NewReader("# mine\n\nmax\n iris max \n"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := addressing.RateAnswers(lines, answers)
	if err != nil || s.Addressed != 1 || s.Right != 0 || s.Others != 1 || s.False != 1 || len(s.Misses) != 2 || len(s.Rules) != 0 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := addressing.RateAnswers(lines, [][]string{{"iris"}, {"eve"}}); !errors.Is(err, addressing.ErrLines) || !strings.Contains(err.Error(), `line 2: its answer is "eve"`) {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{"nobody iris", "iris everybody", "max\nno nobody"} {
		if _, err := addressing.Answers(strings.NewReader(bad)); !errors.Is(err, addressing.ErrLines) || !strings.Contains(err.Error(), "line ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, n := range []int{1, 3} {
		if _, err := addressing.RateAnswers(lines, make([][]string, n)); !errors.Is(err, addressing.ErrLines) {
			t.Errorf("%d answers: %v", n, err)
		}
	}
}
