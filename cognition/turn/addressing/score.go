package addressing

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Miss is a line by which others were taken to be meant.
type Miss struct {
	Line Line
	Got  []string // as lines are labelled
}

// Tally counts lines that were decided in the same way.
type Tally struct {
	Rule  turn.Rule
	Lines int
	Right int
}

// Score is how well it was recognised who is meant.
type Score struct {
	Addressed int // lines by which a persona is meant
	Right     int // of those, where exactly those answer, in their order
	Others    int // lines by which none is
	False     int // of those, where one answers
	Misses    []Miss
	Rules     []Tally // by the rule that decided, in the rules' order; empty of answers
}

// Recall is the share of the lines by which personas are meant that they answer.
func (s *Score) Recall() float64 { return share(s.Right, s.Addressed) }

// FalseResponses is the share of the other lines that a persona answers.
func (s *Score) FalseResponses() float64 { return share(s.False, s.Others) }

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// add counts what was done about a line.
func (s *Score) add(l Line, got []string) (right bool) {
	right = slices.Equal(got, l.Meant)
	switch {
	case l.Addressed() && right:
		s.Addressed, s.Right = s.Addressed+1, s.Right+1
	case l.Addressed():
		s.Addressed++
	case len(got) > 0 && (Line{Meant: got}).Addressed():
		s.Others, s.False = s.Others+1, s.False+1
	default:
		s.Others++
	}
	if !right {
		s.Misses = append(s.Misses, Miss{l, got})
	}
	return right
}

// Rate scores an address on lines. heard is what was understood of each; nil where it is what was
// said.
func Rate(lines []Line, address func(turn.Call) turn.Addressed, heard []string) Score {
	s := Score{Rules: rules()}
	for i, l := range lines {
		c := l.Call(l.Text)
		if heard != nil {
			c.Text = heard[i]
		}
		a := address(c)
		right := s.add(l, Label(c, a))
		if r := slices.IndexFunc(s.Rules, func(t Tally) bool { return t.Rule == a.Rule }); r >= 0 {
			s.Rules[r].Lines++
			if right {
				s.Rules[r].Right++
			}
		}
	}
	return s
}

func rules() []Tally {
	return []Tally{
		{Rule: turn.RuleTarget}, {Rule: turn.RuleName}, {Rule: turn.RuleGroup}, {Rule: turn.RuleHuman}, {Rule: turn.RuleFollowUp}, {Rule: turn.RuleMode},
	}
}

// Answers reads what another system did about lines: one label a line, in their order. Empty lines
// and those that begin with # are for readers. Errors: ErrLines with the line, or the reader's.
func Answers(r io.Reader) (out [][]string, err error) {
	scanner := bufio.NewScanner(r)
	for n := 1; scanner.Scan(); n++ {
		got := strings.Fields(scanner.Text())
		if len(got) == 0 || got[0][0] == '#' {
			continue
		}
		word := slices.ContainsFunc(got, func(w string) bool { return w == Everybody || w == Person || w == Nobody })
		if word && len(got) > 1 {
			return nil, fmt.Errorf("%w: line %d: write it as iris max, everybody, person or nobody", ErrLines, n)
		}
		out = append(out, got)
	}
	return out, scanner.Err()
}

// RateAnswers scores what another system did about lines. Its error is ErrLines where there are
// more answers than lines, or fewer, or where one names a persona that is not there.
func RateAnswers(lines []Line, answers [][]string) (s Score, err error) {
	if len(answers) != len(lines) {
		return s, fmt.Errorf("%w: %d answers to %d lines; one label a line is expected", ErrLines, len(answers), len(lines))
	}
	for i, l := range lines {
		if len(answers[i]) > 0 {
			said := l
			said.Meant = answers[i]
			if who := said.stranger(); who != "" {
				return Score{}, fmt.Errorf("%w: line %d: its answer is %q, who is no persona of its room", ErrLines, l.Number, who)
			}
		}
		s.add(l, answers[i])
	}
	return s, nil
}

// Label is what an address came to, as lines are labelled.
func Label(c turn.Call, a turn.Addressed) []string {
	switch {
	case a.Rule == turn.RuleHuman:
		return []string{Person}
	case len(a.Responders) == 0:
		return []string{Nobody}
	case a.Rule == turn.RuleGroup && len(a.Responders) == len(c.Personas):
		return []string{Everybody}
	}
	return a.Responders
}
