package addressing_test

import (
	"errors"
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
	if empty := (addressing.Score{}); empty.Recall() != 0 || empty.FalseResponses() != 0 {
		t.Errorf("of nothing: %v, %v", empty.Recall(), empty.FalseResponses())
	}
	for _, bad := range []string{"iris Iris?", "| Iris?", "iris |", "ok | x\niris"} {
		if _, err := addressing.Read(strings.NewReader(bad)); !errors.Is(err, addressing.ErrLines) || !strings.Contains(err.Error(), "line ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
