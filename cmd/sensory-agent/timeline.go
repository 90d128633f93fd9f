package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// line is one thing that happened, for people as a line of text and for machines as a JSON object.
type line struct {
	At        time.Time     `json:"at"`
	Event     string        `json:"event"`
	Who       string        `json:"who,omitempty"`
	Text      string        `json:"text,omitempty"`
	Final     bool          `json:"final,omitempty"`
	State     string        `json:"state,omitempty"`
	Source    string        `json:"source,omitempty"`
	Detail    string        `json:"detail,omitempty"`
	Width     int           `json:"width,omitempty"`
	Height    int           `json:"height,omitempty"`
	Question  string        `json:"question,omitempty"`
	LatencyMS float64       `json:"latency_ms,omitempty"`
	Waterfall []step        `json:"waterfall,omitempty"`
	Error     string        `json:"error,omitempty"`
	DBFS      float64       `json:"dbfs,omitempty"`
	LengthMS  float64       `json:"length_ms,omitempty"`
	Took      time.Duration `json:"-"`
	TookMS    float64       `json:"took_ms,omitempty"`
}

// step is one stage of a turn, in milliseconds from the end of speech.
type step struct {
	Name    string  `json:"name"`
	StartMS float64 `json:"start_ms"`
	TookMS  float64 `json:"took_ms"`
}

// timeline prints lines from any goroutine.
type timeline struct {
	mu     sync.Mutex
	out    io.Writer
	json   bool
	start  time.Time
	broken error
}

func newTimeline(out io.Writer, asJSON bool) *timeline {
	return &timeline{out: out, json: asJSON, start: time.Now()}
}

// print writes one line. A reader that has gone away is remembered in err.
func (t *timeline) print(l line) {
	if l.At.IsZero() {
		l.At = time.Now()
	}
	l.TookMS = ms(l.Took)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.broken != nil {
		return
	}
	if t.json {
		t.broken = json.NewEncoder(t.out).Encode(l)
		return
	}
	_, t.broken = fmt.Fprintf(t.out, "%8.3f  %-10s %s\n", l.At.Sub(t.start).Seconds(), l.Event, l.text())
	for _, s := range l.Waterfall {
		if t.broken == nil {
			_, t.broken = fmt.Fprintf(t.out, "          %s\n", s.bar())
		}
	}
}

// err says that the output could not be written.
func (t *timeline) err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.broken != nil {
		return fmt.Errorf("write output: %w", t.broken)
	}
	return nil
}

func (l line) text() string {
	s := l.Who
	if s != "" {
		s += ": "
	}
	switch {
	case l.Error != "":
		s += l.Error
	case l.Event == "turn":
		s += fmt.Sprintf("%q → %q, first packet %.0f ms after the end of speech", l.Question, l.Text, l.LatencyMS)
	case l.Text != "":
		s += fmt.Sprintf("%q", l.Text)
	case l.State != "":
		s += l.State
	}
	if l.Detail != "" {
		s += l.Detail
	}
	if l.Took > 0 {
		s += fmt.Sprintf(" (%.0f ms)", ms(l.Took))
	}
	return s
}

// bar draws a stage to scale, 20 ms a cell.
func (s step) bar() string {
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

// agentLine describes an event of a session.
func agentLine(who string, e agent.Event) (line, bool) {
	switch e := e.(type) {
	case agent.Joined:
		return line{At: e.At, Event: "joined", Who: who, Detail: fmt.Sprintf("is in room %q of livekit-server %s", e.Room, e.ServerVersion), Took: e.Took}, true
	case agent.StateChanged:
		return line{At: e.At, Event: "state", Who: who, State: e.State}, true
	case agent.TrackOpened:
		return line{At: e.At, Event: "track", Who: e.Who, Source: e.Source, Detail: fmt.Sprintf("%s opened (%s)", e.Source, e.Codec)}, true
	case agent.TrackClosed:
		return line{At: e.At, Event: "track", Who: e.Who, Source: e.Source, Detail: fmt.Sprintf("%s closed: %s", e.Source, e.Summary)}, true
	case agent.Heard:
		return line{At: e.At, Event: heardWord(e.Final), Who: e.Who, Text: e.Text, Final: e.Final}, true
	case agent.Saw:
		return line{
			At: e.At, Event: "saw", Who: e.Who, Source: e.Source, Width: e.Width, Height: e.Height,
			Detail: fmt.Sprintf("%s %d×%d (%s)", e.Source, e.Width, e.Height, e.Reason), Took: e.Texture + e.Features,
		}, true
	case agent.Said:
		return line{At: e.At, Event: "said", Who: who, Text: e.Text}, true
	case agent.TurnDone:
		return turnLine(who, e), true
	case agent.Problem:
		return line{At: e.At, Event: "problem", Who: who, Error: e.Err.Error()}, true
	case agent.Ended:
		l := line{At: e.At, Event: "ended", Who: who, Detail: "left"}
		if e.Err != nil {
			l.Error, l.Detail = e.Err.Error(), ""
		}
		return l, true
	}
	return line{}, false
}

func heardWord(final bool) string {
	if final {
		return "heard"
	}
	return "hearing"
}

func turnLine(who string, e agent.TurnDone) line {
	t := e.Trace
	l := line{At: e.At, Event: "turn", Who: who, Question: t.Question, Text: t.Answer, LatencyMS: ms(t.Latency())}
	for _, s := range t.Waterfall() {
		l.Waterfall = append(l.Waterfall, step{Name: s.Name, StartMS: ms(s.Start), TookMS: ms(s.Took)})
	}
	if t.Err != nil && !errors.Is(t.Err, agent.ErrClosed) {
		l.Error = t.Err.Error()
	}
	return l
}

// humanLine describes an event of a headless human.
func humanLine(who string, e participant.Event) (line, bool) {
	switch e := e.(type) {
	case participant.AgentJoined:
		return line{At: e.At, Event: "agent", Who: e.Identity, Detail: "is in the room"}, true
	case participant.AgentLeft:
		return line{At: e.At, Event: "agent", Who: e.Identity, Detail: "has left"}, true
	case participant.AgentState:
		return line{At: e.At, Event: "state", Who: e.Identity, State: e.State}, true
	case participant.VoiceStarted:
		return line{At: e.At, Event: "voice", Who: e.Identity, Detail: "first packet"}, true
	case participant.Voice:
		return line{At: e.At, Event: "audible", Who: e.Identity, DBFS: e.DBFS, LengthMS: ms(e.Length)}, true
	case participant.Transcript:
		if e.Delta {
			return line{}, false
		}
		return line{At: e.At, Event: "transcript", Who: e.From, Text: e.Text, Final: e.Final}, true
	case participant.Chat:
		return line{At: e.At, Event: "chat", Who: e.From, Text: e.Text}, true
	case participant.Left:
		return line{At: e.At, Event: "left", Who: who, Detail: e.Reason}, true
	}
	return line{}, false
}
