package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/store"
)

// chatFile makes a store with a message, its reply, one in another room, and a turn. It returns the
// file and the first two messages.
func chatFile(t *testing.T) (path string, kept []store.Message) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "s.db")
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	broker, err := compute.NewBroker(compute.Config{Budgets: []compute.Budget{{Pool: compute.Pool{Silicon: compute.SiliconDisk}, Slots: 1, Units: 100}}})
	if err != nil {
		t.Fatal(err)
	}
	w := store.NewWriter(store.WriterConfig{DB: db, Broker: broker})
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	send := func(m store.Message) store.Message {
		out, _, err := w.Send(context.Background(), m)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	asked := send(store.Message{RoomName: "lobby", Participant: "ada", Role: store.Human, Text: "what\x1b is this?", To: []string{"iris"}, Key: "k", At: at})
	told := send(store.Message{RoomName: "lobby", Participant: "iris", Role: store.Persona, Text: "A square.", ReplyTo: asked.ID, At: at.Add(time.Second), Spoken: "interrupted", Heard: "A"})
	send(store.Message{RoomName: "attic", Participant: "bob", Role: store.Human, Text: "hello", At: at.Add(2 * time.Second)})
	if err := w.PutTurn(store.Turn{
		RoomName: "lobby", Session: "s", Number: 1, Trigger: store.TriggerTyped, Participant: "ada", Message: asked.ID, Fingerprint: "f", Begin: at, End: at.Add(time.Second),
		Outcomes: []store.Outcome{{Persona: "iris", Finish: 700, Heard: 800, Cut: turn.ReasonInterrupted}}, Silences: []turn.Quiet{{Seat: "max", Why: turn.ReasonMuted}},
		Divergences: []turn.Deviation{{Kind: turn.DeviationCut, Persona: "iris"}},
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path, []store.Message{asked, told}
}

// TestChatIsReadFromAFile, for people and as JSON lines.
func TestChatIsReadFromAFile(t *testing.T) {
	path, kept := chatFile(t)
	line := func(m store.Message) string {
		data, err := json.Marshal(lineOf(&m))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for _, c := range []struct {
		args []string
		want []string
		not  string
	}{
		{[]string{"chat", "list", "--store", path}, []string{`what\u001b is this?`, "A square. (to " + kept[0].ID + ")", "attic        bob          hello"}, "\x1b"},
		{[]string{"chat", "list", "--store", path, "--room", "lobby", "--limit", "1", "--json"}, []string{line(kept[1]), `"spoken":"interrupted","heard":"A"`}, "what"},
		{[]string{"chat", "list", "--store", path, "--room", kept[0].Room, "--after", kept[0].ID}, []string{"A square.", `[interrupted; people heard "A"]`}, "what"},
		{[]string{"chat", "export", "--store", path, "--room", "lobby"}, []string{line(kept[0]) + "\n" + line(kept[1]) + "\n"}, "hello"},
		{[]string{"chat", "export", "--store", path}, []string{"hello"}, "nothing"},
		{[]string{"chat", "turns", "--store", path, "--message", kept[0].ID}, []string{
			"lobby        turn 1, typed by ada, 1s, " + kept[0].ID, "iris         replied, text after 700 ms, heard after 800 ms, cut: interrupted",
			"max          muted: somebody muted it", "left its plan: iris its reply was not heard to its end",
		}, "{"},
		{[]string{"chat", "turns", "--store", path, "--room", "lobby", "--json"}, []string{`"fingerprint":"f"`, `"silences":[{"name":"max","reason":"muted"}]`}, "somebody"},
		{[]string{"chat", "turns", "--store", path, "--room", "attic"}, nil, "turn"},
	} {
		code, out, errs := runProgram(t, c.args...)
		if code != 0 || strings.Contains(out, c.not) {
			t.Errorf("%v: code %d, %q, %s", c.args, code, out, errs)
		}
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%v: %q has no %q", c.args, out, want)
			}
		}
	}
}

// TestChatSaysWhatToDo where a call is wrong, nobody answers, or nothing is kept.
func TestChatSaysWhatToDo(t *testing.T) {
	cleanEnv(t)
	path, _ := chatFile(t)
	nobody := freePort(t)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"chat", "send", "--room", "lobby", "--address", nobody, "hi"}, exitFailed, "start one with serve --listen " + nobody + " --store FILE"},
		{[]string{"chat", "list", "--room", "lobby", "--address", nobody}, exitFailed, "without one, with --offline (the configured store) or --store FILE"},
		{[]string{"chat", "export", "--room", "lobby", "--address", nobody}, exitFailed, "start one with serve"},
		{[]string{"chat", "send", "hi"}, exitUsage, "--room"},
		{[]string{"chat", "send", "--room", "lobby", ""}, exitUsage, "a text"},
		{[]string{"chat", "send", "--room", "lobby", "--from", "", "hi"}, exitUsage, "--from"},
		{[]string{"chat", "send", "--room", "lobby", "--address", "http://x/", "hi"}, exitUsage, "HOST:PORT"},
		{[]string{"chat", "list"}, exitUsage, "--room"},
		{[]string{"chat", "export"}, exitUsage, "--room"},
		{[]string{"chat", "list", "--room", "lobby", "--limit", "1001"}, exitUsage, "chat export"},
		{[]string{"chat", "list", "--store", path, "--room", "cellar"}, exitFailed, "status seats"},
		{[]string{"chat", "list", "--store", path, "--after", "m_none"}, exitFailed, "no such message"},
		{[]string{"chat", "export", "--store", path + "x"}, exitFailed, "no such store"},
		{[]string{"chat", "turns", "--offline"}, exitUsage, "--store"},
		{[]string{"chat", "turns", "--address", nobody}, exitFailed, "start one with serve"},
		{[]string{"chat", "turns", "--address", nobody, "--limit", "51"}, exitUsage, "newest 50 turns"},
		{[]string{"chat", "list", "--store", path, "--room", "lobby", "--address", nobody}, exitUsage, "leave one of them out"},
		{[]string{"chat", "turns", "--store", path, "--limit", "-1"}, exitUsage, "--limit"},
		{[]string{"chat", "turns", "--store", path, "--room", "cellar"}, exitFailed, "no such room"},
	} {
		code, out, errs := runProgram(t, c.args...)
		if code != c.code || out != "" || !strings.Contains(errs, c.says) {
			t.Errorf("%v: code %d, %q, %s", c.args, code, out, errs)
		}
	}
}
