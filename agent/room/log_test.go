package room_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/room"
)

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// lines are those with a message, of a log as JSON.
func (b *lockedBuffer) lines(t *testing.T, message string) (out []map[string]any) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for line := range bytes.Lines(b.text.Bytes()) {
		var l map[string]any
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if l["msg"] == message {
			out = append(out, l)
		}
	}
	return out
}

// TestLogLinesSayWhere: what goes wrong in a reply is logged with its room, persona and turn, the
// place of a panic as well as the problem that it is; a room that breaks is logged with its name.
func TestLogLinesSayWhere(t *testing.T) {
	models := echoEngine(t, "Here.")
	_, server := open(t)
	var log lockedBuffer
	ended := make(chan struct{})
	session, err := room.Join(t.Context(), models, room.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "logged", Logger: slog.New(slog.NewJSONHandler(&log, nil)),
		Observe: func(_ room.Origin, e room.Event) {
			if d, ok := e.(room.TurnDone); ok {
				close(ended)
				panic(d.Trace.Turn)
			}
		},
	}, room.Persona{Identity: "iris"})
	if err != nil {
		t.Fatal(err)
	}
	defer session.PanicInVoice("out of words")()
	if err := session.Ask(t.Context(), "ada", "Where?"); err != nil {
		t.Fatal(err)
	}
	<-ended
	<-session.Done()
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	panics, problems := log.lines(t, "panic"), log.lines(t, "problem")
	if len(panics) != 2 || panics[0]["value"] != "out of words" || len(problems) == 0 {
		t.Fatalf("panics %v, problems %v", panics, problems)
	}
	for _, l := range append(slices.Clone(panics[:1]), problems...) {
		if l["room"] != "logged" || l["persona"] != "iris" || l["turn"] != 1.0 {
			t.Errorf("%v of %v in %v, turn %v", l["msg"], l["persona"], l["room"], l["turn"])
		}
	}
	if l := panics[1]; l["room"] != "logged" || l["stage"] != "room" {
		t.Errorf("the room's own: %v of stage %v", l["room"], l["stage"])
	}
}
