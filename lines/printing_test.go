package lines_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/internal/output"
	"github.com/sensory-agent/sensory-agent/internal/printable"
	"github.com/sensory-agent/sensory-agent/lines"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hostile runs on a terminal, forges a line, and turns the rest around.
const hostile = "eve\x1b[2J\nerror: forged\u009b31m\u202e\""

// clean fails where a text holds anything that a terminal acts on, or more lines than were printed.
func clean(t *testing.T, what, text string, want int) {
	t.Helper()
	if strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !printable.Shown(r) }) {
		t.Errorf("%s shows %q", what, text)
	}
	if n := strings.Count(text, "\n"); n != want {
		t.Errorf("%s has %d lines, want %d: %q", what, n, want, text)
	}
	for printed := range strings.Lines(text) {
		if strings.HasPrefix(printed, "error: forged") {
			t.Errorf("%s has a forged line: %q", what, printed)
		}
	}
}

// events are one of each kind, with hostile text wherever a participant can put it.
func events() []lines.Line {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	var out []lines.Line
	for _, e := range []room.Event{
		room.Joined{At: at, Room: hostile, ServerVersion: hostile},
		room.StateChanged{At: at, State: hostile},
		room.TrackOpened{At: at, Who: hostile, Source: hostile, Codec: hostile},
		room.TrackClosed{At: at, Who: hostile, Source: hostile, Summary: hostile},
		room.Heard{At: at, Who: hostile, Text: hostile},
		room.Heard{At: at, Who: hostile, Text: hostile, Final: true},
		room.Unclear{At: at, Who: hostile, Why: hostile},
		room.Saw{At: at, Who: hostile, Source: hostile, Reason: hostile},
		room.Said{At: at, Text: hostile},
		room.TurnDone{At: at, Trace: reply.Trace{Question: hostile, Answer: hostile, Err: errors.New(hostile)}},
		room.Problem{At: at, Err: errors.New(hostile)},
		room.Ended{At: at, Err: errors.New(hostile)},
	} {
		if l, ok := lines.OfAgent("iris", e); ok {
			out = append(out, l)
		}
	}
	for _, e := range []participant.Event{
		participant.AgentJoined{At: at, Identity: hostile},
		participant.AgentState{At: at, Identity: hostile, State: hostile},
		participant.VoiceStarted{At: at, Identity: hostile},
		participant.Transcript{At: at, From: hostile, Text: hostile, Final: true},
		participant.Chat{At: at, From: hostile, Text: hostile},
		participant.Left{At: at, Reason: hostile},
	} {
		if l, ok := lines.OfHuman(hostile, e); ok {
			out = append(out, l)
		}
	}
	return out
}

// TestTextOfOthersIsPrintedEscaped: in text and in JSON, and JSON still means what was said.
func TestTextOfOthersIsPrintedEscaped(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		for _, l := range events() {
			var to bytes.Buffer
			out := lines.New(printable.NewWriter(&to), asJSON)
			l.Waterfall = nil
			out.Print(l)
			if err := out.Close(time.Minute, slog.New(slog.DiscardHandler)); err != nil {
				t.Fatal(err)
			}
			clean(t, l.Event, to.String(), 1)
			if !asJSON {
				continue
			}
			var got lines.Line
			if err := json.Unmarshal(to.Bytes(), &got); err != nil || got.Who != l.Who || got.Text != l.Text || got.Error != l.Error || got.Detail != l.Detail {
				t.Errorf("%s: %v, %+v", l.Event, err, got)
			}
		}
	}
}

func TestWhatWasNotUnderstoodIsSaid(t *testing.T) {
	l, ok := lines.OfAgent("iris", room.Unclear{At: time.Now(), Who: "ada", Why: "murmur"})
	if got := l.String(); !ok || l.Event != "unclear" || got != "ada: said nothing for certain: murmur" {
		t.Errorf("%v %+v %q", ok, l, got)
	}
}

func TestQuotedTextCannotEndItsQuotes(t *testing.T) {
	l := lines.Line{Event: "heard", Who: "eve", Text: `a" → "b`}
	if got := l.String(); got != `eve: "a\" → \"b"` {
		t.Error(got)
	}
	long := lines.Line{Event: "chat", Who: strings.Repeat("w", lines.MaxShown+1), Text: strings.Repeat("x", lines.MaxShown+7)}
	if got := long.String(); len(got) > 2*lines.MaxShown+100 || !strings.Contains(got, "(7 bytes more)") || !strings.Contains(got, "(1 bytes more)") {
		t.Errorf("%d bytes", len(got))
	}
	turn := lines.Line{Event: "turn", Who: "iris", Question: "what?", Text: "that.", LatencyMS: 659.4}
	if got := turn.String(); got != `iris: "what?" → "that.", first packet 659 ms after the end of speech` {
		t.Error(got)
	}
}

// TestAReaderWhoIsSlowMissesLinesAndIsTold, in the form of the lines themselves.
func TestAReaderWhoIsSlowMissesLinesAndIsTold(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		hold := make(chan struct{})
		var to bytes.Buffer
		out := lines.New(gate{hold, &to}, asJSON)
		for range 5000 {
			out.Print(lines.Line{Event: "state", Who: "iris", State: "idle"})
		}
		ctx, stop := out.WhileRead(t.Context())
		if ctx.Err() != nil {
			t.Fatal("a slow reader is no reader who has gone")
		}
		stop()
		close(hold)
		if err := out.Close(time.Minute, slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		last := to.String()[strings.LastIndexByte(strings.TrimSpace(to.String()), '\n')+1:]
		want := "dropped    904 lines are missing here: nobody read them\n"
		if asJSON {
			want = `"event":"dropped","detail":"904 lines are missing here: nobody read them","dropped":904}` + "\n"
		}
		if !strings.HasSuffix(last, want) {
			t.Errorf("the last line is %q, want %q", last, want)
		}
	}
}

type gate struct {
	hold chan struct{}
	to   *bytes.Buffer
}

func (g gate) Write(p []byte) (int, error) {
	<-g.hold
	return g.to.Write(p)
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestAReaderWhoHasGoneEndsTheWork(t *testing.T) {
	out := lines.New(broken{}, false)
	ctx, stop := out.WhileRead(t.Context())
	defer stop()
	out.Print(lines.Line{Event: "state"})
	<-ctx.Done()
	if !errors.Is(context.Cause(ctx), output.ErrGone) {
		t.Errorf("%v", context.Cause(ctx))
	}
	if err := out.Close(time.Minute, slog.New(slog.DiscardHandler)); !errors.Is(err, output.ErrGone) {
		t.Errorf("%v", err)
	}
}
