package addressing

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

//go:embed lines.txt
var lines string

// ErrLines means that labelled lines cannot be read; the text says where.
var ErrLines = errors.New("invalid labelled lines")

// Labels that are no persona.
const (
	Everybody = "everybody"
	Person    = "person"
	Nobody    = "nobody"
)

// Line is something that is said, and who is meant by it.
type Line struct {
	Number int      // in its file
	Meant  []string // personas in their order; or one of the labels
	Text   string
}

// Addressed tells whether a persona is to answer.
func (l Line) Addressed() bool { return l.Meant[0] != Person && l.Meant[0] != Nobody }

// Lines returns those of this package.
func Lines() ([]Line, error) { return Read(strings.NewReader(lines)) }

// Read reads labelled lines. Empty ones and those that begin with # are for readers.
func Read(r io.Reader) (out []Line, err error) {
	scanner := bufio.NewScanner(r)
	for n := 1; scanner.Scan(); n++ {
		text := strings.TrimSpace(scanner.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		label, said, ok := strings.Cut(text, "|")
		meant := strings.Fields(label)
		if !ok || len(meant) == 0 || strings.TrimSpace(said) == "" {
			return nil, fmt.Errorf("%w: line %d: write it as iris max | Iris and Max, what is this?", ErrLines, n)
		}
		out = append(out, Line{n, meant, strings.TrimSpace(said)})
	}
	return out, scanner.Err()
}

// Room is the room of the lines: three personas, three people, and nobody was answered lately.
func Room() turn.Call {
	return turn.Call{
		From: "ada", Mode: turn.ModeMentions, Front: "iris",
		Personas: []turn.Persona{{Name: "iris", Aliases: []string{"irish", "eyeris"}}, {Name: "max"}, {Name: "otto"}},
		Humans:   []turn.Human{{Identity: "ada"}, {Identity: "bob"}, {Identity: "user-7", Name: "Mary Ann"}},
	}
}

// Miss is a line by which others were taken to be meant.
type Miss struct {
	Line Line
	Got  []string
}

// Score is how well it was recognised who is meant.
type Score struct {
	Addressed int // lines by which a persona is meant
	Right     int // of those, where exactly those answer, in their order
	Others    int // lines by which none is
	False     int // of those, where one answers
	Misses    []Miss
}

// Recall is the share of the lines by which personas are meant that they answer.
func (s Score) Recall() float64 { return share(s.Right, s.Addressed) }

// FalseResponses is the share of the other lines that a persona answers.
func (s Score) FalseResponses() float64 { return share(s.False, s.Others) }

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// Rate scores an address on lines. heard is what was understood of each; nil where it is what was
// said.
func Rate(lines []Line, address func(turn.Call) turn.Addressed, heard []string) Score {
	var s Score
	for i, l := range lines {
		c := Room()
		if c.Text = l.Text; heard != nil {
			c.Text = heard[i]
		}
		got := label(c, address(c))
		right := slices.Equal(got, l.Meant)
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
	}
	return s
}

// label is what an address came to, as lines are labelled.
func label(c turn.Call, a turn.Addressed) []string {
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
