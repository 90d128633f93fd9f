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
	Room   *turn.Call // where it is said, shared by its lines; nil for Room()
}

// Call returns what is heard instead of a line, as the address sees it.
func (l Line) Call(heard string) turn.Call {
	c := Room()
	if l.Room != nil {
		c = *l.Room
	}
	c.Text = heard
	return c
}

// Addressed tells whether a persona is to answer.
func (l Line) Addressed() bool { return l.Meant[0] != Person && l.Meant[0] != Nobody }

// Lines returns those that the rules of package turn were improved on.
func Lines() ([]Line, error) { return Read(strings.NewReader(lines)) }

// HeldOut returns those that no rule was ever changed for.
func HeldOut() ([]Line, error) { return Read(strings.NewReader(heldOut)) }

// Read reads labelled lines. Empty ones and those that begin with # are for readers; one whose
// label is "room" says where those behind it are said, see the package. Errors: ErrLines with the
// line, or the reader's.
func Read(r io.Reader) (out []Line, err error) {
	scanner := bufio.NewScanner(r)
	var room *turn.Call
	for n := 1; scanner.Scan(); n++ {
		text := strings.TrimSpace(scanner.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		label, said, ok := strings.Cut(text, "|")
		meant, said := strings.Fields(label), strings.TrimSpace(said)
		if !ok || len(meant) == 0 || said == "" {
			return nil, fmt.Errorf("%w: line %d: write it as iris max | Iris and Max, what is this?", ErrLines, n)
		}
		if len(meant) == 1 && meant[0] == roomLabel {
			if room, err = readRoom(said); err != nil {
				return nil, fmt.Errorf("%w: line %d: %w", ErrLines, n, err)
			}
			continue
		}
		l := Line{Number: n, Meant: meant, Text: said, Room: room}
		if who := l.stranger(); who != "" {
			return nil, fmt.Errorf("%w: line %d: no persona of the room is called %q", ErrLines, n, who)
		}
		out = append(out, l)
	}
	return out, scanner.Err()
}

// stranger is who is meant and is no persona of the room; empty where there is none.
func (l Line) stranger() string {
	if len(l.Meant) == 1 && (l.Meant[0] == Everybody || !l.Addressed()) {
		return ""
	}
	for _, who := range l.Meant {
		if !slices.ContainsFunc(l.Call("").Personas, func(p turn.Persona) bool { return p.Name == who }) {
			return who
		}
	}
	return ""
}
