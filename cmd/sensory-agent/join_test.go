package main

import (
	"io"
	"net/http"
	"regexp"
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
	if got := letsIn(t, address); got.URL != s.URL {
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

// letsIn: the console is there, with the script that it names, and may reach the server that the
// token it asks for is for.
func letsIn(t *testing.T, address string) pass {
	t.Helper()
	get := func(path string) (text, policy string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", "text/html")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(resp.Body)
		if _ = resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("the console, %s: %v, %d %s", path, err, resp.StatusCode, data)
		}
		return string(data), resp.Header.Get("Content-Security-Policy")
	}
	page, policy := get("/")
	script := regexp.MustCompile(`src="(/console/[^"]+\.js)"`).FindStringSubmatch(page)
	if !strings.Contains(page, `<div id="console">`) || script == nil {
		t.Fatalf("no console: %s", page)
	}
	if text, _ := get(script[1]); !strings.Contains(text, "Where the time went") {
		t.Errorf("%s is not the console's script: %.80s", script[1], text)
	}
	got := askToken(t, address, "", `{"participant_identity": "bob"}`)
	if got.code != http.StatusCreated || got.Token == "" || !strings.Contains(policy+" ", got.URL+" ") {
		t.Errorf("who comes by %q is let in as %+v", policy, got)
	}
	return got
}
