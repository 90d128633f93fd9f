package addressing

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

//go:embed lines.txt
var lines string

//go:embed heldout.txt
var heldOut string

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

// Lines returns those that the rules of package turn were improved on.
func Lines() ([]Line, error) { return Read(strings.NewReader(lines)) }

// HeldOut returns those that no rule was ever changed for.
func HeldOut() ([]Line, error) { return Read(strings.NewReader(heldOut)) }

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
