package lines

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/output"
	"github.com/sensory-agent/sensory-agent/internal/printable"
)

// Line is one thing that happened, for people as a line of text and for machines as a JSON object.
type Line struct {
	At        time.Time     `json:"at"`
	Event     string        `json:"event"`
	Who       string        `json:"who,omitempty"`
	Room      string        `json:"room,omitempty"`
	Text      string        `json:"text,omitempty"`
	Final     bool          `json:"final,omitempty"`
	State     string        `json:"state,omitempty"`
	Source    string        `json:"source,omitempty"`
	Detail    string        `json:"detail,omitempty"`
	Width     int           `json:"width,omitempty"`
	Height    int           `json:"height,omitempty"`
	Question  string        `json:"question,omitempty"`
	LatencyMS float64       `json:"latency_ms,omitempty"`
	Waterfall []Step        `json:"waterfall,omitempty"`
	Error     string        `json:"error,omitempty"`
	DBFS      float64       `json:"dbfs,omitempty"`
	LengthMS  float64       `json:"length_ms,omitempty"`
	Took      time.Duration `json:"-"`
	TookMS    float64       `json:"took_ms,omitempty"`
	Dropped   uint64        `json:"dropped,omitempty"`
	// Of an answer: the tokens of its prompt, how many of them were kept from the one before, and
	// what changed in between besides what was added.
	PromptTokens int    `json:"prompt_tokens,omitempty"`
	Reused       int    `json:"reused_tokens,omitempty"`
	Break        string `json:"prefix_break,omitempty"`
	// Of an answer: the newest picture that it is made from, as in TR_AB/42, into how many squares
	// that was made, how many tokens of the prompt its pictures are, and how old it was when the
	// model began.
	Sight         string  `json:"sight,omitempty"`
	Squares       int     `json:"sight_squares,omitempty"`
	PictureTokens int     `json:"sight_tokens,omitempty"`
	PictureAgeMS  float64 `json:"sight_age_ms,omitempty"`
	// And with the earlier ones of the same track: how many it is made from in all, which the
	// earlier ones are, oldest first, and how old the model was told that they are.
	Pictures      int       `json:"sight_pictures,omitempty"`
	Earlier       []string  `json:"sight_earlier,omitempty"`
	EarlierAgesMS []float64 `json:"sight_earlier_ages_ms,omitempty"`
}

// Step is one stage of a turn, in milliseconds from the end of speech.
type Step struct {
	Name    string  `json:"name"`
	StartMS float64 `json:"start_ms"`
	TookMS  float64 `json:"took_ms"`
}

// Printer prints lines from any goroutine, and none of them waits for the reader: that is what its
// queue is for.
type Printer struct {
	out   *output.Queue
	json  bool
	start time.Time
}

// New prints on out, for people or as JSON. The times of lines for people count from now.
func New(out io.Writer, asJSON bool) *Printer {
	t := &Printer{json: asJSON, start: time.Now()}
	t.out = output.New(out, output.Config{Notice: func(dropped uint64) []byte {
		return t.format(Line{At: time.Now(), Event: "dropped", Dropped: dropped, Detail: fmt.Sprintf("%d lines are missing here: nobody read them", dropped)})
	}})
	return t
}

// Print puts one line into the queue; without a time it is of now. A reader that has gone away
// shows in WhileRead and Close.
func (t *Printer) Print(l Line) {
	if l.At.IsZero() {
		l.At = time.Now()
	}
	l.TookMS = ms(l.Took)
	_, _ = t.out.Write(t.format(l))
}

// PrintOther prints what is no Line: for people its text with its time, for machines as a JSON
// object; what cannot be one is left out.
func (t *Printer) PrintOther(at time.Time, text string, object any) {
	var b bytes.Buffer
	if !t.json {
		fmt.Fprintf(&b, "%8.3f  %s\n", at.Sub(t.start).Seconds(), text)
	} else if json.NewEncoder(&b).Encode(object) != nil {
		return
	}
	_, _ = t.out.Write(b.Bytes())
}

func (t *Printer) format(l Line) []byte {
	var b bytes.Buffer
	if t.json {
		if err := json.NewEncoder(&b).Encode(l); err != nil {
			return t.format(Line{At: l.At, Event: l.Event, Error: "cannot be printed: " + err.Error()})
		}
		return b.Bytes()
	}
	fmt.Fprintf(&b, "%8.3f  %-10s %s\n", l.At.Sub(t.start).Seconds(), l.Event, l.String())
	for _, s := range l.Waterfall {
		fmt.Fprintf(&b, "          %s\n", s)
	}
	return b.Bytes()
}

// WhileRead returns a context that ends when the reader of the output has gone away, too: nobody
// sees then what the program does. stop waits for the goroutine that watches.
func (t *Printer) WhileRead(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-t.out.Gone():
			cancel(t.out.Err())
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel(context.Canceled)
		<-ended
	}
}

// Dropped is how many lines found no room, since nobody read them.
func (t *Printer) Dropped() uint64 { return t.out.Stats().Dropped }

// Close prints what still waits, for as long as limit. A reader that has gone away is an error:
// output.ErrGone; one that does not read is told to the log.
func (t *Printer) Close(limit time.Duration, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	err := t.out.Close(ctx)
	var stuck *output.StuckError
	if errors.As(err, &stuck) {
		log.Warn("standard output is not read", "lines_lost", stuck.Lines+t.out.Stats().Dropped)
		return nil
	}
	return err
}

// MaxShown bounds a text on one line for people, in bytes; JSON has it whole.
const MaxShown = 4 << 10

// String is the line for people, without its time and event.
func (l Line) String() string {
	s := printable.Cut(l.Who, MaxShown)
	if l.Room != "" {
		s += " in " + printable.Cut(l.Room, MaxShown)
	}
	if s != "" {
		s += ": "
	}
	switch {
	case l.Error != "":
		s += printable.Cut(l.Error, MaxShown)
	case l.Event == "turn":
		s += fmt.Sprintf("%s → %s, first packet %.0f ms after the end of speech", quoted(l.Question), quoted(l.Text), l.LatencyMS)
	case l.Text != "":
		s += quoted(l.Text)
	case l.State != "":
		s += printable.Text(l.State)
	}
	s += printable.Cut(l.Detail, MaxShown)
	if l.Took > 0 {
		s += fmt.Sprintf(" (%.0f ms)", ms(l.Took))
	}
	return s
}

// quoted is what somebody said, within quotation marks that it cannot close.
func quoted(s string) string {
	return `"` + strings.ReplaceAll(printable.Cut(s, MaxShown), `"`, `\"`) + `"`
}

// String draws a stage to scale, 20 ms a cell.
func (s Step) String() string {
	const cell, width = 20, 60
	from := min(max(int(s.StartMS/cell), 0), width)
	to := min(max(int((s.StartMS+s.TookMS)/cell), from), width)
	bar := make([]rune, 0, width)
	for i := range width {
		switch {
		case i >= from && i < to, i == from:
			bar = append(bar, '█')
		default:
			bar = append(bar, '·')
		}
	}
	return fmt.Sprintf("%-13s %s %6.0f ms", s.Name, string(bar), s.TookMS)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
