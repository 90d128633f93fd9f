package script

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Diff is an event after which the table does something else than the script says.
type Diff struct {
	Line      int    // of the event, from 1
	Event     string // as it stands there
	Got, Want []string
}

// Result is what a replay came to.
type Result struct {
	Events, Effects int
	Diffs           []Diff
	Stats           turn.Stats
}

// Replay steps a new table through a script and compares. The error says that the script could not
// be read: a *LineError, or the reader's.
func Replay(r io.Reader) (Result, error) {
	table, err := turn.New(Begin())
	if err != nil {
		return Result{}, err
	}
	var out Result
	var event line
	var got, want []string
	compare := func() {
		if event.event != nil && !slices.Equal(got, want) {
			out.Diffs = append(out.Diffs, Diff{event.number, event.text, got, want})
		}
		want = nil
	}
	err = scan(r, func(l line) error {
		switch {
		case l.event != nil:
			compare()
			event, got = l, lines(table.Step(l.at, l.event))
			out.Events++
			out.Effects += len(got)
		case l.effect:
			want = append(want, l.text)
		}
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	compare()
	out.Stats = table.Stats()
	return out, nil
}

// Rewrite copies a script, with what the table does now in the place of what it did.
func Rewrite(w io.Writer, r io.Reader) error {
	table, err := turn.New(Begin())
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	err = scan(r, func(l line) error {
		switch {
		case l.event != nil:
			return write(out, l.at, l.event, table.Step(l.at, l.event))
		case !l.effect:
			_, err := fmt.Fprintln(out, l.text)
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// Recorder writes a script while a room runs. It is used by the goroutine that steps the table, and
// buffers nothing: hand in a writer that does not wait.
type Recorder struct{ w io.Writer }

// NewRecorder returns a recorder of a table that was made with that policy.
func NewRecorder(w io.Writer, p turn.Policy) (*Recorder, error) {
	r := &Recorder{w}
	return r, r.Record(0, turn.Reconfigured{Policy: p}, nil)
}

// Record writes an event and what the table did.
func (r *Recorder) Record(at time.Duration, e turn.Event, effects []turn.Effect) error {
	return write(r.w, at, e, effects)
}

func write(w io.Writer, at time.Duration, e turn.Event, effects []turn.Effect) error {
	text, err := FormatEvent(at, e)
	if err != nil {
		return err
	}
	out := []byte(text + "\n")
	for _, l := range lines(effects) {
		out = append(append(append(out, "  "+arrow...), l...), '\n')
	}
	_, err = w.Write(out)
	return err
}
