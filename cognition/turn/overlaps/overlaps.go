package overlaps

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/cognition/turn/script"
)

// ErrOverlaps means that overlaps cannot be read; the text says where.
var ErrOverlaps = errors.New("invalid overlaps")

// Interruption is the kind of overlap that is to stop an answer.
const Interruption = "interruption"

// kinds are all.
func kinds() []string {
	return []string{Interruption, "backchannel", "talk", "laughter", "cough", "noise"}
}

// Case is one overlap.
type Case struct {
	Line       int // in its file
	Kind, Name string
	Begins     time.Duration // where the sound begins
	Events     []Event       // by time
}

// Event is something that an ear reported.
type Event struct {
	At    time.Duration
	Event turn.Event
}

// longestLine is how many bytes a line has at most.
const longestLine = 64 << 10

// Read reads overlaps. Empty lines and those that begin with # are for readers. Errors: ErrOverlaps
// with the line, or the reader's.
func Read(r io.Reader) (out []Case, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestLine)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		wrong := func(why any) error { return fmt.Errorf("%w: line %d: %v", ErrOverlaps, n, why) }
		head, is := strings.CutPrefix(text, "overlap ")
		switch {
		case text == "" || text[0] == '#':
		case is:
			c := Case{Line: n}
			if err := c.head(head); err != nil {
				return nil, wrong(err)
			}
			out = append(out, c)
		case len(out) == 0:
			return nil, wrong("an event before the first overlap")
		default:
			at, e, err := script.ParseEvent(text)
			if err != nil {
				return nil, wrong(err)
			}
			c := &out[len(out)-1]
			if last := len(c.Events) - 1; last >= 0 && at < c.Events[last].At {
				return nil, wrong("an event before the one above it")
			}
			c.Events = append(c.Events, Event{at, e})
		}
	}
	return out, lines.Err()
}

// head reads what an overlap is: "cough begins=0.96 a name".
func (c *Case) head(text string) error {
	kind, rest, _ := strings.Cut(text, " ")
	begins, name, ok := strings.Cut(rest, " ")
	at, is := strings.CutPrefix(begins, "begins=")
	known := false
	for _, k := range kinds() {
		known = known || k == kind
	}
	if !ok || !is || !known {
		return fmt.Errorf("write it as overlap cough begins=0.96 a name, with a kind among %s", strings.Join(kinds(), ", "))
	}
	d, err := time.ParseDuration(at + "s")
	if err != nil {
		return fmt.Errorf("begins=%q: seconds are expected", at)
	}
	c.Kind, c.Name, c.Begins = kind, name, d
	return nil
}
