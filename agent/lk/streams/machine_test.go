package streams_test

import (
	"bufio"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk/streams"
)

var errScript = errors.New("line of a script")

// small are limits that a script can reach in a few lines.
func small() limits.Limits {
	l := limits.Limits{
		ChatBytes: 10, ChatsPerMinute: 60, ChatBurst: 3, RoomChatsPerMinute: 60, RoomChatBurst: 5,
		Streams: 2, RoomStreams: 3, StreamIdle: 10 * time.Second, StreamLife: 30 * time.Second, AttributeBytes: 6,
	}
	if err := l.Validate(); err != nil {
		panic(err)
	}
	return l
}

// TestScripts replays testdata/*.txt. A line without indentation is a step:
//
//	TIME SENDER[:AS] begin ID TOPIC [total=N] [inline=TEXT] [NAME=VALUE…]
//	TIME SENDER add ID INDEX "CONTENT"
//	TIME SENDER end ID [reason=TEXT] [NAME=VALUE…]
//	TIME SENDER packet|data ID "TEXT"      (ID - for none)
//	TIME SENDER left
//	TIME - tick
//
// Indented lines are the events that it must bring about. The server's id of a sender is S_ and its
// name.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = f.Close() }()
			m := streams.New(streams.Config{Limits: small(), Topics: []string{"chat", "other"}, Chat: "chat"})
			var got, want []string
			lines := bufio.NewScanner(f)
			for lines.Scan() {
				line := lines.Text()
				if line == "" || line[0] == '#' {
					continue
				}
				want = append(want, line)
				if line[0] == ' ' {
					continue
				}
				got = append(got, line)
				events, err := step(m, line)
				if err != nil {
					t.Fatalf("%v: %q", err, line)
				}
				for _, e := range events {
					got = append(got, "    "+describe(e))
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func step(m *streams.Machine, line string) ([]streams.Event, error) {
	f := strings.Fields(line)
	if len(f) < 3 {
		return nil, errScript
	}
	at, err := time.ParseDuration(f[0])
	if err != nil {
		return nil, err
	}
	now := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC).Add(at)
	who, as, named := strings.Cut(f[1], ":")
	if !named {
		as = who
	}
	s := streams.Sender{SID: "S_" + who, Who: who, As: as}
	quoted := func() string {
		_, rest, _ := strings.Cut(line, `"`)
		text, err := strconv.Unquote(`"` + rest)
		if err != nil {
			return "?"
		}
		return text
	}
	switch f[2] {
	case "begin":
		h := streams.Header{ID: strings.Trim(f[3], "-"), Topic: f[4], Total: -1, Attributes: map[string]string{}}
		for _, a := range f[5:] {
			name, value, _ := strings.Cut(a, "=")
			switch name {
			case "total":
				h.Total, err = strconv.ParseInt(value, 10, 64)
			case "inline":
				h.Inline = []byte(value)
			default:
				h.Attributes[name] = value
			}
		}
		return m.Begin(s, h, now), err
	case "add":
		index, err := strconv.ParseUint(f[4], 10, 64)
		return m.Add(s, streams.Piece{ID: f[3], Index: index, Content: []byte(quoted())}, now), err
	case "end":
		e := streams.End{ID: f[3], Attributes: map[string]string{}}
		for _, a := range f[4:] {
			name, value, _ := strings.Cut(a, "=")
			if name == "reason" {
				e.Reason = value
			} else {
				e.Attributes[name] = value
			}
		}
		return m.Finish(s, e, now), nil
	case "packet":
		return m.Message(s, strings.Trim(f[3], "-"), quoted(), streams.AsPacket, now), nil
	case "data":
		return m.Message(s, strings.Trim(f[3], "-"), quoted(), streams.AsData, now), nil
	case "left":
		m.Left(s.SID)
		return nil, nil
	case "tick":
		return m.Tick(now), nil
	}
	return nil, errScript
}

func describe(e streams.Event) string {
	switch e := e.(type) {
	case streams.Arrived:
		return fmt.Sprintf("arrived %s %s %s %q (%s)", e.From, e.Topic, e.ID, e.Text, e.SID)
	case streams.Whole:
		text := fmt.Sprintf("whole %s %s %s %q (%s)", e.From, e.Topic, e.ID, e.Text, e.SID)
		for _, name := range slices.Sorted(maps.Keys(e.Attributes)) {
			text += fmt.Sprintf(" %s=%s", name, e.Attributes[name])
		}
		return text
	case streams.Refused:
		return fmt.Sprintf("refused %s %s", e.Who, e.Kind)
	}
	return "?"
}
