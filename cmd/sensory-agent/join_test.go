package main

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
)

// TestJoinAnswersAsServeDoes: the console, the API and tokens of rooms, for one persona; the
// commands are its clients. A second one is seated beside it, and the first one keeps its name.
func TestJoinAnswersAsServeDoes(t *testing.T) {
	s, env := server(t)
	address := freePort(t)
	p := startProgram(t, env, "join", "--room", "lobby", "--identity", "iris", "--voice", "espeak", "--json", "--listen", address)
	becomes(t, p, address, nil)
	p.drain()
	if l := human(t, s, "lobby"); l == nil {
		t.Fatal("nobody came")
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(resp.Body)
	if _ = resp.Body.Close(); err != nil || !strings.Contains(string(page), "/console/") || !strings.Contains(resp.Header.Get("Content-Security-Policy"), strings.TrimPrefix(s.URL, "ws://")) {
		t.Errorf("the console: %v, %s", err, page)
	}
	if got := askToken(t, address, "", `{"participant_identity": "bob"}`); got.code != http.StatusCreated || got.URL != s.URL {
		t.Errorf("a token: %+v", got)
	}
	if got := askToken(t, address, "", `{"participant_identity": "iris"}`); got.Reason != "identity_taken" {
		t.Errorf("the persona's own: %+v", got)
	}
	for _, c := range []struct{ call, says string }{
		{"status seats", "iris                 in "},
		{"status models", "loads "},
		{"status limits", "room lobby\n"},
		{"room list", "iris"},
		{"ask --room lobby --from ada What_do_you_see?", "asked"},
		{"room state lobby", "persona  iris "},
	} {
		args := append(strings.Fields(c.call), "--address", address)
		if code, out, errs := runProgram(t, args...); code != 0 || !strings.Contains(out, c.says) {
			t.Errorf("%s: code %d, %s%s", c.call, code, out, errs)
		}
	}
	counted(t, address, `sensory_seats{state="in"} 1`, "sensory_rooms 1", `outcome="spoken"} 1`)
	for _, c := range []struct{ call, says string }{
		{"persona mute --room lobby iris", "is muted"},
		{"persona mute --room lobby --off iris", "may speak again"},
		{"persona spawn --room lobby --voice espeak eve", "eve is in room lobby"},
		{"status seats", "eve "},
		{"persona show --room lobby eve", "voice      espeak\n"},
		{"persona remove --room lobby eve", "has left"},
	} {
		args := append(strings.Fields(c.call), "--address", address)
		if code, out, errs := runProgram(t, args...); code != 0 || !strings.Contains(out, c.says) {
			t.Errorf("%s: code %d, %s%s", c.call, code, out, errs)
		}
	}
	if code, out, errs := runProgram(t, "persona", "remove", "--room", "lobby", "iris", "--address", address); code != exitFailed || !strings.Contains(errs, "file") {
		t.Errorf("who was there first is not removed: code %d, %s%s", code, out, errs)
	}
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 || p.stderr.String() != "" {
		t.Errorf("code %d: %s", code, p.stderr.String())
	}
}
